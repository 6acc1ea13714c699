package reach

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check/play"
)

// By is a way to a pod.
type By string

// The ways.
const (
	// PodIP connects to the address of the pod.
	PodIP By = "podIP"
	// PortForward goes through the API server.
	PortForward By = "portForward"
)

// Options says how pods are reached.
type Options struct {
	// Pods reads them.
	Pods api.PodsGetter
	// Config is the API server's, for PortForward.
	Config *rest.Config
	By     By
	// Loopback lets a pod's address be a loopback one: the pods are
	// processes on this machine, as in tests and demonstrations.
	Loopback bool
}

// Reach connects to pods.
type Reach struct {
	o Options
	// rest is for PortForward only.
	rest rest.Interface
}

// New makes a Reach.
func New(o Options) (*Reach, error) {
	var errs []error
	if o.Pods == nil {
		errs = append(errs, errors.New("pods: nil, want a client"))
	}
	switch o.By {
	case PodIP:
	case PortForward:
		if o.Config == nil {
			errs = append(errs, errors.New("config: nil, want the API server's for portForward"))
		}
	default:
		errs = append(errs, fmt.Errorf("by: %q, want %s or %s", o.By, PodIP, PortForward))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("make reach: %w", err)
	}
	r := &Reach{o: o}
	if o.By == PortForward {
		client, err := api.New(o.Config)
		if err != nil {
			return nil, fmt.Errorf("make reach: %w", err)
		}
		r.rest = client.Core()
	}
	return r, nil
}

// By says which way is taken.
func (r *Reach) By() By { return r.o.By }

// dialTimeout is for one connection.
const dialTimeout = 5 * time.Second

// Target makes a pod that Live has returned the target of a play. Port is a
// number or the name of a container's port; empty is the first port. All
// connections are closed when ctx ends.
func (r *Reach) Target(ctx context.Context, pod *corev1.Pod, port string) (play.Target, error) {
	n, err := portOf(pod, port)
	if err != nil {
		return play.Target{}, err
	}
	ip, err := r.address(pod)
	if err != nil {
		return play.Target{}, err
	}
	address := net.JoinHostPort(ip.String(), strconv.Itoa(n))
	t := play.Target{Pod: pod.Name, Host: address}
	t.Dial = func(dialing context.Context) (net.Conn, error) {
		dialing, cancel := context.WithTimeout(dialing, dialTimeout)
		defer cancel()
		conn, err := r.dial(dialing, pod, address, n)
		if err != nil {
			return nil, err
		}
		return bind(ctx, conn)
	}
	return t, nil
}

func (r *Reach) dial(ctx context.Context, pod *corev1.Pod, address string, port int) (net.Conn, error) {
	if r.o.By == PortForward {
		return r.forward(ctx, pod, port)
	}
	d := net.Dialer{Timeout: dialTimeout}
	return d.DialContext(ctx, "tcp", address)
}

// address is the pod's own.
func (r *Reach) address(pod *corev1.Pod) (net.IP, error) {
	ip := net.ParseIP(pod.Status.PodIP)
	switch {
	case ip == nil:
		return nil, fmt.Errorf("pod %s has no address yet", pod.Name)
	case ip.IsUnspecified() || ip.IsMulticast() || ip.IsLinkLocalUnicast() || ip.Equal(net.IPv4bcast):
		return nil, fmt.Errorf("pod %s has the address %s, which cannot be a pod's", pod.Name, ip)
	case ip.IsLoopback() && r.o.By == PodIP && !r.o.Loopback:
		return nil, fmt.Errorf("pod %s has the loopback address %s, which is undog's own machine", pod.Name, ip)
	}
	return ip, nil
}

// bound is a connection that a context closes.
type bound struct {
	net.Conn
	stop func() bool
}

func bind(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if ctx.Err() != nil {
		_ = conn.Close()
		return nil, ctx.Err()
	}
	return &bound{Conn: conn, stop: context.AfterFunc(ctx, func() { _ = conn.Close() })}, nil
}

// Close ends the connection.
func (b *bound) Close() error {
	b.stop()
	return b.Conn.Close()
}
