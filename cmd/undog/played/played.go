package played

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/policy"
)

// MaxDifferences is how many differences of a check are told.
const MaxDifferences = 4

// Sentence is what a check has shown, on one line. threshold is how many to
// one convicts, 0 if that is not known.
func Sentence(c policy.CheckEvidence, threshold int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "check %s: ", c.Check)
	switch {
	case c.New > 0:
		fmt.Fprintf(&b, "%d of %s failed", c.NewFailed, page.Count(c.New, "play"))
	case c.Inconclusive > 0:
		fmt.Fprintf(&b, "no result in %s", page.Count(c.Inconclusive, "play"))
	default:
		b.WriteString("not played yet")
	}
	if why := why(c); why != "" {
		b.WriteString(" (" + why + ")")
	}
	if c.Old > 0 {
		fmt.Fprintf(&b, "; the old revision %d of %d", c.OldFailed, c.Old)
	}
	if c.New > 0 && c.Inconclusive > 0 {
		fmt.Fprintf(&b, "; %d more without a result", c.Inconclusive)
	}
	switch {
	case c.Odds > 1 && threshold > 0:
		fmt.Fprintf(&b, "; %s to 1 against it, %s convicts", grouped(c.Odds), grouped(threshold))
	case c.Odds > 1:
		fmt.Fprintf(&b, "; %s to 1 against it", grouped(c.Odds))
	}
	return b.String()
}

// why is the last failure in a few words.
func why(c policy.CheckEvidence) string {
	var parts []string
	if c.Step != "" {
		parts = append(parts, "step "+strings.TrimPrefix(c.Step, "step "))
	}
	switch {
	case c.Reason != "" && c.Message != "":
		parts = append(parts, c.Reason+", "+c.Message)
	case c.Reason+c.Message != "":
		parts = append(parts, c.Reason+c.Message)
	}
	return strings.Join(parts, ": ")
}

// Details is what belongs below the sentence: what the pods answered, which
// ones, and what differs without being held against the revision.
func Details(c policy.CheckEvidence) []string {
	var lines []string
	if c.Excerpt != "" {
		lines = append(lines, "“"+strings.TrimSpace(c.Excerpt)+"”")
	}
	if len(c.Pods) > 0 {
		lines = append(lines, "as in "+strings.Join(c.Pods, ", "))
	}
	for i, d := range c.Differences {
		if i == MaxDifferences {
			lines = append(lines, fmt.Sprintf("and %s", page.Count(len(c.Differences)-i, "more difference")))
			break
		}
		lines = append(lines, Difference(d))
	}
	return lines
}

// Difference is one difference, on one line.
func Difference(d policy.Difference) string {
	what := "differs, not held against it: " + d.Kind
	if d.Where != "" {
		what += " at " + d.Where
	}
	switch {
	case d.Old == "" && d.New == "":
		return what
	case d.Old == "":
		return what + ": now “" + d.New + "”"
	case d.New == "":
		return what + ": no longer “" + d.Old + "”"
	}
	return what + ": “" + d.Old + "” → “" + d.New + "”"
}

// Reported is a verdict from outside, on one line without its time.
func Reported(r policy.Reported) string {
	text := "reported bad"
	if r.Good {
		text = "reported good"
	}
	if r.By != "" {
		text += " by " + r.By
	}
	return text + ": " + r.Reason
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
