package scripted

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/undog-dev/undog/test/script"
)

const (
	defaultNodes   = 3
	defaultPrefix  = "scripted"
	defaultWorkers = 8
	// defaultPods lets a test have as many pods as it likes.
	defaultPods = 5000
)

// Options configures a scripted kubelet; the zero value is three nodes whose
// pods behave well.
type Options struct {
	// Nodes is how many nodes to register; 3 when zero.
	Nodes int
	// Prefix begins the nodes' names, which go on with -1, -2 and so on.
	Prefix string
	// Named are registered instead of so many nodes that are all alike.
	Named []Node
	// Script is played besides what Add adds.
	Script *script.Script
	// Handlers serve the HTTP of plays that name them.
	Handlers map[string]http.Handler
	// Workers is how many pods are worked on at once; 8 when zero.
	Workers int
	// Log receives what happens; nil discards it.
	Log *slog.Logger
}

func (o *Options) complete() error {
	if o.Nodes < 0 {
		return fmt.Errorf("check options: Nodes is %d: give how many, or 0 for %d", o.Nodes, defaultNodes)
	}
	if o.Nodes == 0 {
		o.Nodes = defaultNodes
	}
	if o.Prefix == "" {
		o.Prefix = defaultPrefix
	}
	if len(o.Named) == 0 {
		for i := range o.Nodes {
			o.Named = append(o.Named, Node{Name: fmt.Sprintf("%s-%d", o.Prefix, i+1)})
		}
	}
	if o.Workers <= 0 {
		o.Workers = defaultWorkers
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Script == nil {
		o.Script = &script.Script{}
	}
	if err := o.Script.Validate(); err != nil {
		return fmt.Errorf("check options: Script: %w", err)
	}
	return o.checkNodes(o.Script)
}

// checkNodes refuses outages of nodes that will not exist.
func (o *Options) checkNodes(s *script.Script) error {
	for i, outage := range s.Nodes {
		if !o.hasNode(outage.Node) {
			return fmt.Errorf("check script: nodes[%d].node: %q does not exist: the nodes are %s to %s",
				i, outage.Node, o.Named[0].Name, o.Named[len(o.Named)-1].Name)
		}
	}
	return nil
}

func (o *Options) hasNode(name string) bool {
	return slices.ContainsFunc(o.Named, func(n Node) bool { return n.Name == name })
}
