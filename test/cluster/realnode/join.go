package realnode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// readyPoll is how often the node's condition is read.
const readyPoll = 50 * time.Millisecond

// config collects what the supervisor needs to join the node to the cluster.
func (n *Node) config(ctx context.Context, plane ControlPlane, admin *rest.Config) (*wire.Config, error) {
	server, err := url.Parse(admin.Host)
	if err != nil {
		return nil, fmt.Errorf("read the API server's address: %w", err)
	}
	if ip := net.ParseIP(server.Hostname()); ip == nil || !ip.IsLoopback() || server.Port() == "" {
		return nil, fmt.Errorf("read the API server's address: %q is not a loopback address with a port", admin.Host)
	}
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return nil, fmt.Errorf("make admin client: %w", err)
	}
	service, err := serviceAddress(ctx, client)
	if err != nil {
		return nil, err
	}
	kubelet, err := kubeconfig(plane, "system:node:"+n.name, "system:nodes")
	if err != nil {
		return nil, err
	}
	scheduler, err := kubeconfig(plane, "system:kube-scheduler")
	if err != nil {
		return nil, err
	}
	return &wire.Config{
		NodeName:            n.name,
		Server:              server.Host,
		ServiceAddress:      service,
		ClientCA:            admin.CAData,
		KubeletKubeconfig:   kubelet,
		SchedulerKubeconfig: scheduler,
	}, nil
}

// serviceAddress waits for the Service that pods reach the API server by; the
// API server makes it, a moment after it is ready.
func serviceAddress(ctx context.Context, client kubernetes.Interface) (string, error) {
	var (
		service *v1.Service
		last    error
	)
	err := wait.PollUntilContextCancel(ctx, readyPoll, true, func(ctx context.Context) (bool, error) {
		service, last = client.CoreV1().Services(metav1.NamespaceDefault).Get(ctx, "kubernetes", metav1.GetOptions{})
		return last == nil, nil
	})
	if err != nil {
		return "", fmt.Errorf("get service kubernetes: %w", errors.Join(context.Cause(ctx), last))
	}
	if len(service.Spec.Ports) == 0 {
		return "", errors.New("get service kubernetes: it has no port")
	}
	return net.JoinHostPort(service.Spec.ClusterIP, strconv.Itoa(int(service.Spec.Ports[0].Port))), nil
}

func kubeconfig(plane ControlPlane, user string, groups ...string) ([]byte, error) {
	path, err := plane.KubeconfigFor(user, groups...)
	if err != nil {
		return nil, fmt.Errorf("make kubeconfig of %s: %w", user, err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig of %s: %w", user, err)
	}
	return content, nil
}

// waitReady waits until the kubelet says that it can run pods.
func (n *Node) waitReady(ctx context.Context, admin *rest.Config) error {
	client, err := kubernetes.NewForConfig(admin)
	if err != nil {
		return fmt.Errorf("make admin client: %w", err)
	}
	last := "the kubelet has not registered it"
	err = wait.PollUntilContextCancel(ctx, readyPoll, true, func(ctx context.Context) (bool, error) {
		select {
		case <-n.process.done:
			return false, n.process.ended()
		default:
		}
		node, err := client.CoreV1().Nodes().Get(ctx, n.name, metav1.GetOptions{})
		if err != nil {
			return false, nil
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == v1.NodeReady {
				last = condition.Message
				return condition.Status == v1.ConditionTrue, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("wait for node %s: %w: %s", n.name, errors.Join(err, context.Cause(ctx)), last)
	}
	return nil
}
