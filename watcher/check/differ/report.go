package differ

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Kind is what sort of difference it is.
type Kind string

// The kinds that may convict.
const (
	Status     Kind = "Status"
	ErrorPage  Kind = "ErrorPage"
	StackTrace Kind = "StackTrace"
	Empty      Kind = "Empty"
	Hole       Kind = "Hole"
	Null       Kind = "Null"
	LostForm   Kind = "LostForm"
	LostLink   Kind = "LostLink"
)

// The kinds that never do.
const (
	Added     Kind = "Added"
	Removed   Kind = "Removed"
	Changed   Kind = "Changed"
	Attribute Kind = "Attribute"
	Asset     Kind = "Asset"
	Header    Kind = "Header"
	Format    Kind = "Format"
)

// Difference is one thing that is not as it was.
type Difference struct {
	Kind Kind `json:"kind"`
	// Where is a path: main > p.greeting, or $.user.name.
	Where string `json:"where"`
	// Old and New are excerpts, redacted and bounded.
	Old string `json:"old,omitempty"`
	New string `json:"new,omitempty"`
	// Convicts tells whether it counts against the new revision.
	Convicts bool `json:"convicts"`
	// Why says what the rule saw.
	Why string `json:"why,omitempty"`
}

// Report is the outcome of a comparison.
type Report struct {
	// Comparable is false if nothing can be said, for the Reason given: the old
	// pods fail themselves, a pod asks for patience, a body was cut short.
	Comparable bool   `json:"comparable"`
	Reason     string `json:"reason,omitempty"`
	// Differences are at most MaxDifferences, those that convict first.
	Differences []Difference `json:"differences,omitempty"`
	// Omitted is how many more there were.
	Omitted int `json:"omitted,omitempty"`
	// Noise is how many places differed between the old pods.
	Noise int `json:"noise,omitempty"`
}

// What a report holds at most.
const (
	MaxDifferences = 32
	maxExcerpt     = 120
	maxFound       = 1024
)

// Convicts tells whether anything in the report counts against the new revision.
func (r *Report) Convicts() bool {
	return slices.ContainsFunc(r.Differences, func(d Difference) bool { return d.Convicts })
}

// Options are what is known besides the responses.
type Options struct {
	// Known are values that the persona is known to have, secret or not: they
	// are only looked for.
	Known []string
	// Redact takes secrets out of a text before it is shortened; nil for none.
	Redact func(string) string
}

// finder collects differences.
type finder struct {
	options Options
	report  Report
	found   []Difference
	seen    map[Difference]bool
}

func newFinder(o Options) *finder {
	return &finder{options: o, report: Report{Comparable: true}, seen: map[Difference]bool{}}
}

func (f *finder) add(kind Kind, where, old, now string) { f.note(kind, where, old, now, false, "") }

func (f *finder) convict(kind Kind, where, old, now, why string, args ...any) {
	f.note(kind, where, old, now, true, fmt.Sprintf(why, args...))
}

func (f *finder) note(kind Kind, where, old, now string, convicts bool, why string) {
	d := Difference{
		Kind: kind, Where: f.excerpt(where), Old: f.excerpt(old), New: f.excerpt(now), Convicts: convicts, Why: f.excerpt(why),
	}
	if f.seen[d] {
		return
	}
	if len(f.found) == maxFound && !convicts {
		f.report.Omitted++
		return
	}
	f.seen[d] = true
	f.found = append(f.found, d)
}

// excerpt makes a text of a page fit to leave.
func (f *finder) excerpt(s string) string {
	if f.options.Redact != nil {
		s = f.options.Redact(s)
	}
	if utf8.RuneCountInString(s) > maxExcerpt {
		s = string([]rune(s)[:maxExcerpt]) + "…"
	}
	return s
}

// done returns the report.
func (f *finder) done() Report {
	slices.SortStableFunc(f.found, func(a, b Difference) int {
		switch {
		case a.Convicts == b.Convicts:
			return 0
		case a.Convicts:
			return -1
		}
		return 1
	})
	n := min(len(f.found), MaxDifferences)
	f.report.Differences, f.report.Omitted = f.found[:n:n], f.report.Omitted+len(f.found)-n
	return f.report
}

// not says that nothing can be compared.
func not(format string, args ...any) Report {
	return Report{Reason: fmt.Sprintf(format, args...)}
}
