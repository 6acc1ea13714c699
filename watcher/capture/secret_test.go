package capture_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/capture"
)

// A log line that is too long to be read is cut. Half a secret is not left of it,
// though what is cut out before it makes room for it.
func TestCutLineLeavesNoHalfSecret(t *testing.T) {
	const read, stamp = 16 << 10, len("2026-01-02T15:04:00.123456789Z ")
	for _, secret := range []string{"postgres://app:s3cr3tzz@db/x", "app:s3cr3tzz@tcp(db)"} {
		for cut := range len(secret) + 1 {
			line := `password="` + strings.Repeat("x", read-stamp-cut-12) + `" ` + secret + strings.Repeat(" more", 9)
			a := &apiServer{pods: map[string]*corev1.Pod{"web-1": crashing("web-1", "rs")}, log: says(line)}
			got := reader(t, a, capture.Options{Lines: 3}).Read(t.Context(), decision(crash))
			if len(got) != 1 || len(got[0].Lines) != 1 || strings.Contains(got[0].Lines[0], "s3") || !strings.HasPrefix(got[0].Lines[0], "password=[redacted]") {
				t.Fatalf("%q cut after %d bytes: %+v", secret, cut, got)
			}
		}
	}
}

// A hostile line costs no more than its length, in a log and in the last words of
// a container.
func TestManyPairsInALine(t *testing.T) {
	pairs := strings.Repeat("secret_key=k0,", 1000)
	pod := crashing("web-1", "rs")
	pod.Status.ContainerStatuses[1].LastTerminationState.Terminated.Message = pairs
	a := &apiServer{pods: map[string]*corev1.Pod{"web-1": pod}, log: says(pairs)}
	got := reader(t, a, capture.Options{Lines: 3}).Read(t.Context(), decision(crash))
	if len(got) != 1 || len(got[0].Lines) != 1 || strings.Contains(got[0].Lines[0]+got[0].State, "k0") {
		t.Errorf("got %+v", got)
	}
}
