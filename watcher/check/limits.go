package check

import "time"

// What a check may use at most, and what it gets if it does not say.
const (
	MaxSteps        = 16
	MaxCaptures     = 16 // In all steps together.
	MaxCapture      = 4 << 10
	MaxExpectations = 32 // Of one step.
	MaxFields       = 64 // Headers, query parameters or form fields of one request.
	MaxText         = 64 << 10
	MaxExpression   = 1 << 10
	MaxRedirects    = 10
	MaxTimeout      = 2 * time.Minute
	MaxBody         = 4 << 20
	MaxHeader       = 64 << 10

	DefaultRedirects   = 5
	DefaultTimeout     = 30 * time.Second
	DefaultStepTimeout = 10 * time.Second
	DefaultBody        = 256 << 10

	// minTimeout is shorter than any answer; a bare number in YAML is
	// nanoseconds and falls below it.
	minTimeout = 10 * time.Millisecond
)
