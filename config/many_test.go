package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/undog-dev/undog/config"
)

// A file of nothing but mistakes is told of by the first of them.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	for i := range 80_000 {
		fmt.Fprintf(&b, "key%d: 1\n", i)
	}
	_, err := config.Load(config.Options{Path: "undog.yaml", Content: []byte(b.String()), Env: []string{}})
	var problems config.Problems
	if !errors.As(err, &problems) || len(problems) != 101 {
		t.Fatalf("%d problems", len(problems))
	}
	if !strings.Contains(err.Error(), "more mistakes") {
		t.Error("nothing says that there are more")
	}
}
