package body

import (
	"bytes"
	"regexp"
	"strconv"

	"github.com/undog-dev/undog/watcher/check"
)

// Text is what was read.
type Text struct {
	Bytes []byte
	// Truncated says that there was more.
	Truncated bool
	// What it is called in sentences, such as body or output.
	What string
}

// Held is how an expectation fared. Reason is empty if it held or plainly did
// not, and says why nobody can tell otherwise.
type Held struct {
	OK     bool
	Reason check.Reason
	// Found says what was found instead. It holds parts of the text.
	Found string
	// Start and End are where what should not be there is; both 0 otherwise.
	Start, End int
}

// Contains tells whether the text contains another, or, unless want, does not.
func Contains(t Text, part string, want bool) Held {
	at := bytes.Index(t.Bytes, []byte(part))
	switch {
	case at < 0:
		return t.absent(want, "it does not")
	case want:
		return Held{OK: true}
	}
	return Held{Found: "it does", Start: at, End: at + len(part)}
}

// Matches tells whether the text matches, or, unless want, does not.
func Matches(t Text, pattern *regexp.Regexp, want bool) Held {
	at := pattern.FindIndex(t.Bytes)
	switch {
	case at == nil:
		return t.absent(want, "it does not")
	case want:
		return Held{OK: true}
	}
	return Held{Found: "it has " + strconv.Quote(string(t.Bytes[at[0]:at[1]])), Start: at[0], End: at[1]}
}

// absent is for what is not in the part that was read.
func (t Text) absent(want bool, found string) Held {
	switch {
	case t.Truncated:
		return Held{Reason: check.ReasonTooLarge, Found: "the " + t.What + " is longer than the " + strconv.Itoa(len(t.Bytes)) + " bytes that are read"}
	case want:
		return Held{Found: found}
	}
	return Held{OK: true}
}
