package wire

import (
	"net/http"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

const (
	// bookmarkEvery is the time between two bookmarks.
	bookmarkEvery = time.Minute
	// room is how much is written at once.
	room = 256 << 10
)

// stream is one open watch.
type stream struct {
	server *Server
	of     *Resource
	out    http.ResponseWriter
	flush  *http.ResponseController
	buf    []byte
}

// watch serves a watch until its client goes or asked to end.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, of *Resource, t target) {
	if t.namespace != "" {
		fail(w, http.StatusNotFound, metav1.StatusReasonNotFound, "only all namespaces are watched here")
		return
	}
	q := r.URL.Query()
	initial := q.Get("sendInitialEvents") == "true"
	next, version := 0, uint64(0)
	var all [][]byte
	if initial {
		all, next, version = of.snapshot()
	} else {
		from, err := strconv.ParseUint(q.Get("resourceVersion"), 10, 64)
		if err != nil && q.Get("resourceVersion") != "" {
			fail(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, "invalid resource version")
			return
		}
		known := false
		if next, known = of.after(from); !known {
			fail(w, http.StatusGone, metav1.StatusReasonExpired, "too old resource version")
			return
		}
	}
	w.Header().Set("Content-Type", protobufStream)
	w.WriteHeader(http.StatusOK)
	o := &stream{server: s, of: of, out: w, flush: http.NewResponseController(w), buf: make([]byte, 0, room+(64<<10))}
	if initial && !o.begin(all, version) {
		return
	}
	_ = o.flush.Flush()
	o.follow(r, next)
}

// begin sends everything that exists, and the bookmark that ends it.
func (o *stream) begin(all [][]byte, version uint64) bool {
	for _, raw := range all {
		o.buf = appendFrame(o.buf, string(watch.Added), raw)
		o.server.frame(o.of, 1)
		if len(o.buf) >= room && !o.write() {
			return false
		}
	}
	return o.bookmark(version, true) && o.write()
}

func (o *stream) bookmark(version uint64, ends bool) bool {
	mark := o.of.empty()
	mark.SetResourceVersion(strconv.FormatUint(version, 10))
	if ends {
		mark.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	raw, err := encode(o.of.kind, mark)
	if err != nil {
		return false
	}
	o.buf = appendFrame(o.buf, string(watch.Bookmark), raw)
	return true
}

func (o *stream) write() bool {
	_, err := o.out.Write(o.buf)
	o.buf = o.buf[:0]
	return err == nil
}

// follow sends changes as they come.
func (o *stream) follow(r *http.Request, next int) {
	seconds, err := strconv.Atoi(r.URL.Query().Get("timeoutSeconds"))
	if err != nil || seconds <= 0 {
		seconds = 1800
	}
	over := time.NewTimer(time.Duration(seconds) * time.Second)
	defer over.Stop()
	bookmarks := time.NewTicker(bookmarkEvery)
	defer bookmarks.Stop()
	for {
		list, more, known := o.of.since(next)
		if !known || !o.send(list) {
			return
		}
		next += len(list)
		if len(list) > 0 {
			continue
		}
		select {
		case <-more:
		case <-bookmarks.C:
			if !o.bookmark(o.server.version.Load(), false) || !o.write() || o.flush.Flush() != nil {
				return
			}
		case <-over.C:
			return
		case <-r.Context().Done():
			return
		case <-o.server.closing:
			return
		}
	}
}

// send writes changes and hands them to the connection.
func (o *stream) send(list []change) bool {
	for len(list) > 0 {
		n := 0
		for n < len(list) && len(o.buf) < room {
			o.buf = appendFrame(o.buf, string(list[n].event), list[n].raw)
			n++
		}
		now := time.Now()
		for i := range list[:n] {
			if list[i].written != nil {
				list[i].written(now)
			}
		}
		o.server.frame(o.of, uint64(n))
		list = list[n:]
		if !o.write() || o.flush.Flush() != nil {
			return false
		}
	}
	return true
}
