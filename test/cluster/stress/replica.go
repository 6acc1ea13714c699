package stress

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Replica is one of several API servers. Its cache can be behind what another
// has shown already, or go on later than that: then lists from the cache and
// watches show what was. Reads of what is so now, and writes, reach the store
// and are true, as with real servers.
//
// With Streams, watches that begin with everything that exists come from the
// cache as well, however old: no server that works does that.
type Replica struct {
	// Of takes the resources that the cache is of, by name.
	Of []string
	// Streams lets a watch begin with what was.
	Streams bool

	Counted
	ctx       context.Context
	cancel    context.CancelFunc
	recorders sync.WaitGroup

	mu        sync.Mutex
	histories map[string]*history
	// behind is how far the cache has come; nil means that it is up to date.
	behind Moment
	// moved is closed and replaced when behind changes.
	moved chan struct{}
	// switched is closed and replaced when clients come to another server.
	switched chan struct{}
	problem  error
}

// Moment is a state of the cache.
type Moment map[string]int

// NewReplica makes a server of the resources that is up to date. Close ends it.
func NewReplica(of ...string) *Replica {
	r := &Replica{Of: of, histories: map[string]*history{}, moved: make(chan struct{}), switched: make(chan struct{})}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// Close ends the recording, and returns what went wrong with it.
func (p *Replica) Close() error {
	p.cancel()
	p.recorders.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.problem
}

// Now is how far the cache has come.
func (p *Replica) Now() Moment {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := Moment{}
	for key, h := range p.histories {
		m[key] = h.length()
	}
	return m
}

// Hold keeps the cache as it is: what happens from now on does not come.
func (p *Replica) Hold() { p.set(p.Now(), false) }

// GoBack has all clients connect anew, to a server that knows no more than was
// known at the moment.
func (p *Replica) GoBack(to Moment) { p.set(maps.Clone(to), true) }

// CatchUp lets the cache come up to date.
func (p *Replica) CatchUp() { p.set(nil, false) }

func (p *Replica) set(behind Moment, reconnect bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behind = behind
	close(p.moved)
	p.moved = make(chan struct{})
	if reconnect {
		close(p.switched)
		p.switched = make(chan struct{})
	}
}

// reach is how far the cache of a resource has come, negative if it is up to date.
func (p *Replica) reach(key string) (end int, moved, switched <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.behind == nil {
		return -1, p.moved, p.switched
	}
	return p.behind[key], p.moved, p.switched
}

// Answer implements Fault.
func (p *Replica) Answer(r *Request, server http.RoundTripper) (*http.Response, error) {
	cached := r.Verb == "watch" || r.Verb == "list" && r.URL.Query().Get("resourceVersion") == "0"
	if !cached || !slices.Contains(p.Of, r.Resource) || r.Subresource != "" || r.Name != "" {
		return server.RoundTrip(r.Request)
	}
	key := resourceKey(r)
	h, err := p.history(key, r, server)
	if err != nil {
		return nil, err
	}
	end, _, _ := p.reach(key)
	if end >= 0 {
		p.note()
	}
	if r.Verb == "list" {
		raw, err := h.list(end)
		if err != nil {
			return nil, err
		}
		return answer(r, http.StatusOK, io.NopCloser(bytes.NewReader(raw))), nil
	}
	if r.Streams() && !p.Streams {
		// It waits for the cache to know everything, and then gives up.
		if end >= 0 {
			return status(r, http.StatusGatewayTimeout, metav1.StatusReasonTimeout, "Too large resource version"), nil
		}
	}
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(p.follow(r, key, h, json.NewEncoder(writer))) }()
	return answer(r, http.StatusOK, reader), nil
}

// follow writes a watch.
func (p *Replica) follow(r *Request, key string, h *history, out *json.Encoder) error {
	at := 0
	end, _, switched := p.reach(key)
	if r.Streams() {
		there, version := h.at(end)
		at = end
		if at < 0 {
			at = h.upTo(version)
		}
		for _, c := range there {
			if err := out.Encode(event{Type: "ADDED", Object: c.Object}); err != nil {
				return err
			}
		}
		if err := out.Encode(h.bookmark(version)); err != nil {
			return err
		}
	} else {
		version, err := strconv.ParseInt(r.URL.Query().Get("resourceVersion"), 10, 64)
		if err != nil {
			return out.Encode(errorEvent(http.StatusGone, metav1.StatusReasonExpired, tooOld))
		}
		at = h.upTo(version)
	}
	for {
		end, moved, _ := p.reach(key)
		changes, grown := h.since(at, end)
		for _, c := range changes {
			if err := out.Encode(c.event); err != nil {
				return err
			}
		}
		at += len(changes)
		select {
		case <-grown:
		case <-moved:
		case <-switched:
			return io.EOF
		case <-r.Context().Done():
			return context.Cause(r.Context())
		case <-p.ctx.Done():
			return io.EOF
		}
	}
}

// upTo is how many changes are not later than the version.
func (h *history) upTo(version int64) int {
	changes, _ := h.since(0, -1)
	n := 0
	for n < len(changes) && changes[n].version <= version {
		n++
	}
	return n
}

// bookmark says that everything has been told.
func (h *history) bookmark(version int64) event {
	raw, err := json.Marshal(map[string]any{
		"kind": h.itemKind(), "apiVersion": h.apiVersion, "metadata": map[string]any{
			"resourceVersion": strconv.FormatInt(version, 10), "annotations": map[string]string{metav1.InitialEventsAnnotationKey: "true"},
		},
	})
	if err != nil {
		panic(err) // A map of texts can always be encoded.
	}
	return event{Type: "BOOKMARK", Object: raw}
}
