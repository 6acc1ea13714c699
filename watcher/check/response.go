package check

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// Response is what a pod answered, after the redirects that were followed. It
// is kept in memory for as long as it is compared, and never written down: it
// holds cookies and whatever the persona may see.
type Response struct {
	// Method and Path are those of the request that was answered last.
	Method, Path string
	// Redirects is how many were followed.
	Redirects int
	Status    int
	Header    http.Header
	Body      []byte
	// Truncated is set if the body was longer than its limit.
	Truncated bool
	// Took is from the request to the end of the body.
	Took time.Duration
}

// JSON decodes the body, with its numbers as they are written.
func (r *Response) JSON() (any, error) {
	d := json.NewDecoder(bytes.NewReader(r.Body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more after the JSON value")
	}
	return v, nil
}

// Predicate is a compiled expression over a response.
type Predicate func(*Response) (bool, error)

// Compiler makes a Predicate of an expression, or says what is wrong with it.
type Compiler func(expression string) (Predicate, error)
