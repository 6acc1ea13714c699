package crowd

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

// auditLog reads the API server's log, each line once: what undog asked for, and
// the statuses that are marked as reports.
type auditLog struct {
	path string

	mu     sync.Mutex
	offset int64
	asked  map[string]uint64
	// requests and reports are by namespace/name of the Deployment that they are
	// about, in the order in which they were completed.
	requests map[string][]request
	reports  map[string][]report
	watches  []selection
}

// request is one of undog's about a Deployment, its ReplicaSets or pods.
type request struct {
	received time.Time
	// undo says that it changed the Deployment's template.
	undo bool
}

// report is a status that says that a container cannot be started: when the API
// server received it, and when it had written it and answered.
type report struct{ received, written time.Time }

func newAuditLog(path string) *auditLog {
	return &auditLog{path: path, asked: map[string]uint64{}, requests: map[string][]request{}, reports: map[string][]report{}}
}

var (
	byUndog  = []byte(`"username":"` + daemon.User + `"`)
	isMarked = []byte(`"auditID":"` + mark)
)

// read takes in what was written since.
func (a *auditLog) read() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	file, err := os.Open(a.path)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || info.Size() < a.offset {
		return fmt.Errorf("read audit log: it was begun anew meanwhile, having grown too large (%w)", err)
	}
	if _, err := file.Seek(a.offset, io.SeekStart); err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	for reader := bufio.NewReaderSize(file, 1<<20); ; {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A line without its end is still being written.
			return nil
		}
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		a.offset += int64(len(line))
		if !bytes.Contains(line, byUndog) && !bytes.Contains(line, isMarked) {
			continue
		}
		var e auditv1.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("decode audit event: %w", err)
		}
		if err := a.take(&e); err != nil {
			return err
		}
	}
}

func (a *auditLog) take(e *auditv1.Event) error {
	ref := e.ObjectRef
	if ref == nil {
		return nil
	}
	if strings.HasPrefix(string(e.AuditID), mark) {
		if e.Stage == auditv1.StageResponseComplete && e.ResponseStatus != nil && e.ResponseStatus.Code < 300 {
			about := ref.Namespace + "/" + cut(ref.Name, 2)
			a.reports[about] = append(a.reports[about], report{received: e.RequestReceivedTimestamp.Time, written: e.StageTimestamp.Time})
		}
		return nil
	}
	if e.User.Username != daemon.User {
		return nil
	}
	return a.asks(e)
}

// asks takes in a request of undog's.
func (a *auditLog) asks(e *auditv1.Event) error {
	ref := e.ObjectRef
	if e.Verb == "watch" {
		// Its end is in the log, too.
		if e.Stage == auditv1.StageResponseStarted {
			a.asked["watch "+ref.Resource]++
			return a.watch(e)
		}
		return nil
	}
	name := ref.Resource
	if ref.Subresource != "" {
		name += "/" + ref.Subresource
	}
	a.asked[e.Verb+" "+name]++
	parts, ok := map[string]int{"deployments": 0, "replicasets": 1, "pods": 2}[ref.Resource]
	if !ok || ref.Name == "" {
		return nil
	}
	about := ref.Namespace + "/" + cut(ref.Name, parts)
	r := request{received: e.RequestReceivedTimestamp.Time}
	if e.Verb == "patch" && ref.Resource == "deployments" && e.ResponseStatus != nil && e.ResponseStatus.Code == 200 {
		undo, err := changesTemplate(e)
		if err != nil {
			return err
		}
		r.undo = undo
	}
	a.requests[about] = append(a.requests[about], r)
	return nil
}

// watch notes what a watch asked for.
func (a *auditLog) watch(e *auditv1.Event) error {
	at, err := url.Parse(e.RequestURI)
	if err != nil {
		return fmt.Errorf("read what is watched: %w", err)
	}
	q := at.Query()
	a.watches = append(a.watches, selection{
		resource:  schema.GroupVersionResource{Group: e.ObjectRef.APIGroup, Version: e.ObjectRef.APIVersion, Resource: e.ObjectRef.Resource},
		namespace: e.ObjectRef.Namespace, fields: q.Get("fieldSelector"), labels: q.Get("labelSelector"),
	})
	return nil
}

// changesTemplate tells whether a JSON patch of a Deployment changes its template.
func changesTemplate(e *auditv1.Event) (bool, error) {
	if e.RequestObject == nil {
		return false, fmt.Errorf("read audit log: a patch of %s is without its body", e.ObjectRef.Name)
	}
	var ops []struct{ Op, Path string }
	if err := json.Unmarshal(e.RequestObject.Raw, &ops); err != nil {
		return false, fmt.Errorf("decode a patch of %s: %w", e.ObjectRef.Name, err)
	}
	for _, o := range ops {
		if o.Op == "replace" && o.Path == "/spec/template" {
			return true, nil
		}
	}
	return false, nil
}

// cut takes the last parts of a name off.
func cut(name string, parts int) string {
	for range parts {
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			name = name[:i]
		}
	}
	return name
}

// watched is what undog watches: each selection once.
func (a *auditLog) watched() []selection {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []selection
	seen := map[selection]bool{}
	for _, s := range a.watches {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// counts is how often undog asked, by verb and resource.
func (a *auditLog) counts() map[string]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.asked)
}
