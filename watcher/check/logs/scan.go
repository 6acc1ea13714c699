package logs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/undog-dev/undog/watcher/check/redact"
)

const (
	// maxBytes is how much is read in one look at a pod.
	maxBytes = 1 << 20
	// maxLine is how much of a line is matched.
	maxLine = 64 << 10
)

// finding is the first line that matched.
type finding struct {
	pattern *regexp.Regexp
	line    string
}

// scan reads lines, of one log after the other.
type scan struct {
	check *Check
	// began is where the look began, and repeated how many lines of that very
	// time came up again; mark is how far it got.
	began, mark mark
	repeated    int
	// room is how many bytes may still be read.
	room  int
	found *finding
}

// cut tells whether there was more than may be read.
func (s *scan) cut() bool { return s.room <= 0 }

// lines reads a log to its end, or as far as there is room.
func (s *scan) lines(log io.Reader) error {
	in := bufio.NewReaderSize(log, maxLine)
	foreign, own := "", false
	for s.room > 0 {
		line, err := s.next(in)
		if err != nil && len(line) == 0 {
			if errors.Is(err, io.EOF) && foreign != "" && !own {
				// The node answers so when it has lost the log.
				return fmt.Errorf("%w: %s", ErrNone, foreign)
			}
			return err
		}
		at, text, ok := split(line)
		switch {
		case !ok:
			if foreign == "" && len(bytes.TrimSpace(line)) > 0 {
				foreign = redact.Line(whole(line, line), maxMessage)
			}
		case s.fresh(at):
			own = true
			s.match(line, text)
		default:
			own = true
		}
	}
	return nil
}

// next is the beginning of the next line. Its rest is read and thrown away.
func (s *scan) next(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	s.room -= len(line)
	if !errors.Is(err, bufio.ErrBufferFull) {
		return bytes.TrimRight(line, "\r\n"), quiet(err, len(line))
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) && s.room > 0 {
		var more []byte
		more, err = in.ReadSlice('\n')
		s.room -= len(more)
	}
	return line, nil
}

// quiet is no error where a last line has no end of its own.
func quiet(err error, n int) error {
	if n > 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// split takes the time off a line.
func split(line []byte) (at time.Time, text []byte, ok bool) {
	stamp, text, _ := bytes.Cut(line, []byte(" "))
	if len(stamp) > len("2006-01-02T15:04:05.999999999+00:00") {
		return time.Time{}, nil, false
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	return at, text, err == nil
}

// fresh tells whether a line was not read in an earlier look, and moves the mark.
// Lines of one time come in the same order again; those of the two streams of a
// container may be a little out of order.
func (s *scan) fresh(at time.Time) bool {
	switch {
	case at.After(s.mark.line):
		s.mark.line, s.mark.times = at, 1
	case at.Equal(s.mark.line) && at.After(s.began.line):
		s.mark.times++
	}
	if !at.Equal(s.began.line) {
		return at.After(s.began.line)
	}
	s.repeated++
	if s.mark.line.Equal(at) {
		s.mark.times = max(s.mark.times, s.repeated)
	}
	return s.repeated > s.began.times
}

// whole is the text of a line without the word that its end goes through, if it
// was cut: that may be half a secret.
func whole(line, text []byte) string {
	if len(line) == maxLine {
		return redact.Unfinished(string(text))
	}
	return string(text)
}

// match looks for the first line that speaks against the pod.
func (s *scan) match(line, text []byte) {
	c := s.check
	if s.found != nil || !c.any.Match(text) || c.ignore != nil && c.ignore.Match(text) {
		return
	}
	s.found = &finding{pattern: c.any, line: strings.ToValidUTF8(whole(line, text), "\uFFFD")}
	for _, p := range c.patterns {
		if p.Match(text) {
			s.found.pattern = p
			return
		}
	}
}
