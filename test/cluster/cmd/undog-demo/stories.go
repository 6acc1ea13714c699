package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// story is what is told about two releases, of which the second is bad.
type story struct {
	name string
	// play is how the pods behave, config what undog is configured with.
	play, config string
	// bad is the title of the second release.
	bad       string
	container func(image string) corev1.Container
	// prepare makes what the pods and undog need.
	prepare func(ctx context.Context, s *stage) error
	// good shows that the first release does its work.
	good func(ctx context.Context, s *stage, began time.Time) error
	// evidence shows what the second one does; it may go on until ctx ends.
	evidence func(ctx context.Context, s *stage, hash string, began time.Time) error
}

// stories are all that there are, the usual one first.
var stories = []*story{
	{
		name: "crash", bad: "Release 1.1 goes out; it exits at start", evidence: exits, prepare: nothing,
		container: func(image string) corev1.Container { return corev1.Container{Name: "app", Image: image} },
		good:      func(context.Context, *stage, time.Time) error { return nil },
		play: `
rules:
  - match: {image: "demo/shop:1.1"}
    play:
      exits: [{after: 500ms, code: 3}]
      log: ["shop 1.1 starts", "fatal: no table of prices for the currency EUR"]
`,
	},
	{
		name: "first-name", bad: "Release 1.1 goes out; it greets by the first name, which admin does not have", evidence: wrongPage,
		prepare: persona, container: served, good: rightPage, config: checks,
		play: `
rules:
  - match: {image: "demo/shop:1.0"}
    play: {http: {handler: "site:1.0"}}
  - match: {image: "demo/shop:1.1"}
    play: {http: {handler: "site:1.1"}}
`,
	},
}

func nothing(context.Context, *stage) error { return nil }

func names() string {
	var all []string
	for _, s := range stories {
		all = append(all, s.name)
	}
	return strings.Join(all, ", ")
}

// find returns the story of a name.
func find(name string) (*story, error) {
	for _, s := range stories {
		if s.name == name {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no story %q: choose one of %s", name, names())
}
