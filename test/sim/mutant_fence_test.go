package sim

import "net/http"

var unfenced = mutant{
	name: "unfenced", says: "writes without testing the generation", caughtBy: nothingMoved,
	parts: Parts{Transport: patching(unfence)},
}

var generationBlind = mutant{
	name: "generation-blind", says: "takes every generation for the one it judged", caughtBy: nothingMoved,
	parts: Parts{Transport: chain(patching(unfence), reading("deployments", func(req *http.Request, d map[string]any) {
		if a, ok := req.Context().Value(actionKey{}).(*action); ok {
			field(d, "metadata")["generation"] = a.decision.Generation
		}
	}))},
}
