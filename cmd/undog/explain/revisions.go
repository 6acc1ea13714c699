package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// maxRevisions is how many revisions without pods or a part to play are shown.
const maxRevisions = 4

// revisions is a table of what each revision looks like.
func (s *sheet) revisions() {
	s.page.Title("Revisions")
	columns := []page.Column{
		{Head: "NO", Right: true},
		{Head: "AGE", Right: true},
		{Head: "IMAGES", Elastic: true},
		{Head: "PODS", Right: true},
		{Head: "STARTED", Right: true},
		{Head: "READY", Right: true},
		{Head: "IS", Elastic: true},
		{Head: "ON RECORD"},
	}
	var rows [][]string
	idle, left := 0, 0
	for _, r := range s.newestFirst() {
		if s.idle(&r) {
			if idle++; idle > maxRevisions {
				left++
				continue
			}
		}
		age := "–"
		if !r.CreatedAt.IsZero() {
			age = page.Span(s.now.Sub(r.CreatedAt))
		}
		pods := fmt.Sprint(r.Pods)
		if r.Desired != r.Pods {
			pods = fmt.Sprintf("%d of %d", r.Pods, r.Desired)
		}
		rows = append(rows, []string{
			number(r.RevisionRef), age, short(r.Images), pods, fmt.Sprint(r.Started), fmt.Sprint(r.Ready),
			s.part(&r), s.onRecord(r.RevisionRef),
		})
	}
	if len(rows) == 0 {
		s.page.Text(2, page.Plain, "none: no ReplicaSet is known to belong to the Deployment")
		return
	}
	s.page.Table(2, columns, rows)
	if left > 0 {
		s.page.Text(2, page.Plain, fmt.Sprintf("and %s without pods; undog history %s has them all", page.Count(left, "older revision"), s.Workload))
	}
}

// short is the images without their registries.
func short(images []string) string {
	names := make([]string, len(images))
	for i, image := range images {
		names[i] = image[strings.LastIndex(image, "/")+1:]
	}
	return strings.Join(names, " ")
}

func number(r policy.RevisionRef) string {
	if r.Number == 0 {
		return "–"
	}
	return fmt.Sprint(r.Number)
}

// newestFirst is every revision, also the target when only the ledger has it.
func (s *sheet) newestFirst() []policy.Revision {
	all := slices.Clone(s.Revisions)
	for _, t := range s.Targets {
		known := func(r policy.Revision) bool { return r.UID == t.Revision.UID || r.Template == t.Revision.Template }
		if t.Chosen && !slices.ContainsFunc(all, known) {
			all = append(all, policy.Revision{RevisionRef: t.Revision})
		}
	}
	slices.SortStableFunc(all, func(a, b policy.Revision) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), b.CreatedAt.Compare(a.CreatedAt))
	})
	return all
}

// idle tells whether nothing depends on a revision now.
func (s *sheet) idle(r *policy.Revision) bool {
	return r.Pods+r.Desired+r.Lost+r.Disrupted == 0 && s.part(r) == "–"
}

// part is the part that a revision plays now.
func (s *sheet) part(r *policy.Revision) string {
	current := r.UID == s.Current.UID
	switch {
	case current && s.chosen(r.RevisionRef):
		return "current, target"
	case current:
		return "current"
	case s.chosen(r.RevisionRef):
		return "target"
	case r.Pods > 0:
		return "being replaced"
	}
	return "–"
}

func (s *sheet) chosen(r policy.RevisionRef) bool {
	return slices.ContainsFunc(s.Targets, func(t policy.TargetChoice) bool {
		return t.Chosen && (t.Revision.UID == r.UID || t.Revision.Template == r.Template)
	})
}

// onRecord is the ledger's verdict on a revision in a few words.
func (s *sheet) onRecord(r policy.RevisionRef) string {
	rec, ok := RecordOf(s.Records, r)
	if !ok {
		return "no verdict"
	}
	return Outcome(rec, s.Rollbacks, s.now)
}

// named is a revision by number and image.
func named(r policy.RevisionRef) string {
	text := "revision " + number(r)
	if r.Number == 0 {
		text = "revision " + r.Name
	}
	if len(r.Images) > 0 {
		text += " (" + short(r.Images[:1]) + ")"
	}
	return text
}
