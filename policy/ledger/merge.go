package ledger

import "github.com/undog-dev/undog/policy"

// merge is what to keep of a revision of which stored is already kept and next
// is to be. Several undogs may write at once, so nothing that one of them
// learnt may be lost: a verdict is never made provisional again, Bad stays Bad unless it is withdrawn, and a note stays.
// Otherwise next is kept, with the time at which the verdict was first written.
func merge(stored, next policy.Record) policy.Record {
	out, other := next, stored
	if stored.Verdict != policy.Provisional && next.Verdict == policy.Provisional ||
		stored.Verdict == policy.Bad && next.Verdict == policy.Good && next.Withdrawn == nil ||
		stored.Withdrawn != nil && next.Withdrawn == nil {
		out, other = stored, next
	}
	if stored.Verdict == next.Verdict && stored.DecisionID == next.DecisionID && !stored.At.IsZero() {
		out.At = stored.At
	}
	if len(out.Digests) == 0 {
		out.Digests = other.Digests
	}
	if len(out.Captured) == 0 && stored.DecisionID == next.DecisionID {
		out.Captured = other.Captured
	}
	out.Refused = newer(out.Refused, other.Refused)
	out.Contested = newer(out.Contested, other.Contested)
	out.Withdrawn = newer(out.Withdrawn, other.Withdrawn)
	return out
}

func newer(a, b *policy.Note) *policy.Note {
	if a == nil || (b != nil && b.At.After(a.At)) {
		return b
	}
	return a
}
