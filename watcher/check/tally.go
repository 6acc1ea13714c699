package check

// Counts says whether the result of one pod counts, and as a failure. answered
// tells whether any pod that was asked at that moment passed: then one that
// stayed silent has failed. The side that the pod is on plays no part, so that
// noise speaks against neither.
func (r Result) Counts(answered bool) (counted, failed bool) {
	switch {
	case r.Outcome == Failed:
		return true, true
	case r.Outcome == Passed:
		return true, false
	case r.Reason.Unserved() && answered:
		return true, true
	}
	return false, false
}

// Tally makes a sample of what the pods of both revisions gave at one moment. Of
// several new pods the first that failed is judged, else the first that stayed
// silent, else one that passed. The pods of the sample have no nodes.
func Tally(fresh, old []Result) Sample {
	var s Sample
	answered := passed(fresh) || passed(old)
	judged := -1
	for i, r := range fresh {
		counted, failed := r.Counts(answered)
		if judged < 0 || better(r, fresh[judged]) {
			judged = i
		}
		if counted {
			s.New++
			s.Pods = append(s.Pods, Pod{Name: r.Pod, Failed: failed})
		}
		if failed {
			s.NewFailed++
			s.Absolute = s.Absolute || r.Outcome == Failed
		}
	}
	for _, r := range old {
		counted, failed := r.Counts(answered)
		if counted {
			s.Old++
		}
		if failed {
			s.OldFailed++
		}
	}
	if judged >= 0 {
		s.Result = Judge(fresh[judged], old...)
	}
	return s
}

// better tells whether a says more than b.
func better(a, b Result) bool { return rank(a) < rank(b) }

func rank(r Result) int {
	switch {
	case r.Outcome == Failed:
		return 0
	case r.Outcome == Inconclusive && r.Reason.Unserved():
		return 1
	case r.Outcome == Passed:
		return 2
	}
	return 3
}

func passed(results []Result) bool {
	for _, r := range results {
		if r.Outcome == Passed {
			return true
		}
	}
	return false
}
