package crowd

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// mark begins the audit IDs of reports. The API server takes over the ID that a
// request brings along, so that its log, which has no bodies of statuses, tells
// which of them were reports.
const mark = "report-"

// reporting is in the patch of a status that says that a container cannot be
// started.
var reporting = []byte(`"reason":"RunContainerError"`)

// marker marks a kubelet's reports.
type marker struct {
	http.RoundTripper
	n atomic.Uint64
}

func markReports(next http.RoundTripper) http.RoundTripper { return &marker{RoundTripper: next} }

// RoundTrip implements http.RoundTripper.
func (m *marker) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPatch || !strings.Contains(r.URL.Path, "/pods/") || r.Body == nil {
		return m.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the patch of a status: %w", err)
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	if bytes.Contains(body, reporting) {
		r.Header.Set("Audit-ID", fmt.Sprintf("%s%d", mark, m.n.Add(1)))
	}
	return m.RoundTripper.RoundTrip(r)
}

// WrappedRoundTripper lets client-go look through it.
func (m *marker) WrappedRoundTripper() http.RoundTripper { return m.RoundTripper }
