package explain

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// Answer is an Explanation and where it comes from. Its JSON is that of the
// Explanation with two more fields.
type Answer struct {
	policy.Explanation
	// Cluster is the cluster's name in undog's configuration.
	Cluster string `json:"cluster"`
	// Source says who judged; Notes what is to be known about it.
	Source string   `json:"source,omitempty"`
	Notes  []string `json:"notes,omitempty"`
	// Afresh says that it was judged for this answer alone, by nobody who could
	// act; Would then says what a running undog would do now.
	Afresh bool   `json:"afresh,omitempty"`
	Would  string `json:"would,omitempty"`
}

// WriteJSON writes the answer for programs.
func (a *Answer) WriteJSON(out io.Writer) error {
	data, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the explanation: %w", err)
	}
	if _, err := out.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}

// Lay lays the answer out for people; times are told in a zone.
func (a *Answer) Lay(p *page.Page, zone *time.Location) {
	s := sheet{Answer: a, page: p, now: a.At.In(zone)}
	s.head()
	s.changes()
	s.revisions()
	s.evidence()
	s.checks()
	s.rules()
	s.vetoes()
	s.targets()
	s.records()
	s.next()
}

// sheet is an answer on its way to the page.
type sheet struct {
	*Answer

	page *page.Page
	now  time.Time
}
