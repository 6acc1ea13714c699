package lead

import (
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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

// shown is a holder's name as it may be told: whoever may write the Lease may
// write anything into it.
func shown(holder string) string {
	const enough = 128
	clean := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, holder[:min(len(holder), enough)])
	if len(holder) > enough {
		clean += "…"
	}
	return clean
}

// maxPromise is how many times the duration that this process would promise the
// holder's promise may be. Whatever a Lease says that somebody wrote by hand, it
// must not keep everybody from acting for years.
const maxPromise = 10

// freeAt is when the Lease may be taken; that of nobody may be at once. What
// the holder promised counts; one that promised nothing gets byDefault. It is
// early by a little, so that whoever takes over acts within the promise, and not
// when it is over.
func (s *seen) freeAt(byDefault, early time.Duration) time.Time {
	if s.holder() == "" {
		return s.at
	}
	if promised := s.lease.Spec.LeaseDurationSeconds; promised != nil && *promised > 0 {
		byDefault = min(time.Duration(*promised)*time.Second, maxPromise*byDefault)
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
			transitions = max(*spec.LeaseTransitions, 0)
			if transitions < math.MaxInt32 {
				transitions++
			}
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
