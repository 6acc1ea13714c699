package language

import (
	"math"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// restrict refuses what the types allow and a verdict cannot: what depends on
// the order of a map, what builds objects, and what may cost too much.
func (l *Language) restrict(checked *cel.Ast) error {
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
			if kind := tree.GetType(over.ID()).Kind(); kind != types.ListKind && kind != types.DynKind {
				report(over, "goes through a map, which has no order; ask for its keys: "+l.o.Key)
			}
		case ast.StructKind:
			report(e, "makes an object of type "+e.AsStruct().TypeName()+"; only compare what is there")
		default:
		}
	}))
	if len(found) > 0 {
		return newError(found)
	}
	estimate, err := l.env.EstimateCost(checked, l.o.Sizes)
	switch {
	case err != nil:
		return whole("cannot be estimated: %s", clip(err.Error()))
	case estimate.Max == math.MaxUint64:
		return whole("has no bound to what it may cost; write it with fewer loops within loops")
	case estimate.Max > l.o.MaxCost:
		return whole("may cost %d operations, more than %d; write it with fewer loops within loops", estimate.Max, l.o.MaxCost)
	}
	return nil
}
