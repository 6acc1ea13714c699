package source

import (
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/slim"
)

// slimClient reads objects without what undog does not look at.
type slimClient struct{ *api.Client }

// NewClient returns a client that reads objects without what package watcher does
// not look at (see package slim). It must be used for nothing else: what it does
// not read would be lost if it were written back.
// Specs that are known already it leaves out, if specs is not nil.
func NewClient(cfg *rest.Config, specs *slim.Specs) (api.Reading, error) {
	client, err := api.NewDecoding(cfg, slim.Codecs(specs))
	if err != nil {
		return nil, err
	}
	return &slimClient{client}, nil
}
