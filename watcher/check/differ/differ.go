package differ

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/form"
)

// The formats of a page.
const (
	isHTML   = "HTML"
	isJSON   = "JSON"
	isText   = "text"
	isBinary = "binary"
	isEmpty  = "empty"
)

// page is a response made ready to be compared.
type page struct {
	Status int    `json:"status"`
	Format string `json:"format"`
	// Root is nil for a binary body, of which Sum is left.
	Root    *node    `json:"root,omitempty"`
	Sum     uint64   `json:"sum,omitempty"`
	Assets  []string `json:"assets,omitempty"`
	Headers []string `json:"headers,omitempty"`
	// Failing and Traced tell that it is an error page already.
	Failing bool `json:"failing,omitempty"`
	Traced  bool `json:"traced,omitempty"`
	// Cut is set if not all of it was read.
	Cut bool `json:"cut,omitempty"`

	trace string
	title *node
}

// maxBody is how much of a body is looked at; comparing takes a moment per
// 100 KiB of it.
const maxBody = 1 << 20

// Compare compares what two pods of the old revision and one of the new
// answered to the same request at the same moment.
func Compare(oldA, oldB, now *check.Response, o Options) Report {
	if why := unfit(oldA, oldB, now); why != "" {
		return not("%s", why)
	}
	known := slices.Concat(o.Known, prefilled(oldA.Body))
	read := func(r *check.Response) *page { return newBuilder(known).page(r) }
	a, b := read(oldA), read(oldB)
	noise, why := a.settle(b)
	if why != "" {
		return not("%s", why)
	}
	f := newFinder(o)
	f.report.Noise = noise
	f.pages(a, read(now))
	return f.done()
}

// unfit says why responses cannot be compared, or nothing.
func unfit(oldA, oldB, now *check.Response) string {
	switch {
	case oldA == nil || oldB == nil:
		return "an old pod gave no answer"
	case now == nil:
		return "the new pod gave no answer"
	case now.Status == http.StatusTooManyRequests || oldA.Status == http.StatusTooManyRequests || oldB.Status == http.StatusTooManyRequests:
		return "a pod asks for patience (429)"
	case class(oldA.Status) != class(oldB.Status):
		return "the old pods disagree: " + strconv.Itoa(oldA.Status) + " and " + strconv.Itoa(oldB.Status)
	case oldA.Status >= 500:
		return "the old pods fail themselves: " + strconv.Itoa(oldA.Status)
	}
	return ""
}

// class ranks a status: what a persona can use, what it asked wrongly, what failed.
func class(status int) int {
	switch {
	case status >= 500:
		return 2
	case status >= 400:
		return 1
	}
	return 0
}

// prefilled are the values that a page has in its fields: what the
// application knows of its user.
func prefilled(body []byte) []string {
	body = body[:min(len(body), maxBody)]
	var out []string
	for _, f := range form.All(body) {
		for _, field := range f.Fields {
			if (field.Type == "text" || field.Type == "email") && field.Value != "" && len(field.Value) >= 3 && len(field.Value) <= 100 && len(out) < 16 {
				out = append(out, field.Value)
			}
		}
	}
	return out
}

// page reads a response.
func (b *builder) page(r *check.Response) *page {
	b.path = r.Path
	if len(r.Body) > maxBody {
		short := *r
		short.Body, short.Truncated = r.Body[:maxBody], true
		r = &short
	}
	p := &page{Status: r.Status, Format: format(r), Cut: r.Truncated}
	switch p.Format {
	case isHTML:
		p.Root, p.Assets = b.html(r.Body)
		p.title, p.Failing = failing(p.Root)
	case isJSON:
		v, _ := r.JSON() // format has tried it.
		p.Root = b.json(v, 0)
		p.Root.seal(nil)
	case isText, isEmpty:
		p.Root = b.lines(r.Body)
	case isBinary:
		p.Sum = b.hash(string(r.Body))
	}
	if p.Format != isBinary {
		p.trace = traced(r.Body)
		p.Traced = p.trace != ""
	}
	for name := range r.Header {
		p.Headers = append(p.Headers, name)
	}
	slices.Sort(p.Headers)
	p.Headers = p.Headers[:min(len(p.Headers), 64)]
	p.Cut = p.Cut || b.cut
	return p
}

// lines makes a tree of a text.
func (b *builder) lines(body []byte) *node {
	root := &node{Tag: "text"}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimRight(line, "\r\n")
		tokens := b.split(nil, line, "")
		if b.nodes--; len(tokens) == 0 || b.nodes < 0 {
			continue
		}
		b.mark(tokens)
		root.Kids = append(root.Kids, &node{Tag: run, Tokens: tokens, Tail: tail(line)})
	}
	root.seal(nil)
	return root
}

func format(r *check.Response) string {
	kind := strings.ToLower(r.Header.Get("Content-Type"))
	body := bytes.TrimSpace(r.Body)
	switch {
	case len(body) == 0:
		return isEmpty
	case strings.Contains(kind, "html"), kind == "" && body[0] == '<':
		return isHTML
	case strings.Contains(kind, "json"), kind == "" && (body[0] == '{' || body[0] == '['):
		if _, err := r.JSON(); err == nil {
			return isJSON
		}
		return isText
	case !utf8.Valid(r.Body) || strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "font/") ||
		strings.HasPrefix(kind, "application/octet-stream") || bytes.IndexByte(r.Body, 0) >= 0:
		return isBinary
	}
	return isText
}

// settle marks in the first old page what differs in the second.
func (p *page) settle(other *page) (noise int, why string) {
	switch {
	case p.Format != other.Format:
		return 0, "the old pods answer in different formats: " + p.Format + " and " + other.Format
	case p.Root != nil:
		noise = mask(p.Root, other.Root)
	case p.Sum != other.Sum:
		p.Sum, noise = 0, 1
	}
	p.Failing, p.Traced = p.Failing || other.Failing, p.Traced || other.Traced
	p.Cut = p.Cut || other.Cut
	keep := func(list, in []string) []string {
		return slices.DeleteFunc(list, func(s string) bool { return !slices.Contains(in, s) })
	}
	p.Assets, p.Headers = keep(p.Assets, other.Assets), keep(p.Headers, other.Headers)
	return noise, ""
}

// pages compares a settled old page with a new one.
func (f *finder) pages(old, now *page) {
	if class(now.Status) > class(old.Status) {
		shown := ""
		if now.Root != nil {
			shown = " " + now.Root.text()
		}
		f.convict(Status, "status", strconv.Itoa(old.Status), strconv.Itoa(now.Status)+shown, "a worse status than on both old pods")
		return
	}
	if now.Status != old.Status {
		f.add(Status, "status", strconv.Itoa(old.Status), strconv.Itoa(now.Status))
	}
	if class(now.Status) < class(old.Status) {
		return // What was an error page before is nothing to hold it against.
	}
	if now.Traced && !old.Traced {
		f.convict(StackTrace, "body", "", now.trace, "a stack trace that neither old pod shows")
	}
	if now.Failing && !old.Failing {
		f.convict(ErrorPage, now.title.where(), "", now.title.text(), "the page calls itself an error")
		return // The rest is what an error page does not have.
	}
	f.bodies(old, now)
	f.names(Asset, old.Assets, now.Assets)
	f.names(Header, old.Headers, now.Headers)
}

// bodyless tells whether a status comes without a body.
func bodyless(status int) bool {
	return status == http.StatusNoContent || status >= 300 && status < 400
}

func (f *finder) bodies(old, now *page) {
	switch {
	case old.Format != now.Format && now.Format == isEmpty:
		f.note(Empty, "body", old.Format, "", !bodyless(now.Status) && old.Status < 300, "the whole body is empty")
	case old.Format != now.Format:
		f.add(Format, "body", old.Format, now.Format)
	case old.Format == isBinary:
		if old.Sum != 0 && old.Sum != now.Sum {
			f.add(Changed, "body", "", "")
		}
	case old.Format == isJSON:
		f.document(old.Root, now.Root)
	default:
		c := f.compare(old.Root, now.Root)
		if old.Format == isHTML && !old.Cut && !now.Cut {
			c.losses()
		}
	}
}

// names compares lists of names.
func (f *finder) names(kind Kind, old, now []string) {
	for _, name := range old {
		if !slices.Contains(now, name) {
			f.add(kind, strings.ToLower(string(kind)), name, "")
		}
	}
	for _, name := range now {
		if !slices.Contains(old, name) {
			f.add(kind, strings.ToLower(string(kind)), "", name)
		}
	}
}
