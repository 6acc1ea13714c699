package meter_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"

	"github.com/undog-dev/undog/cmd/undog/meter"
)

func TestLabelsAreBounded(t *testing.T) {
	r := meter.New()
	c := r.Counters("undog_things_total", "Things.", "reason")
	for i := range 1000 {
		c.WithLabelValues(fmt.Sprintf("Reason%d", i)).Inc()
	}
	for _, foreign := range []string{"two words", "a\nb", strings.Repeat("x", 64), "/api/v1", "ü"} {
		c.WithLabelValues(foreign).Inc()
	}
	c.WithLabelValues("").Inc()
	c.WithLabelValues("Reason7").Inc()
	r.Each("undog_parts", "Parts.", "part", func() map[string]float64 {
		out := map[string]float64{}
		for i := range 1000 {
			out[fmt.Sprintf("Part%03d", i)] = 1
		}
		return out
	})
	for name, want := range map[string]int{"undog_things_total": 102, "undog_parts": 101} {
		if got, err := testutil.GatherAndCount(r, name); err != nil || got != want {
			t.Errorf("%s has %d series (%v), want %d", name, got, err, want)
		}
	}
	for reason, want := range map[string]float64{meter.Other: 905, "Reason7": 2, "": 1} {
		if got := testutil.ToFloat64(c.WithLabelValues(reason)); got != want {
			t.Errorf("%q is counted %v times, want %v", reason, got, want)
		}
	}
}

// TestClientGoIsMeasured asks a server through client-go, in a registry that is
// not the first of the process, and works through a queue.
func TestClientGoIsMeasured(t *testing.T) {
	_ = meter.New()
	r := meter.New()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"gitVersion": "v1.37.2"}`))
	}))
	defer server.Close()
	client, err := discovery.NewDiscoveryClientForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ServerVersion(); err != nil {
		t.Fatal(err)
	}
	if err := client.RESTClient().Verb("BREW").AbsPath("/some/path").Do(context.Background()).Error(); err != nil {
		t.Fatal(err)
	}
	q := workqueue.NewTypedWithConfig(workqueue.TypedQueueConfig[string]{Name: "letters"})
	q.Add("a")
	item, _ := q.Get()
	q.Done(item)
	q.ShutDown()
	text := gather(t, r)
	for _, line := range []string{
		`undog_client_requests_total{code=200,method=GET}`, `undog_client_requests_total{code=200,method=Other}`,
		`undog_client_request_duration_seconds{method=GET}`, `undog_workqueue_adds_total{name=letters}`, `undog_workqueue_work_duration_seconds{name=letters}`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the metrics lack %s:\n%s", line, text)
		}
	}
	if strings.Contains(text, "some/path") || strings.Contains(text, strings.TrimPrefix(server.URL, "http://")) {
		t.Errorf("the metrics tell of paths or hosts:\n%s", text)
	}
}

// gather lists the series of undog's own.
func gather(t *testing.T, r *meter.Registry) string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			fmt.Fprintf(&b, "%s{%s}\n", f.GetName(), strings.Join(labels, ","))
		}
	}
	return b.String()
}
