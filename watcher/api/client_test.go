package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/api/apitest"
)

var (
	getOptions  = metav1.GetOptions{ResourceVersion: "7"}
	listOptions = metav1.ListOptions{
		LabelSelector: "a=b", FieldSelector: "metadata.name!=x", Limit: 5, ResourceVersion: "9",
		AllowWatchBookmarks: true, SendInitialEvents: new(true), ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan,
	}
)

// askEverything makes every kind of request that there is.
func askEverything(ctx context.Context, c api.Interface, held api.Leases) {
	for _, ns := range []string{"shop", ""} {
		askReader(ctx, c.Deployments(ns))
		askReader(ctx, c.ReplicaSets(ns))
		askReader(ctx, c.ControllerRevisions(ns))
		askReader(ctx, api.Reader[*corev1.Pod, *corev1.PodList](c.Pods(ns)))
		askReader(ctx, api.Reader[*corev1.Event, *corev1.EventList](c.Events(ns)))
	}
	askReader(ctx, c.Nodes())
	_, _ = c.Secrets("shop").Get(ctx, "key", getOptions)
	_, _ = c.Pods("shop").GetLogs("web-1", &corev1.PodLogOptions{Container: "app", Previous: true, TailLines: new(int64(3))}).DoRaw(ctx)
	_, _ = c.Events("shop").Create(ctx, &corev1.Event{ObjectMeta: metav1.ObjectMeta{Name: "e", Namespace: "shop"}}, metav1.CreateOptions{FieldManager: "undog"})
	_, _ = c.Events("shop").Patch(ctx, "e", types.MergePatchType, []byte(`{"count":2}`), metav1.PatchOptions{FieldManager: "undog"})
	_, _ = c.AccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{}, metav1.CreateOptions{})
	_, _ = c.Core().Get().Resource("pods").DoRaw(ctx)
	_, _ = c.Apps().Get().Resource("deployments").DoRaw(ctx)
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: "undog", Namespace: "shop", ResourceVersion: "3"}}
	askReader(ctx, api.Reader[*coordinationv1.Lease, *coordinationv1.LeaseList](held))
	_, _ = held.Create(ctx, lease, metav1.CreateOptions{})
	_, _ = held.Update(ctx, lease, metav1.UpdateOptions{})
}

func askReader[T, L runtime.Object](ctx context.Context, r api.Reader[T, L]) {
	_, _ = r.Get(ctx, "one", getOptions)
	_, _ = r.List(ctx, listOptions)
	_, _ = r.Watch(ctx, listOptions)
	late := listOptions
	late.TimeoutSeconds = new(int64(300))
	_, _ = r.List(ctx, late)
	_, _ = r.Watch(ctx, late)
}

// asked is every request that ask makes of a server that denies it.
func asked(t *testing.T, cfg rest.Config, ask func(*rest.Config)) []string {
	t.Helper()
	var lines []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		lines = append(lines, fmt.Sprintf("%s %s accept=%s content=%s agent=%s %q",
			r.Method, r.URL, r.Header.Get("Accept"), r.Header.Get("Content-Type"), r.UserAgent(), body))
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	cfg.Host, cfg.QPS = server.URL, -1
	ask(&cfg)
	return lines
}

// What is asked is, to the byte, what client-go's own clientset asks.
func TestAsksLikeTheClientset(t *testing.T) {
	for name, cfg := range map[string]rest.Config{
		"plain": {},
		"as the daemon is": {
			UserAgent: "undog/test",
			ContentConfig: rest.ContentConfig{
				ContentType:        "application/vnd.kubernetes.protobuf",
				AcceptContentTypes: "application/vnd.kubernetes.protobuf,application/json",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := asked(t, cfg, func(cfg *rest.Config) {
				c, err := kubernetes.NewForConfig(cfg)
				if err != nil {
					t.Fatal(err)
				}
				askEverything(t.Context(), apitest.From(c), c.CoordinationV1().Leases("shop"))
			})
			got := asked(t, cfg, func(cfg *rest.Config) {
				c, err := api.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				askEverything(t.Context(), c, c.Leases("shop"))
			})
			if len(want) < 40 {
				t.Fatalf("the clientset asked %d times", len(want))
			}
			for i := range max(len(want), len(got)) {
				if i >= len(want) || i >= len(got) || want[i] != got[i] {
					t.Fatalf("request %d:\n got %s\nwant %s", i, slices.Concat(got, []string{"none"})[min(i, len(got))], slices.Concat(want, []string{"none"})[min(i, len(want))])
				}
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for name, tt := range map[string]struct {
		body string
		code int
		want string
		err  string
	}{
		"answers":   {`{"major":"1","gitVersion":"v1.37.2","later":true}`, 200, "v1.37.2", ""},
		"forbidden": {`{"kind":"Status","apiVersion":"v1","reason":"Forbidden","code":403,"message":"no"}`, 403, "", "ask for the version"},
		"no JSON":   {`<html>`, 200, "", "read the version"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/version" {
					t.Errorf("asked for %s", r.URL)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tt.code)
				_, _ = io.WriteString(w, tt.body)
			}))
			t.Cleanup(server.Close)
			c, err := api.New(&rest.Config{Host: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Version(t.Context())
			switch {
			case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
				t.Errorf("got %v, want %q", err, tt.err)
			case tt.err == "" && (err != nil || got.GitVersion != tt.want):
				t.Errorf("got %v, %v, want %s", got, err, tt.want)
			}
			if name == "forbidden" && !apierrors.IsForbidden(err) {
				t.Errorf("%v is not said to be forbidden", err)
			}
		})
	}
}

func TestBadConfig(t *testing.T) {
	_, err := api.New(&rest.Config{Host: "https://[::1"})
	if err == nil || !strings.Contains(err.Error(), "make a client for https://[::1") {
		t.Errorf("got %v", err)
	}
}
