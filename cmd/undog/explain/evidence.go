package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// evidence is what the pods of each revision show, the current one's first.
func (s *sheet) evidence() {
	s.page.Title("Evidence")
	all := s.newestFirst()
	slices.SortStableFunc(all, func(a, b policy.Revision) int { return s.rank(a) - s.rank(b) })
	none := true
	for i := range all {
		lines := s.shown(&all[i])
		if len(lines) == 0 {
			continue
		}
		none = false
		s.page.Text(2, page.Plain, fmt.Sprintf("%s, %s on %s", named(all[i].RevisionRef), page.Count(all[i].Pods, "pod"), page.Count(all[i].Nodes, "node")))
		for _, line := range lines {
			s.page.Item(4, page.Plain, line.mark, page.Plain, line.text)
		}
	}
	if none {
		s.page.Text(2, page.Plain, "none: no pod of any revision shows a failure or is being waited for")
	}
}

func (s *sheet) rank(r policy.Revision) int {
	if r.UID == s.Current.UID {
		return 0
	}
	return 1
}

// shownLine is a line of evidence; without a mark it belongs to the one above.
type shownLine struct{ mark, text string }

// shown is everything that a revision shows.
func (s *sheet) shown(r *policy.Revision) []shownLine {
	var lines []shownLine
	add := func(format string, args ...any) {
		lines = append(lines, shownLine{"- ", fmt.Sprintf(format, args...)})
	}
	for i := range r.Failures {
		lines = append(lines, s.failure(&r.Failures[i])...)
	}
	if r.Cut > 0 {
		add("and %s more", page.Count(r.Cut, "kind")+" of failure")
	}
	if n := len(r.Waiting); n > 0 {
		add("%s started and not ready, the longest for %s%s%s", are(n, policy.MaxWaiting), s.since(r.Waiting[0]), allowed(r.ProbeBudget), asIn(r.WaitingPods))
	}
	if n := len(r.Initializing); n > 0 {
		add("%s still in an init container, the longest for %s%s", are(n, policy.MaxWaiting), s.since(r.Initializing[0]), asIn(r.InitializingPods))
	}
	if pending := r.Pods - r.Scheduled; pending > 0 {
		add("%s no node yet", have(pending))
	}
	if c := r.ReplicaFailure; c.Holds() {
		add("pods cannot be created: %s", sentence(c.Reason, c.Message))
	}
	if r.Lost > 0 {
		add("%s on nodes that are not ready: counted nowhere", page.Count(r.Lost, "more pod"))
	}
	if r.Disrupted > 0 {
		add("%s being deleted, evicted or drained: counted nowhere", page.Count(r.Disrupted, "more pod"))
	}
	return append(lines, moved(r.Digests)...)
}

// failure is one kind of failure with its numbers.
func (s *sheet) failure(f *policy.Failure) []shownLine {
	var b strings.Builder
	b.WriteString(f.Reason)
	if f.Exited {
		fmt.Fprintf(&b, ", exit code %d%s", f.ExitCode, signal(f.ExitCode))
	}
	if f.Container != "" {
		kind := " in container "
		if f.Init {
			kind = " in init container "
		}
		b.WriteString(kind + f.Container)
	}
	fmt.Fprintf(&b, ": %s", page.Count(f.Count, "time"))
	if f.MaxCount < f.Count {
		fmt.Fprintf(&b, ", at most %d in one pod", f.MaxCount)
	}
	if f.Pods > 0 {
		fmt.Fprintf(&b, "; %s it now, on %s", shows(f.Pods), page.Count(f.Nodes, "node"))
	} else {
		b.WriteString("; no pod shows it now")
	}
	if !f.Last.IsZero() {
		fmt.Fprintf(&b, "; last %s", page.Ago(f.Last, s.now))
		if f.First.Before(f.Last) && !f.First.IsZero() {
			fmt.Fprintf(&b, ", first %s", page.Ago(f.First, s.now))
		}
	}
	lines := []shownLine{{"- ", b.String() + asIn(f.Samples)}}
	if f.Message != "" {
		lines = append(lines, shownLine{"  ", "“" + strings.TrimSpace(f.Message) + "”"})
	}
	return lines
}

// signal names what an exit code beyond 128 stands for.
func signal(code int32) string {
	switch code {
	case 134:
		return " (SIGABRT, it aborted)"
	case 137:
		return " (SIGKILL, it was killed)"
	case 139:
		return " (SIGSEGV, it crashed)"
	case 143:
		return " (SIGTERM, it was told to stop)"
	}
	return ""
}

// moved tells of tags that turned out to be several images.
func moved(digests []policy.Digest) []shownLine {
	var lines []shownLine
	for i := 1; i < len(digests); i++ {
		first := i < 2 || digests[i-2].Container != digests[i].Container
		if digests[i].Container == digests[i-1].Container && first {
			lines = append(lines, shownLine{"- ", fmt.Sprintf("the image's tag was moved: container %s runs %s here and %s there",
				digests[i].Container, digests[i-1].Digest, digests[i].Digest)})
		}
	}
	return lines
}

func (s *sheet) since(at time.Time) string { return page.Span(s.now.Sub(at)) }

func asIn(pods []string) string {
	if len(pods) == 0 {
		return ""
	}
	return "; as in " + strings.Join(pods, ", ")
}

func allowed(budget time.Duration) string {
	if budget == 0 {
		return ""
	}
	return fmt.Sprintf(" (its own probes allow %s)", page.Span(budget))
}

func are(n, most int) string {
	switch {
	case n == 1:
		return "1 pod is"
	case n >= most:
		return fmt.Sprintf("%d pods or more are", n)
	}
	return fmt.Sprintf("%d pods are", n)
}

func have(n int32) string {
	if n == 1 {
		return "1 pod has"
	}
	return fmt.Sprintf("%d pods have", n)
}

func shows(n int32) string {
	if n == 1 {
		return "1 pod shows"
	}
	return fmt.Sprintf("%d pods show", n)
}
