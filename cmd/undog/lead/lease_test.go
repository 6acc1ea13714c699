package lead

import (
	"math"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
)

// What somebody wrote into the Lease by hand must not keep everybody from acting.
func TestHandWrittenLease(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &seen{}
	s.look(&coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{
		HolderIdentity: new("nobody"), LeaseDurationSeconds: new(int32(math.MaxInt32)), LeaseTransitions: new(int32(math.MaxInt32)),
	}}, now)
	if got := s.freeAt(15*time.Second, 0); got.Sub(now) != 150*time.Second {
		t.Errorf("free in %s", got.Sub(now))
	}
	if got := *s.held("undog", "me", 15*time.Second, now).Spec.LeaseTransitions; got != math.MaxInt32 {
		t.Errorf("%d transitions", got)
	}
	if got := shown("a\x1b[31m\xff" + strings.Repeat("b", 200_000)); got != "a?[31m?"+strings.Repeat("b", 121)+"…" {
		t.Errorf("shown as %q", got)
	}
	s.lease.Spec.LeaseTransitions = new(int32(-7))
	if got := *s.held("undog", "me", 15*time.Second, now).Spec.LeaseTransitions; got != 1 {
		t.Errorf("%d transitions after a number below 0", got)
	}
}
