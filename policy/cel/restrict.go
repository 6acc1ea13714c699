package cel

import (
	"math"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// restrict refuses what the types allow and a verdict cannot: what depends on
// the order of a map, what builds objects, and what may cost too much.
func restrict(checked *cel.Ast) error {
	tree := checked.NativeRep()
	var found []Fault
	report := func(e ast.Expr, text string) {
		at := tree.SourceInfo().GetStartLocation(e.ID())
		found = append(found, Fault{Line: at.Line(), Column: at.Column() + 1, Text: text})
	}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.ComprehensionKind:
			over := e.AsComprehension().IterRange()
			if tree.GetType(over.ID()).Kind() != types.ListKind {
				report(over, `goes through a map, which has no order; ask for its keys: "tier" in workload.labels`)
			}
		case ast.StructKind:
			report(e, "makes an object of type "+e.AsStruct().TypeName()+"; only compare what is there")
		default:
		}
	}))
	if len(found) > 0 {
		return newError(found)
	}
	language, err := environment()
	if err != nil {
		return err
	}
	estimate, err := language.EstimateCost(checked, sizes{})
	switch {
	case err != nil:
		return whole("cannot be estimated: %s", clip(err.Error()))
	case estimate.Max == math.MaxUint64:
		return whole("has no bound to what it may cost; write it with fewer loops within loops")
	case estimate.Max > maxCost:
		return whole("may cost %d operations, more than %d; write it with fewer loops within loops", estimate.Max, maxCost)
	}
	return nil
}

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
