package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/undog-dev/undog/watcher/check"
)

// answer is the server's, as far as it is read.
type answer struct {
	Status   string   `json:"status"`
	Error    string   `json:"error"`
	Warnings []string `json:"warnings"`
	Data     struct {
		Type   string          `json:"resultType"`
		Result json.RawMessage `json:"result"`
	} `json:"data"`
}

// parse reads the one number of an answer. The error is *Problem.
func parse(body []byte) (float64, error) {
	var a answer
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&a); err != nil {
		return 0, problem(check.ReasonUnavailable, "the metrics server's answer cannot be read: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return 0, problem(check.ReasonUnavailable, "the metrics server's answer goes on after its end")
	}
	switch {
	case a.Status == "error":
		return 0, problem(check.ReasonExpression, "the metrics server refuses the query: %s", a.Error)
	case a.Status != "success":
		return 0, problem(check.ReasonUnavailable, "the metrics server's answer has the status %q", a.Status)
	case len(a.Warnings) > 0:
		return 0, problem(check.ReasonUnavailable, "the metrics server warns of its own answer: %s", a.Warnings[0])
	}
	switch a.Data.Type {
	case "scalar":
		return value(a.Data.Result)
	case "vector":
		return vector(a.Data.Result)
	}
	return 0, problem(check.ReasonNoData, "the query gives a %s; let it give one number", a.Data.Type)
}

// vector is the value of the one series.
func vector(raw json.RawMessage) (float64, error) {
	var series []struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &series); err != nil {
		return 0, problem(check.ReasonUnavailable, "the metrics server's vector cannot be read: %v", err)
	}
	switch n := len(series); {
	case n == 0:
		return 0, problem(check.ReasonNoData, "the query gives no data")
	case n > 1:
		return 0, problem(check.ReasonNoData, "the query gives %d series; let it give one number, as sum(…) does", n)
	case series[0].Value == nil:
		return 0, problem(check.ReasonNoData, "the query gives no number, perhaps a histogram; let it give one number")
	}
	return value(series[0].Value)
}

// value reads a time and a number.
func value(raw json.RawMessage) (float64, error) {
	var both []json.RawMessage
	var text string
	if json.Unmarshal(raw, &both) != nil || len(both) != 2 || json.Unmarshal(both[1], &text) != nil {
		return 0, problem(check.ReasonUnavailable, "the metrics server's number cannot be read")
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case math.IsNaN(f):
		return 0, problem(check.ReasonNoData, "the query gives no number (NaN), as a division of zero by zero does")
	case math.IsInf(f, 0):
		return 0, problem(check.ReasonNoData, "the query gives %s, as a division by zero does", text)
	case err != nil:
		return 0, problem(check.ReasonUnavailable, "the metrics server's number cannot be read")
	}
	return f, nil
}
