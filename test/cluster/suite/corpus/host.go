package corpus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/cluster/scripted"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// startWithin bounds the start of a control plane or an undog.
const startWithin = 4 * time.Minute

// host is a control plane with nodes.
type host struct {
	control *cluster.Cluster
	admin   kubernetes.Interface
	kubelet *scripted.Kubelet
	// kubeconfig and config are undog's, with the shipped rights.
	kubeconfig string
	config     *rest.Config
	audit      *auditLog

	stopKubelet context.CancelFunc
	ended       chan error
}

// startHost starts a control plane with those nodes, or three when none are
// given. rights is the path of deploy/rbac.yaml.
func startHost(ctx context.Context, nodes []scenario.Node, rights string) (*host, error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	control, err := cluster.Start(ctx, cluster.Options{})
	if err != nil {
		return nil, err
	}
	h := &host{control: control, audit: &auditLog{path: control.Dir().AuditLog()}}
	if err := h.prepare(ctx, nodes, rights); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *host) prepare(ctx context.Context, nodes []scenario.Node, rights string) error {
	config, err := h.control.RESTConfig()
	if err != nil {
		return err
	}
	// A scenario's templates may be what the API server warns of.
	config.WarningHandler = rest.NoWarnings{}
	if h.admin, err = kubernetes.NewForConfig(config); err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	if err := daemon.Grant(ctx, config, rights); err != nil {
		return err
	}
	if h.kubeconfig, err = h.control.KubeconfigFor(daemon.User, daemon.Groups()...); err != nil {
		return err
	}
	if h.config, err = h.control.RESTConfigFor(daemon.User, daemon.Groups()...); err != nil {
		return err
	}
	if h.kubelet, err = scripted.New(config, scripted.Options{Prefix: "node", Named: named(nodes)}); err != nil {
		return err
	}
	var running context.Context
	running, h.stopKubelet = context.WithCancel(context.Background())
	h.ended = make(chan error, 1)
	go func() { h.ended <- h.kubelet.Run(running) }()
	select {
	case <-h.kubelet.Ready():
		return nil
	case err := <-h.ended:
		h.ended <- nil
		return errors.Join(errors.New("the scripted kubelet ended"), err)
	case <-ctx.Done():
		return fmt.Errorf("wait for the scripted kubelet: %w", ctx.Err())
	}
}

func named(nodes []scenario.Node) []scripted.Node {
	var out []scripted.Node
	for _, n := range nodes {
		out = append(out, scripted.Node{Name: n.Name, CPU: n.CPU, Memory: n.Memory, Pods: n.Pods, Labels: n.Labels})
	}
	return out
}

// close stops everything.
func (h *host) close() error {
	var err error
	if h.stopKubelet != nil {
		h.stopKubelet()
		err = <-h.ended
	}
	return errors.Join(err, h.control.Stop())
}
