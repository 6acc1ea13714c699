package play_test

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

// A pod that switches to another protocol and then says nothing must not hold a
// play up beyond its time.
func TestUpgradeEndsInTime(t *testing.T) {
	got := once(t, "timeout: 200ms\n"+front, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
		_, _ = bufio.NewReader(conn).ReadByte() // Until the other side is gone.
	})
	expectResult(t, got, check.Inconclusive, check.ReasonTimeout, "")
}

// A page with more hidden values than are looked for is not quoted at all.
func TestManyHiddenValues(t *testing.T) {
	for n, want := range map[int]string{400: "beforehand", 600: "[redacted]"} {
		got := once(t, "steps:\n- request: {path: /}\n  expect: {body: {contains: [nothing]}}", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, "beforehand")
			for i := range n {
				if i%200 == 0 {
					_, _ = fmt.Fprint(w, "<form>")
				}
				_, _ = fmt.Fprintf(w, `<input type="hidden" name="f%d" value="token-%06d">`, i, i)
				if i%200 == 199 {
					_, _ = fmt.Fprint(w, "</form>")
				}
			}
		})
		if r := got.Result; r.Outcome != check.Failed || !strings.HasPrefix(r.Excerpt, want) || strings.Contains(r.Excerpt, "token-") {
			t.Errorf("%d values: %s %q, want it to begin with %q", n, r.Outcome, r.Excerpt, want)
		}
	}
}
