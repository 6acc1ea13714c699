package check

// Judge says what a result of the new revision is worth, given results of the
// same check on pods of the old revision at the same moment.
//
//	new           old                     judged
//	Passed        any                     Passed
//	Failed        none played             Failed: expectations need no baseline
//	Failed        one passed, none failed Failed
//	Failed        one failed              Inconclusive: the check, or what both depend on
//	Failed        all inconclusive        Inconclusive: nothing to hold it against
//	no answer     one passed, none silent Failed: the old one answered at that moment
//	no answer     anything else           Inconclusive
//	Inconclusive  any                     Inconclusive
//
// No answer is what Reason.Unserved says: silence, or redirects without end. The result comes
// back with its message completed.
func Judge(result Result, old ...Result) Result {
	var passed, failed, silent int
	for _, o := range old {
		switch {
		case o.Outcome == Passed:
			passed++
		case o.Outcome == Failed:
			failed++
		case o.Reason.Unserved():
			silent++
		}
	}
	switch {
	case result.Outcome == Failed && failed > 0:
		result.Outcome = Inconclusive
		result.Message += "; it fails on the old revision too, so the check is wrong or what both depend on is away"
	case result.Outcome == Failed && len(old) > 0 && passed == 0:
		result.Outcome = Inconclusive
		result.Message += "; the old revision gave no result at that moment to hold it against"
	case result.Outcome == Inconclusive && result.Reason.Unserved() && passed > 0 && failed+silent == 0:
		result.Outcome = Failed
		result.Message += "; the old revision answered at the same moment"
	}
	return result
}
