package eprocess

// Node says how many pods of each revision on one node are at risk of a
// counted event: running, and not held back by the [Limiter].
type Node struct {
	New, Old int
}

// Weigh returns the exposures for [Events.Observe] at one moment, from the
// pods that run side by side.
//
// If pods fail one by one, the next event is new with the new revision's share
// of the pods. If nodes fail, it is new with its share of each node, averaged
// over the nodes: five new pods alone on five nodes meet half the accidents
// of ten nodes, though they are few among a hundred pods. Nobody knows the
// mixture, and every mixture lies between the two, so the larger share is
// taken.
//
// This holds while both revisions' pods are of an age at which their failure
// rates can be compared. If young pods fail more often than settled ones do,
// whatever their revision, use [History].
func Weigh(nodes []Node) (exposureNew, exposureOld float64) {
	var podsNew, podsOld, shareNew, shareOld float64
	for _, n := range nodes {
		if n.New < 0 || n.Old < 0 || n.New+n.Old == 0 {
			continue
		}
		all := float64(n.New + n.Old)
		podsNew += float64(n.New)
		podsOld += float64(n.Old)
		shareNew += float64(n.New) / all
		shareOld += float64(n.Old) / all
	}
	if shareNew*podsOld > podsNew*shareOld {
		return shareNew, shareOld
	}
	return podsNew, podsOld
}
