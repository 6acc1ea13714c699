package watcher

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
)

// What a pod runs is kept as one word, which all pods of a revision share as
// long as its tags are not moved: a line per container, name and digest.
const (
	lineEnd  = "\n"
	fieldEnd = " "
)

// runningImages says what the runtime runs in each container, 0 if nothing yet.
func runningImages(statuses []corev1.ContainerStatus) word {
	// Nearly every pod has one or two containers: this stays on the stack.
	var buf [256]byte
	line := buf[:0]
	for i := range statuses {
		d := imageDigest(statuses[i].ImageID)
		if d == "" {
			continue
		}
		line = append(line, statuses[i].Name...)
		line = append(line, fieldEnd...)
		line = append(line, d...)
		line = append(line, lineEnd...)
	}
	return intern(string(line))
}

// maxDigest is longer than any digest in use.
const maxDigest = 160

// imageDigest cuts an imageID to its digest, "" if it has none. It comes as
// repo@sha256:…, as sha256:…, or behind a scheme.
func imageDigest(id string) string {
	if i := strings.LastIndex(id, "sha256:"); i >= 0 {
		id = id[i:]
	} else if i := strings.LastIndexByte(id, '@'); i >= 0 {
		id = id[i+1:]
	} else {
		return ""
	}
	if len(id) > maxDigest || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}

// imageCount is how many pods run the same images.
type imageCount struct {
	images word
	pods   int32
}

// countImages takes in that a pod runs other images than before.
func (c *crew) countImages(before, now word) {
	if before == now {
		return
	}
	c.addImages(before, -1)
	c.addImages(now, 1)
}

func (c *crew) addImages(images word, n int32) {
	if images == (word{}) {
		return
	}
	i := slices.IndexFunc(c.images, func(x imageCount) bool { return x.images == images })
	if i < 0 {
		c.images = append(c.images, imageCount{images: images, pods: n})
		return
	}
	if c.images[i].pods += n; c.images[i].pods == 0 {
		c.images = slices.Delete(c.images, i, i+1)
	}
}

// digests lists what the pods run, sorted and cut.
func (c *crew) digests() []policy.Digest {
	if len(c.images) == 0 {
		return nil
	}
	var out []policy.Digest
	for _, x := range c.images {
		for line := range strings.Lines(text(x.images)) {
			name, digest, _ := strings.Cut(strings.TrimSuffix(line, lineEnd), fieldEnd)
			if d := (policy.Digest{Container: name, Digest: digest}); !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b policy.Digest) int {
		return cmp.Or(cmp.Compare(a.Container, b.Container), cmp.Compare(a.Digest, b.Digest))
	})
	return slices.Clip(out[:min(len(out), policy.MaxDigests)])
}
