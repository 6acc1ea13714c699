package cluster

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
)

// AuditFilter selects audit events; an empty field selects all.
type AuditFilter struct {
	User        string
	Verb        string
	Resource    string
	Subresource string
	Namespace   string
	Name        string
	// Code is the HTTP status of the reply.
	Code int32
	// Main leaves out requests to subresources when Subresource is empty.
	Main bool
}

// Match reports whether the filter selects the event.
func (f AuditFilter) Match(event *auditv1.Event) bool {
	ref := event.ObjectRef
	if ref == nil {
		ref = &auditv1.ObjectReference{}
	}
	var code int32
	if event.ResponseStatus != nil {
		code = event.ResponseStatus.Code
	}
	for _, field := range []struct{ want, got string }{
		{f.User, event.User.Username},
		{f.Verb, event.Verb},
		{f.Resource, ref.Resource},
		{f.Subresource, ref.Subresource},
		{f.Namespace, ref.Namespace},
		{f.Name, ref.Name},
	} {
		if field.want != "" && field.want != field.got {
			return false
		}
	}
	if f.Main && f.Subresource == "" && ref.Subresource != "" {
		return false
	}
	return f.Code == 0 || f.Code == code
}

// AuditEvents reads the completed requests that the filter selects, in the
// order in which the API server completed them. A request's event is in the
// log before the client has its reply. Watches appear twice: when they start
// and when they end.
func (c *Cluster) AuditEvents(filter AuditFilter) ([]auditv1.Event, error) {
	return ReadAudit(c.dir.AuditLog(), filter)
}

// ReadAudit is AuditEvents for a log file of a cluster that another process runs.
func ReadAudit(file string, filter AuditFilter) ([]auditv1.Event, error) {
	log, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	defer func() { _ = log.Close() }()
	var out []auditv1.Event
	for reader := bufio.NewReader(log); ; {
		line, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			// A line without its end is still being written.
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		var event auditv1.Event
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("decode audit event: %w", err)
		}
		if filter.Match(&event) {
			out = append(out, event)
		}
	}
}
