package hold_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/test/cluster/hold"
)

// A frozen watch stays open and brings nothing more until it is released; others
// can be opened meanwhile.
func TestFreeze(t *testing.T) {
	ctx := within(t)
	write := make(chan string)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			_ = http.NewResponseController(w).Flush()
			select {
			case text := <-write:
				_, _ = io.WriteString(w, text)
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer upstream.Close()
	proxy, err := hold.NewAPI(&rest.Config{Host: upstream.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	}()
	watch := func() io.ReadCloser {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, proxy.URL()+"/?watch=true", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Body
	}
	read := func(from io.Reader) string {
		p := make([]byte, 1)
		if _, err := io.ReadFull(from, p); err != nil {
			t.Fatal(err)
		}
		return string(p)
	}
	first := watch()
	defer func() { _ = first.Close() }()
	write <- "a"
	if got := read(first); got != "a" {
		t.Errorf("the watch brings %q", got)
	}
	gate := proxy.Freeze()
	if gate.Count() != 1 {
		t.Errorf("%d watches are frozen, want 1", gate.Count())
	}
	write <- "b"
	got := make(chan string, 1)
	go func() {
		p := make([]byte, 1)
		_, _ = io.ReadFull(first, p)
		got <- string(p)
	}()
	second := watch()
	defer func() { _ = second.Close() }()
	select {
	case text := <-got:
		t.Errorf("a frozen watch brings %q", text)
	default:
	}
	gate.Release()
	if text := receive(ctx, t, "what was kept back", got); text != "b" {
		t.Errorf("the watch brings %q after it was released", text)
	}
}
