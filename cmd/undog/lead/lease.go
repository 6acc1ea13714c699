package lead

import (
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// seen is the Lease as it was seen last, and when it was first seen so: from
// then on its holder's silence is counted.
type seen struct {
	lease *coordinationv1.Lease
	at    time.Time
}

// look takes in the Lease; nil is that there is none.
func (s *seen) look(lease *coordinationv1.Lease, now time.Time) {
	if lease == nil || s.lease == nil || s.lease.UID != lease.UID || s.lease.ResourceVersion != lease.ResourceVersion {
		s.at = now
	}
	s.lease = lease
}

// holder is who holds the Lease, "" if nobody does.
func (s *seen) holder() string {
	if s.lease == nil || s.lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *s.lease.Spec.HolderIdentity
}

// freeAt is when the Lease may be taken; that of nobody may be at once. What
// the holder promised counts; one that promised nothing gets byDefault. It is
// early by a little, so that whoever takes over acts within the promise, and not
// when it is over.
func (s *seen) freeAt(byDefault, early time.Duration) time.Time {
	if s.holder() == "" {
		return s.at
	}
	if promised := s.lease.Spec.LeaseDurationSeconds; promised != nil && *promised > 0 {
		byDefault = time.Duration(*promised) * time.Second
	}
	return s.at.Add(max(0, byDefault-early))
}

// held is the Lease as its holder writes it.
func (s *seen) held(name, identity string, duration time.Duration, now time.Time) *coordinationv1.Lease {
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if s.lease != nil {
		lease = s.lease.DeepCopy()
	}
	spec := &lease.Spec
	at := metav1.NewMicroTime(now)
	if s.holder() != identity {
		transitions := int32(0)
		if spec.LeaseTransitions != nil {
			transitions = *spec.LeaseTransitions + 1
		}
		spec.LeaseTransitions, spec.AcquireTime = &transitions, &at
	}
	spec.HolderIdentity, spec.RenewTime = &identity, &at
	spec.LeaseDurationSeconds = new(int32(duration / time.Second))
	return lease
}

// released is the Lease as its holder leaves it behind. The shortest duration
// is for those who heed that alone.
func (s *seen) released(now time.Time) *coordinationv1.Lease {
	lease := s.lease.DeepCopy()
	at := metav1.NewMicroTime(now)
	lease.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Spec.RenewTime = new(""), new(int32(1)), &at
	return lease
}
