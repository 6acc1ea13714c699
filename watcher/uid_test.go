package watcher

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// What was read of an object's names is what is told of it, whatever they look like.
func TestNamesSurvive(t *testing.T) {
	const uuid = "01234567-89ab-4cde-8f01-23456789abcd"
	seen := map[uid]string{}
	for _, id := range []string{
		uuid, "01234567-89ab-4cde-8f01-23456789abce", "", "rs-web", "RS-WEB", "00000000-0000-0000-0000-000000000000",
		"01234567-89AB-4CDE-8F01-23456789ABCD", "01234567x89ab-4cde-8f01-23456789abcd", "01234567-89ab-4cde-8f01-23456789abcg", "\xff\x00",
	} {
		o := &metav1.ObjectMeta{Name: "shop-abc-12345", UID: types.UID(id), OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "shop-abc", UID: types.UID(id), Controller: new(true)},
		}}
		got := reduceIdentity(o, "ReplicaSet")
		if got.uidText() != id {
			t.Errorf("UID %q became %q", id, got.uidText())
		}
		if got.owner != got.uid {
			t.Errorf("UID %q is another as an owner's", id)
		}
		if other, taken := seen[got.uid]; taken {
			t.Errorf("%q and %q are the same", id, other)
		}
		seen[got.uid] = id
	}
}

func TestLabelsAreNames(t *testing.T) {
	for _, c := range []struct{ name, owner, ending string }{
		{name: "shop-abc-12345", owner: "shop-abc", ending: "12345"},
		{name: "shop-7d9f8b6c54", owner: "shop", ending: "7d9f8b6c54"},
		{name: "shop"},
		{name: "shop", owner: "shop"},
		{name: "shop12", owner: "shop"},
		{name: "other-12", owner: "shop"},
		{name: "shop-a-tail-that-is-too-long", owner: "shop"},
		{},
	} {
		l := labelOf(c.name, c.owner)
		if l.String() != c.name || !l.is(c.name) || l.is(c.name+"x") || l.ending() != c.ending {
			t.Errorf("%q of %q became %q, ending in %q", c.name, c.owner, l.String(), l.ending())
		}
	}
	order := []label{labelOf("a-b", "a"), labelOf("a-c", "a"), labelOf("a-c1", ""), labelOf("b", "")}
	for i, l := range order {
		for j, o := range order {
			if got := l.compare(o); got < 0 != (i < j) || got > 0 != (i > j) {
				t.Errorf("%q is compared with %q as %d", l.String(), o.String(), got)
			}
		}
	}
}
