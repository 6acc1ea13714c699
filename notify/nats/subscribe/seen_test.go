package subscribe_test

import (
	"context"
	"errors"
	"testing"

	"github.com/undog-dev/undog/notify/nats/subscribe"
)

func TestWindow(t *testing.T) {
	w := subscribe.NewWindow(2)
	seen := func(id string) bool {
		ok, err := w.Seen(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	for _, id := range []string{"a", "a", "b"} {
		if err := w.Mark(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if !seen("a") || !seen("b") || seen("c") {
		t.Error("want a and b, and not c")
	}
	if err := w.Mark(t.Context(), "c"); err != nil {
		t.Fatal(err)
	}
	if seen("a") || !seen("b") || !seen("c") {
		t.Error("want b and c, and a no more")
	}
}

// broken is a store that is away.
type broken struct{ seen, mark error }

func (b broken) Seen(context.Context, string) (bool, error) { return false, b.seen }
func (b broken) Mark(context.Context, string) error         { return b.mark }

func TestStoreThatIsAway(t *testing.T) {
	s := start(t)
	s.publish(t, bad(1, 2)...)
	away := errors.New("away")
	// What cannot be marked is handled all the same, and once.
	equal(t, collect(t, 2, subscribe.Options{Conn: s.connect(t), Seen: broken{mark: away}}), ids(1, 2))
	handled := false
	err := subscribe.Once(broken{seen: away}, func(context.Context, subscribe.Delivery) error {
		handled = true
		return nil
	})(t.Context(), subscribe.Delivery{})
	if !errors.Is(err, away) || handled {
		t.Errorf("handled %v, error %v; want to wait until the store is back", handled, err)
	}
}
