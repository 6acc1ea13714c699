package rollback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// maxNamed bounds how many objects a message names.
const maxNamed = 8

// completes tells whether everything is there that the target's pods cannot do
// without; nil lets the undo pass. The note says what could not be looked at,
// because undog is not permitted to or because there is too much of it: that
// is taken to be there.
func (e *Executor) completes(ctx context.Context, namespace string, target json.RawMessage) (note string, end *ending) {
	t, err := typed(target)
	if err != nil {
		return "", new(refused(NoTarget, err.Error()))
	}
	var missing, unseen, notes []string
	all := needs(t)
	if len(all) > maxNeeds {
		notes = append(notes, fmt.Sprintf("only the first %d of %d objects were checked", maxNeeds, len(all)))
		all = all[:maxNeeds]
	}
	for _, n := range all {
		lacks, err := e.api.lacks(ctx, namespace, n)
		switch {
		case errors.Is(err, errUnseen):
			unseen = append(unseen, n.String())
		case err != nil:
			return "", new(failed(err))
		default:
			missing = append(missing, lacks...)
		}
	}
	if len(unseen) > 0 {
		notes = append(notes, "not checked, since undog may not read it: "+listed(unseen))
	}
	note = strings.Join(notes, "; ")
	if len(missing) == 0 {
		return note, nil
	}
	message := "the revision to return to needs what is not there: " + listed(missing)
	if note != "" {
		message += "; " + note
	}
	return note, new(refused(TargetIncomplete, printable(message)))
}

// String is the object as people call it.
func (n need) String() string { return kinds[n.resource] + " " + n.name }

func listed(items []string) string {
	if more := len(items) - maxNamed; more > 0 {
		items = append(slices.Clone(items[:maxNamed]), fmt.Sprintf("%d more", more))
	}
	return strings.Join(items, ", ")
}

// errUnseen says that undog is not permitted to look.
var errUnseen = errors.New("not permitted")

// lacks names what there is not of an object: all of it, or some keys. The
// whole object is asked for only where keys matter.
func (a api) lacks(ctx context.Context, namespace string, n need) ([]string, error) {
	accept := metadataType
	if len(n.keys) > 0 {
		accept = jsonType
	}
	var have contents
	err := a.do(ctx, a.core.Get().Namespace(namespace).Resource(n.resource).Name(n.name).SetHeader("Accept", accept), &have)
	switch {
	case err == nil:
	case apierrors.IsNotFound(err):
		return []string{n.String()}, nil
	case apierrors.IsForbidden(err):
		return nil, errUnseen
	default:
		return nil, fmt.Errorf("get %s %s/%s: %w", n.resource, namespace, n.name, err)
	}
	var missing []string
	for _, key := range n.keys {
		if !have.has(key) {
			missing = append(missing, fmt.Sprintf("key %s of %s", key, n))
		}
	}
	return missing, nil
}

// contents is a ConfigMap or a Secret without its values.
type contents struct {
	Data       map[string]present `json:"data"`
	BinaryData map[string]present `json:"binaryData"`
}

func (c contents) has(key string) bool {
	_, data := c.Data[key]
	_, binary := c.BinaryData[key]
	return data || binary
}

// present is a value of which only its presence is kept.
type present struct{}

// UnmarshalJSON forgets the value.
func (*present) UnmarshalJSON([]byte) error { return nil }
