package stress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxList bounds a first list, in bytes.
const maxList = 64 << 20

// resourceKey is what a cache holds one of.
func resourceKey(r *Request) string {
	query := r.URL.Query()
	return r.URL.Path + "?" + url.Values{"labelSelector": query["labelSelector"], "fieldSelector": query["fieldSelector"]}.Encode()
}

// history returns what is known of a resource, and begins to record it when it
// is asked for the first time.
func (p *Replica) history(key string, r *Request, server http.RoundTripper) (*history, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.histories[key]; h != nil {
		return h, nil
	}
	h := &history{grown: make(chan struct{})}
	from := *r.URL
	if err := p.list(h, &from, r, server); err != nil {
		return nil, err
	}
	p.histories[key] = h
	p.recorders.Go(func() {
		if err := p.record(h, &from, r, server); err != nil && p.ctx.Err() == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.problem = errors.Join(p.problem, err)
		}
	})
	return h, nil
}

// ask makes a request of the recorder's own.
func (p *Replica) ask(from *url.URL, query url.Values, r *Request, server http.RoundTripper) (*http.Response, error) {
	for _, selector := range []string{"labelSelector", "fieldSelector"} {
		if v := r.URL.Query().Get(selector); v != "" {
			query.Set(selector, v)
		}
	}
	u := *from
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(p.ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", from.Path, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", r.UserAgent())
	resp, err := server.RoundTrip(req)
	if err != nil {
		return nil, fmt.Errorf("record %s: %w", from.Path, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("record %s: %s", from.Path, resp.Status), drop(resp))
	}
	return resp, nil
}

// list takes in what there is.
func (p *Replica) list(h *history, from *url.URL, r *Request, server http.RoundTripper) error {
	resp, err := p.ask(from, url.Values{}, r, server)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var all struct {
		Kind, APIVersion string
		Metadata         struct{ ResourceVersion string }
		Items            []map[string]json.RawMessage
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, resp.Body, maxList)).Decode(&all); err != nil {
		return fmt.Errorf("read list of %s: %w", from.Path, err)
	}
	h.kind, h.apiVersion = all.Kind, all.APIVersion
	if h.base, err = strconv.ParseInt(all.Metadata.ResourceVersion, 10, 64); err != nil {
		return fmt.Errorf("read version of %s: %w", from.Path, err)
	}
	for _, item := range all.Items {
		// The objects of a list do not say what they are.
		item["kind"], item["apiVersion"] = quoted(h.itemKind()), quoted(h.apiVersion)
		raw, err := json.Marshal(item)
		if err != nil {
			return fmt.Errorf("encode object of %s: %w", from.Path, err)
		}
		if _, err := h.add(event{Type: "ADDED", Object: raw}); err != nil {
			return err
		}
	}
	return nil
}

func quoted(s string) json.RawMessage { return json.RawMessage(strconv.Quote(s)) }

func (h *history) itemKind() string { return strings.TrimSuffix(h.kind, "List") }

// record takes in what happens, until the replica is closed.
func (p *Replica) record(h *history, from *url.URL, r *Request, server http.RoundTripper) error {
	version := h.base
	for p.ctx.Err() == nil {
		resp, err := p.ask(from, url.Values{
			"watch": {"true"}, "allowWatchBookmarks": {"true"}, "resourceVersion": {strconv.FormatInt(version, 10)},
		}, r, server)
		if err != nil {
			return err
		}
		for decoder := json.NewDecoder(resp.Body); ; {
			var e event
			if decoder.Decode(&e) != nil {
				break
			}
			if e.Type == "ERROR" {
				return errors.Join(fmt.Errorf("watch of %s ends: %s", from.Path, bytes.TrimSpace(e.Object)), drop(resp))
			}
			if version, err = h.add(e); err != nil {
				return errors.Join(err, drop(resp))
			}
		}
		if err := drop(resp); err != nil {
			return err
		}
	}
	return nil
}
