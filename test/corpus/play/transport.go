package play

import (
	"fmt"
	"io"
	"net/http"
)

// transport carries undog's requests to the model's API server. It implements
// http.RoundTripper.
type transport struct{ player *player }

// RoundTrip serves one request.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read request: %w", err)
		}
	}
	query := req.URL.Query()
	r := t.player.api.Answer(req.Method, req.URL.Path, query, body)
	if req.Method != http.MethodGet && query.Get("dryRun") == "" && r.Code < http.StatusMultipleChoices {
		t.player.result.Writes++
	}
	return r.Response(req)
}
