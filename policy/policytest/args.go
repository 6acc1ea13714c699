package policytest

import (
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// text is the value of an argument, or what is said otherwise.
func text(d *datadriven.TestData, key, otherwise string) string {
	for _, a := range d.CmdArgs {
		if a.Key == key && len(a.Vals) > 0 {
			return a.Vals[0]
		}
	}
	return otherwise
}

// number is the value of an argument as a number; a bad one is a broken
// scenario, and breaks it.
func number(d *datadriven.TestData, key string, otherwise int32) int32 {
	s := text(d, key, "")
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		panic(d.Pos + ": " + err.Error())
	}
	return int32(n)
}

// span is the value of an argument as a duration.
func span(d *datadriven.TestData, key string, otherwise time.Duration) time.Duration {
	s := text(d, key, "")
	if s == "" {
		return otherwise
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		panic(d.Pos + ": " + err.Error())
	}
	return v
}

func parse(t *testing.T, s string) time.Duration {
	t.Helper()
	v, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
