package notify

import "time"

// Check is what one check has shown of the revision: a script played on its
// pods and, at the same moment, on those of the revision that it replaces.
type Check struct {
	// Name is the check's, as it is configured.
	Name string `json:"name"`
	// New and Old count the plays that gave a result, NewFailed and OldFailed
	// those of them that failed, Inconclusive those that gave none.
	New          int `json:"new"`
	NewFailed    int `json:"newFailed"`
	Old          int `json:"old,omitempty"`
	OldFailed    int `json:"oldFailed,omitempty"`
	Inconclusive int `json:"inconclusive,omitempty"`
	// Odds is how many to one the comparison with the old revision stands
	// against the new one; 1, or absent, when it says nothing.
	Odds int64 `json:"odds,omitempty"`
	// Reason is CamelCase. It, Step, Message and Excerpt are those of the last
	// failure or, if there was none, of the last play that gave no result.
	Reason  string `json:"reason,omitempty"`
	Step    string `json:"step,omitempty"`
	Message string `json:"message,omitempty"`
	Excerpt string `json:"excerpt,omitempty"`
	// Pods names some of the pods that failed.
	Pods []string `json:"pods,omitempty"`
	// Differences are told and not held against the revision.
	Differences []Difference `json:"differences,omitempty"`
}

// Difference is something that changed between what two revisions answered.
type Difference struct {
	// Kind says what it is that differs, Where its place, Old and New what it was
	// and what it is.
	Kind  string `json:"kind"`
	Where string `json:"where"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// Reported is a verdict that came from outside.
type Reported struct {
	// At is when it came.
	At time.Time `json:"at"`
	// Good is the verdict, Reason what was said for it.
	Good   bool   `json:"good"`
	Reason string `json:"reason"`
	// By is who reported it, in their own words.
	By string `json:"by,omitempty"`
}

// cloneChecks copies what the cuts change.
func cloneChecks(in []Check) []Check {
	if len(in) == 0 {
		return in
	}
	out := make([]Check, len(in))
	for i, c := range in {
		c.Pods = append([]string(nil), c.Pods...)
		c.Differences = append([]Difference(nil), c.Differences...)
		out[i] = c
	}
	return out
}

// shortenChecks cuts the texts of checks.
func (d *Data) shortenChecks(limit int) {
	for i := range d.Checks {
		c := &d.Checks[i]
		for _, s := range []*string{&c.Name, &c.Reason, &c.Step, &c.Message, &c.Excerpt} {
			d.shorten(s, limit)
		}
		for j := range c.Pods {
			d.shorten(&c.Pods[j], limit)
		}
		for j := range c.Differences {
			v := &c.Differences[j]
			for _, s := range []*string{&v.Kind, &v.Where, &v.Old, &v.New} {
				d.shorten(s, limit)
			}
		}
	}
	if d.Reported != nil {
		d.shorten(&d.Reported.Reason, limit)
		d.shorten(&d.Reported.By, limit)
	}
}

// keepChecks leaves out all checks after the first so many, and of each of
// those all differences after the first so many.
func (d *Data) keepChecks(checks, differences int) {
	for i := range d.Checks {
		c := &d.Checks[i]
		if n := len(c.Differences) - differences; n > 0 && i < checks {
			c.Differences, d.Cut.Differences = c.Differences[:differences], d.Cut.Differences+n
		}
		if len(c.Pods) > maxCheckPods {
			c.Pods = c.Pods[:maxCheckPods]
		}
	}
	if n := len(d.Checks) - checks; n > 0 {
		d.Checks, d.Cut.Checks = d.Checks[:checks], d.Cut.Checks+n
	}
}

// maxCheckPods is how many pods of a check an event names that had to be cut.
const maxCheckPods = 4
