package differ

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/undog-dev/undog/watcher/check"
)

// Baseline is what is kept of an old revision's answer once its pods are gone:
// structure, punctuation, space, and for each word 12 bits of a salted hash.
// That tells equal words from different ones, but for one pair in 4096, and
// fits so many words that none can be told from it. It is bounded, holds no
// text of the page but names of elements, classes and fields, and may be
// written down.
type Baseline struct {
	Version int    `json:"version"`
	Salt    string `json:"salt"`
	Page    *page  `json:"page"`
}

// What a baseline holds at most, and its format.
const (
	MaxBaseline     = 512 << 10
	baselineVersion = 1
	baselineNodes   = 1500
	baselineTokens  = 6000
	baselineMask    = 1<<12 - 1
)

// digester makes trees whose words are short hashes.
func digester(salt string, known []string) *builder {
	b := newBuilder(known)
	b.salt, b.mask, b.nodes, b.tokens = salt, baselineMask, baselineNodes, baselineTokens
	return b
}

// Keep makes a baseline of what two pods of a revision answered.
func Keep(oldA, oldB *check.Response, o Options) (*Baseline, error) {
	if why := unfit(oldA, oldB, &check.Response{Status: 200}); why != "" {
		return nil, fmt.Errorf("keep baseline: %s", why)
	}
	return keep(rand.Text(), oldA, oldB, o)
}

func keep(salt string, oldA, oldB *check.Response, o Options) (*Baseline, error) {
	known := slices.Concat(o.Known, prefilled(oldA.Body))
	a, b := digester(salt, known).page(oldA), digester(salt, known).page(oldB)
	if _, why := a.settle(b); why != "" {
		return nil, fmt.Errorf("keep baseline: %s", why)
	}
	a.Assets = nil // Their names may be anything.
	return &Baseline{Version: baselineVersion, Salt: salt, Page: a}, nil
}

// Encode writes a baseline.
func (b *Baseline) Encode() ([]byte, error) {
	out, err := json.Marshal(b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("encode baseline: %w", err)
	case len(out) > MaxBaseline:
		return nil, fmt.Errorf("encode baseline: it has %d bytes, more than %d", len(out), MaxBaseline)
	}
	return out, nil
}

// Decode reads a baseline.
func Decode(data []byte) (*Baseline, error) {
	if len(data) > MaxBaseline {
		return nil, fmt.Errorf("decode baseline: it has %d bytes, more than %d", len(data), MaxBaseline)
	}
	b := &Baseline{}
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("decode baseline: %w", err)
	}
	if b.Version != baselineVersion || b.Page == nil || b.Salt == "" {
		return nil, fmt.Errorf("decode baseline: version %d is not %d, or it is incomplete", b.Version, baselineVersion)
	}
	if p := b.Page; p.Root != nil {
		if !p.Root.sound(0) {
			return nil, fmt.Errorf("decode baseline: its tree is damaged")
		}
		p.Root.seal(nil)
	} else if p.Format != isBinary {
		return nil, fmt.Errorf("decode baseline: it has no tree")
	}
	return b, nil
}

// sound tells whether a tree that was read can be walked.
func (n *node) sound(depth int) bool {
	return n != nil && n.Tag != "" && depth <= maxDepth+2 &&
		!slices.ContainsFunc(n.Kids, func(k *node) bool { return !k.sound(depth + 1) })
}

// CompareBaseline compares a new answer with what was kept of the old one. It
// convicts for the same reasons as Compare. What it was kept before is not known
// to be so still: data change, and the caller decides how old it may be.
func CompareBaseline(b *Baseline, now *check.Response, o Options) (Report, error) {
	if now == nil || now.Status == 429 {
		return not("the new pod gave no answer, or asks for patience"), nil
	}
	data, err := b.Encode() // A comparison leaves marks; the baseline stays as it is.
	if err != nil {
		return Report{}, err
	}
	own, err := Decode(data)
	if err != nil {
		return Report{}, err
	}
	f := newFinder(o)
	p := digester(own.Salt, o.Known).page(now)
	own.Page.Assets = p.Assets
	f.pages(own.Page, p)
	return f.done(), nil
}
