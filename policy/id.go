package policy

import (
	"crypto/sha256"
	"encoding/hex"
)

// id makes a stable identifier out of parts. Parts are separated by a byte that
// none of them contains, so that ("a", "bc") and ("ab", "c") differ.
func id(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// decisionID names the decision to act on a revision. There is one undo per
// bad revision, so the revision names it.
func decisionID(cluster string, w Workload, revision, what string) string {
	return id("decision", cluster, w.Kind, w.UID, revision, what)
}

// rolloutID names the rollout of one revision of one workload.
func rolloutID(cluster string, w Workload, revision string) string {
	return id("rollout", cluster, w.Kind, w.UID, revision)
}
