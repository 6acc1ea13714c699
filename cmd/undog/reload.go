package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/undog-dev/undog/config"
)

// answer is what an undog that runs by one file makes of another.
type answer struct {
	File    string `json:"file"`
	Against string `json:"against"`
	Taken   bool   `json:"taken"`
	// Why is why it is not taken.
	Why     string   `json:"why,omitempty"`
	Changes []change `json:"changes"`
}

// change is a key that differs.
type change struct {
	Key    string        `json:"key"`
	Counts config.Counts `json:"counts"`
	From   string        `json:"from,omitempty"`
	To     string        `json:"to,omitempty"`
}

// weigh asks, in the daemon's stead, what becomes of the file; what is wrong with
// one of the two is an error.
func weigh(ctx context.Context, stdin io.Reader, name, against string) (*answer, config.Diff, error) {
	running, err := readConfig(ctx, stdin, against)
	if err != nil {
		return nil, nil, err
	}
	content, from, err := readContent(ctx, stdin, name)
	if err != nil {
		return nil, nil, err
	}
	_, diff, err := config.Weigh(&running.Config, content, func(content []byte) (*config.Config, error) {
		file, err := config.Parse(from, content, compilers)
		if err != nil {
			return nil, err
		}
		return &file.Config, nil
	})
	a := &answer{File: from, Against: running.Name, Taken: err == nil, Changes: []change{}}
	switch {
	case errors.Is(err, config.ErrNextStart):
		a.Why = err.Error()
	case errors.Is(err, config.ErrEmpty):
		return nil, nil, fmt.Errorf("%s: %w", from, err)
	case err != nil:
		return nil, nil, err
	}
	for _, c := range diff {
		a.Changes = append(a.Changes, change{Key: c.Path, Counts: c.Counts, From: c.From, To: c.To})
	}
	return a, diff, nil
}

// reload writes the answer; a file that is not taken has an exit code of its own.
func (p *program) reload(a *answer, diff config.Diff, output string) error {
	text := []byte(a.text(diff))
	if output == outputJSON {
		data, err := json.MarshalIndent(a, "", "  ")
		if err != nil {
			return fmt.Errorf("encode the result: %w", err)
		}
		text = append(data, '\n')
	}
	if _, err := p.out.Write(text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if !a.Taken {
		return &ending{code: exitNextStart}
	}
	return nil
}

// text is the answer for people.
func (a *answer) text(diff config.Diff) string {
	var b strings.Builder
	switch {
	case len(diff) == 0:
		fmt.Fprintf(&b, "%s: says what %s says; an undog that runs goes on as it does\n", a.File, a.Against)
	case a.Taken:
		fmt.Fprintf(&b, "%s: an undog that runs by %s takes it\n", a.File, a.Against)
	default:
		fmt.Fprintf(&b, "%s: an undog that runs by %s takes none of it: start undog anew, or take back what counts from the next start on\n", a.File, a.Against)
	}
	for _, when := range []struct {
		counts config.Counts
		text   string
	}{
		{config.AtOnce, "counts at once"},
		{config.LaterRollouts, "counts for rollouts that begin later, and at once where it forbids more"},
		{config.NextStart, "counts from the next start on"},
	} {
		of := diff.Of(when.counts)
		if len(of) > 0 {
			fmt.Fprintf(&b, "%s:\n", when.text)
		}
		for _, c := range of {
			fmt.Fprintf(&b, "  %s\n", c)
		}
	}
	return b.String()
}
