package install_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/undog-dev/undog/test/cluster/chart"
)

// What undog's service account asks is dealt with at its own priority level: the
// API server says so in each answer.
func TestFlowSchemaIsTaken(t *testing.T) {
	c := &confined{t: t, ctx: begin(t), namespace: "flow"}
	namespace(c.ctx, t, c.namespace)
	kubectl(c.ctx, t, render(c.ctx, t, chart.Release{Namespace: c.namespace, Only: []string{"serviceaccount", "flowcontrol"}}), "apply", "--server-side", "-f", "-")
	flows := admin.FlowcontrolV1()
	schema, err := flows.FlowSchemas().Get(c.ctx, "flow-undog", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	level, err := flows.PriorityLevelConfigurations().Get(c.ctx, "flow-undog", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := &flow{}
	config := c.token()
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return got.through(next) })
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	// The API server hears of it a moment after it is stored.
	err = wait.PollUntilContextCancel(c.ctx, 100*time.Millisecond, true, func(context.Context) (bool, error) {
		_, err := client.Discovery().ServerVersion()
		return got.schema == string(schema.UID) && got.level == string(level.UID), err
	})
	if err != nil {
		t.Errorf("the answers come from schema %q at level %q, want %s at %s: %v", got.schema, got.level, schema.UID, level.UID, err)
	}
}

// flow is what the last answer said; one request is under way at a time.
type flow struct{ schema, level string }

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (f *flow) through(next http.RoundTripper) http.RoundTripper {
	return tripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err == nil {
			f.schema = response.Header.Get("X-Kubernetes-PF-FlowSchema-UID")
			f.level = response.Header.Get("X-Kubernetes-PF-PriorityLevel-UID")
		}
		return response, err
	})
}
