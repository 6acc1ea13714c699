package lead

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// Leases is what an Elector does to the Leases of one namespace.
type Leases interface {
	Get(ctx context.Context, name string, opts metav1.GetOptions) (*coordinationv1.Lease, error)
	Create(ctx context.Context, lease *coordinationv1.Lease, opts metav1.CreateOptions) (*coordinationv1.Lease, error)
	Update(ctx context.Context, lease *coordinationv1.Lease, opts metav1.UpdateOptions) (*coordinationv1.Lease, error)
	Watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error)
}

// Options is what an Elector needs; all fields but Log must be set.
type Options struct {
	Leases Leases
	// Name is the Lease's. Those who are to be one share it.
	Name string
	// Identity names this process, and no other ever; see Identity.
	Identity string
	// LeaseDuration is for how long the holder may be silent until another
	// takes its place; it is written in whole seconds. RenewDeadline is after
	// what silence of the API server the holder stops acting, and RetryPeriod the
	// time between two renewals, or between two looks where there is no watch.
	LeaseDuration, RenewDeadline, RetryPeriod time.Duration
	// Others, if set, is called with the name of each other process that is seen
	// to hold the Lease, one after the other; it must not block.
	Others func(holder string)
	Log    *slog.Logger
}

// Identity is a name for this process, which a container that is started anew
// in the same pod does not share.
func Identity() (string, error) {
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name this process: %w", err)
	}
	return host + "_" + rand.Text()[:10], nil
}

func (o *Options) complete() error {
	var errs []error
	for _, field := range []struct {
		name    string
		missing bool
	}{{"Leases", o.Leases == nil}, {"Name", o.Name == ""}, {"Identity", o.Identity == ""}} {
		if field.missing {
			errs = append(errs, fmt.Errorf("%s is empty: it is required", field.name))
		}
	}
	switch {
	case o.LeaseDuration < time.Second || o.LeaseDuration%time.Second != 0:
		errs = append(errs, fmt.Errorf("LeaseDuration is %v: give whole seconds, at least one", o.LeaseDuration))
	case o.RenewDeadline >= o.LeaseDuration:
		errs = append(errs, fmt.Errorf("RenewDeadline is %v: give less than LeaseDuration, %v", o.RenewDeadline, o.LeaseDuration))
	case o.RetryPeriod <= 0 || 2*o.RetryPeriod > o.RenewDeadline:
		errs = append(errs, fmt.Errorf("RetryPeriod is %v: give at most half of RenewDeadline, %v", o.RetryPeriod, o.RenewDeadline))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return errors.Join(errs...)
}
