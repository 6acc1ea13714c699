package corpus

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

// auditLog reads what undog asked of the API server, each line once: the log
// of an hour is long.
type auditLog struct {
	path string

	mu     sync.Mutex
	offset int64
	events []auditv1.Event
}

// in are undog's requests in the namespace so far.
func (a *auditLog) in(namespace string) ([]auditv1.Event, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.read(); err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	var out []auditv1.Event
	for i := range a.events {
		if a.events[i].ObjectRef.Namespace == namespace {
			out = append(out, a.events[i])
		}
	}
	return out, nil
}

func (a *auditLog) read() error {
	file, err := os.Open(a.path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(a.offset, io.SeekStart); err != nil {
		return err
	}
	for reader := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A line without its end is still being written.
			return nil
		}
		if err != nil {
			return err
		}
		a.offset += int64(len(line))
		if !bytes.Contains(line, []byte(daemon.User)) {
			continue
		}
		var e auditv1.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("decode audit event: %w", err)
		}
		if e.User.Username == daemon.User && e.ObjectRef != nil && slices.Contains(changing, e.Verb) {
			a.events = append(a.events, e)
		}
	}
}

// changing are the verbs that change something.
var changing = []string{"create", "update", "patch", "delete", "deletecollection"}

// trace is what the audit log says of undog and a namespace.
type trace struct {
	// writes is how often undog changed something, or tried to.
	writes int
	// undone holds, by workload, when undog changed the template.
	undone map[string][]time.Time
	// refused are the requests that the rights did not allow.
	refused []string
}

// trace reads it.
func (a *auditLog) trace(namespace string) (*trace, error) {
	events, err := a.in(namespace)
	if err != nil {
		return nil, err
	}
	t := &trace{undone: map[string][]time.Time{}}
	for i := range events {
		e := &events[i]
		if e.ObjectRef.APIGroup == "authorization.k8s.io" || strings.Contains(e.RequestURI, "dryRun=All") {
			continue
		}
		t.writes++
		var code int32
		if e.ResponseStatus != nil {
			code = e.ResponseStatus.Code
		}
		if code == 403 {
			t.refused = append(t.refused, e.Verb+" "+e.ObjectRef.Resource)
		}
		if e.ObjectRef.Resource != "deployments" || e.ObjectRef.Subresource != "" || code >= 300 {
			continue
		}
		undo, err := changesTemplate(e)
		if err != nil {
			return nil, err
		}
		if undo {
			t.undone[e.ObjectRef.Name] = append(t.undone[e.ObjectRef.Name], e.StageTimestamp.Time)
		}
	}
	return t, nil
}

// changesTemplate tells whether a write to a Deployment changes its pod
// template. What is not a JSON patch does, for all that can be known.
func changesTemplate(e *auditv1.Event) (bool, error) {
	if e.RequestObject == nil {
		return false, fmt.Errorf("audit log has a %s of %s without its body", e.Verb, e.ObjectRef.Name)
	}
	var ops []struct{ Op, Path string }
	if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
		return true, nil //nolint:nilerr // It is another kind of patch.
	}
	for _, o := range ops {
		if o.Op != "test" && (o.Path == "/spec" || o.Path == "" || strings.HasPrefix(o.Path, "/spec/template")) {
			return true, nil
		}
	}
	return false, nil
}
