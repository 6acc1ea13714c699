package cel

import (
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// sizes tells the estimate how long the lists and texts of a case can be. What
// is longer in truth is stopped by the count at run time.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(n cost.AstNode) *cost.SizeEstimate {
	if len(n.Path()) == 0 {
		return nil
	}
	switch n.Type().Kind() {
	case types.StringKind:
		return &cost.SizeEstimate{Max: maxText}
	case types.ListKind:
		if n.Path()[0] == "changes" {
			return &cost.SizeEstimate{Max: maxChanges}
		}
		return &cost.SizeEstimate{Max: maxList}
	case types.MapKind:
		return &cost.SizeEstimate{Max: maxList}
	default:
		return nil
	}
}

// EstimateCallCost implements cost.Estimator: the usual costs will do.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

const (
	// maxText is policy.MaxMessage, the longest text of a case.
	maxText = 256
	// maxList is policy.MaxFailures, the longest list beside the changes.
	maxList    = 16
	maxChanges = 64
)
