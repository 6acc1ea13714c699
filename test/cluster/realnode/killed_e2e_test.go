//go:build e2e

package realnode_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/undog-dev/undog/test/cluster/realnode"
)

// parentVariable makes the test binary the parent of a node; its value is the
// path of the admin's kubeconfig.
const parentVariable = "UNDOG_E2E_PARENT"

// asAdmin is a control plane for which everybody is the admin.
type asAdmin struct{ kubeconfig string }

func (a asAdmin) RESTConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", a.kubeconfig)
	if err != nil {
		return nil, err
	}
	return config, rest.LoadTLSFiles(config)
}

func (a asAdmin) KubeconfigFor(string, ...string) (string, error) { return a.kubeconfig, nil }

// beParent starts a node, says which, and waits to be killed.
func beParent(kubeconfig string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	node, err := realnode.Start(ctx, realnode.Options{Cluster: asAdmin{kubeconfig}, Log: os.Stderr})
	if err != nil {
		return err
	}
	fmt.Println(node.Pid(), node.Name(), node.Dir())
	<-node.Done()
	return node.Stop()
}

func TestKilledSupervisorLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	dir := filepath.Join(t.TempDir(), "node")
	node, err := realnode.Start(ctx, realnode.Options{Cluster: shared.cluster, Dir: dir, Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	deleteNode(t, node.Name())
	if err := node.ImportImage(ctx, shared.archive); err != nil {
		t.Fatal(err)
	}
	runPodOn(t, node.Name())
	left := traces(t, node.Pid(), node.Address())
	if err := syscall.Kill(node.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-node.Done()
	left.waitGone(t)
	if err := node.Stop(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("stop of a killed node: got %v, want an error that says so", err)
	}
	left.checkCgroup(t)
	if entries, err := os.ReadDir(filepath.Join(dir, "data")); !os.IsNotExist(err) {
		t.Errorf("the node's data is still there: %v, %v", entries, err)
	}
}

func TestKilledParentLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	parent := exec.CommandContext(ctx, os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"="+shared.cluster.Kubeconfig())
	parent.Stderr = os.Stderr
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) != 3 {
		t.Fatalf("read what the parent says: %v: %q", err, line)
	}
	pid, err := strconv.Atoi(fields[0])
	if err != nil {
		t.Fatalf("the parent failed: %s", line)
	}
	name, dir := fields[1], fields[2]
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	deleteNode(t, name)
	importInto(t, pid)
	runPodOn(t, name)
	left := traces(t, pid, name)
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := parent.Wait(); err == nil {
		t.Error("the killed parent ended well")
	}
	left.waitGone(t)
	left.checkCgroup(t)
}

// importInto loads the test image into a node that another process started.
func importInto(t *testing.T, supervisor int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), podTimeout)
	defer cancel()
	socket := fmt.Sprintf("/proc/%d/root/run/undog/containerd.sock", supervisor)
	out, err := exec.CommandContext(ctx, "ctr", "--address="+socket, "--namespace=k8s.io", "images", "import", shared.archive).CombinedOutput()
	if err != nil {
		t.Fatalf("import: %v: %s", err, out)
	}
}

// deleteNode deletes the Node object after the test: nothing else does.
func deleteNode(t *testing.T, name string) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), podTimeout)
		defer cancel()
		if err := shared.client.CoreV1().Nodes().Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
}

// runPodOn runs a pod on the node, past any scheduler.
func runPodOn(t *testing.T, node string) {
	t.Helper()
	namespace := newNamespace(t)
	pod := newPod("tenant", "serve")
	pod.Spec.NodeName = node
	createPod(t, namespace, pod)
	// Nobody on a dead node confirms that the pod is gone.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), podTimeout)
		defer cancel()
		if err := shared.client.CoreV1().Pods(namespace).Delete(ctx, "tenant", metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
			t.Error(err)
		}
	})
	waitPod(t, namespace, "tenant", isReady)
}
