package script

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Duration is a time.Duration that is written as in Go: 1.5s, 20m.
type Duration struct {
	time.Duration
	// invalid is what stood there instead. Decoding does not fail, so that
	// validation can report every error with its path.
	invalid string
}

// For makes a Duration.
func For(d time.Duration) Duration { return Duration{Duration: d} }

// UnmarshalJSON reads a duration, or keeps what it cannot read for validation.
func (d *Duration) UnmarshalJSON(raw []byte) error {
	*d = Duration{}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		d.invalid = string(raw)
		return nil
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		d.invalid = string(raw)
		return nil
	}
	d.Duration = parsed
	return nil
}

// MarshalJSON writes the duration as text.
func (d Duration) MarshalJSON() ([]byte, error) {
	out, err := json.Marshal(d.String())
	if err != nil {
		return nil, fmt.Errorf("encode duration: %w", err)
	}
	return out, nil
}

// Problem says what is wrong with the duration, "" if nothing is.
func (d Duration) Problem() string {
	switch {
	case d.invalid != "":
		value := strings.Trim(d.invalid, `"`)
		return fmt.Sprintf("%s is not a duration: write it with a unit, such as 500ms or 20s", value)
	case d.Duration < 0:
		return fmt.Sprintf("%v is negative: durations count from 0", d.Duration)
	}
	return ""
}
