package page

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// The widths, in columns.
const (
	// Default is for what is no terminal.
	Default = 96
	// Narrowest and Widest bound what a terminal may ask for: beyond, sentences
	// are hard to read.
	Narrowest = 60
	Widest    = 100
)

// Style is how a text stands out on a terminal. It is never the only sign of
// anything.
type Style string

// The styles.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Red    Style = "31"
	Yellow Style = "33"
	Green  Style = "32"
)

// Page is a text that is being laid out.
type Page struct {
	width  int
	colour bool
	b      strings.Builder
}

// New returns an empty page. With colour it is for a terminal.
func New(width int, colour bool) *Page {
	return &Page{width: min(max(width, Narrowest), Widest), colour: colour}
}

// For returns an empty page that suits where it will be written: as wide as
// the terminal, coloured unless $NO_COLOR says otherwise, plain for all else.
func For(out io.Writer) *Page {
	file, ok := out.(*os.File)
	if !ok {
		return New(Default, false)
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return New(Default, false)
	}
	width := int(size.Col)
	if width == 0 {
		width = Default
	}
	return New(width, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// Title begins a section.
func (p *Page) Title(text string) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.Text(0, Bold, text)
}

// Text writes a paragraph, indented by so many columns.
func (p *Page) Text(indent int, style Style, text string) {
	p.Item(indent, Plain, "", style, text)
}

// Item writes a paragraph that hangs from a mark.
func (p *Page) Item(indent int, markStyle Style, mark string, style Style, text string) {
	mark, left := Clean(mark), strings.Repeat(" ", indent)
	hang := indent + Columns(mark)
	for i, line := range wrap(Clean(text), p.width-hang) {
		if i == 0 {
			p.b.WriteString(strings.TrimRight(left+p.styled(markStyle, mark)+p.styled(style, line), " "))
		} else {
			p.b.WriteString(strings.Repeat(" ", hang) + p.styled(style, line))
		}
		p.b.WriteByte('\n')
	}
}

// styled is the text as a terminal shows it.
func (p *Page) styled(style Style, text string) string {
	if !p.colour || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// String is the page so far.
func (p *Page) String() string { return p.b.String() }

// WriteTo writes the page.
func (p *Page) WriteTo(out io.Writer) (int64, error) {
	n, err := io.WriteString(out, p.b.String())
	if err != nil {
		return int64(n), fmt.Errorf("write the page: %w", err)
	}
	return int64(n), nil
}
