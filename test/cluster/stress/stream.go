package stress

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// event is one event of a watch, as JSON.
type event struct {
	Type   string          `json:"type"`
	Object json.RawMessage `json:"object"`
}

// meta is what is read of an object.
type objectMeta struct {
	Metadata struct {
		Namespace       string            `json:"namespace"`
		Name            string            `json:"name"`
		ResourceVersion string            `json:"resourceVersion"`
		Annotations     map[string]string `json:"annotations"`
	} `json:"metadata"`
}

func (e event) meta() (objectMeta, error) {
	var m objectMeta
	if err := json.Unmarshal(e.Object, &m); err != nil {
		return m, fmt.Errorf("read object of a watch: %w", err)
	}
	return m, nil
}

// ends tells whether the event says that everything that exists has been told.
func (e event) ends() bool {
	m, err := e.meta()
	return err == nil && e.Type == "BOOKMARK" && m.Metadata.Annotations[metav1.InitialEventsAnnotationKey] == "true"
}

// errorEvent ends a watch with an error, as servers do in the middle of one.
func errorEvent(code int, reason metav1.StatusReason, message string) event {
	raw, err := json.Marshal(statusOf(code, reason, message))
	if err != nil {
		panic(err) // A Status can always be encoded.
	}
	return event{Type: "ERROR", Object: raw}
}

// inJSON has a request answered in JSON, whatever else its client understands.
func inJSON(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	var accepted []string
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if part = strings.TrimSpace(part); strings.HasPrefix(part, "application/json") {
			accepted = append(accepted, part)
		}
	}
	if len(accepted) == 0 {
		accepted = []string{"application/json"}
	}
	r.Header.Set("Accept", strings.Join(slices.Compact(accepted), ","))
	r.Header.Del("Accept-Encoding")
	return r
}

// rewritten is a watch whose events go through pass, which says what takes the
// place of each and whether the watch ends then.
func rewritten(ctx context.Context, resp *http.Response, pass func(event) (out []event, last bool)) {
	from := resp.Body
	reader, writer := io.Pipe()
	resp.Body, resp.ContentLength = &piped{PipeReader: reader, from: from}, -1
	go func() {
		decoder, encoder := json.NewDecoder(bufio.NewReader(from)), json.NewEncoder(writer)
		for ctx.Err() == nil {
			var e event
			if err := decoder.Decode(&e); err != nil {
				_ = writer.CloseWithError(err)
				return
			}
			out, last := pass(e)
			for _, o := range out {
				if encoder.Encode(o) != nil {
					return
				}
			}
			if last {
				_ = writer.Close()
				return
			}
		}
		_ = writer.CloseWithError(ctx.Err())
	}()
}

// piped ends what it comes from when it is closed.
type piped struct {
	*io.PipeReader
	from io.Closer
}

// Close implements io.Closer.
func (p *piped) Close() error {
	_ = p.PipeReader.Close()
	return p.from.Close()
}
