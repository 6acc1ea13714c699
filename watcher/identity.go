package watcher

import (
	"hash/fnv"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// identity is what every record knows of its object. It implements
// metav1.Object as far as an informer's cache looks, so that records can stand
// in for the objects there.
type identity struct {
	noMeta
	namespace word
	name      string
	uid       string
	// version is the resourceVersion, 0 if there is none.
	version uint64
	// owner is the UID of the controlling owner, if it is of the kind looked
	// for. A record without an owner is none of undog's business.
	owner word
}

var _ metav1.Object = (*identity)(nil)

// reduceIdentity keeps the controlling owner only if it is an apps object of
// the given kind.
func reduceIdentity(o metav1.Object, ownerKind string) identity {
	id := identity{
		namespace: intern(o.GetNamespace()),
		name:      o.GetName(),
		uid:       string(o.GetUID()),
		version:   parseVersion(o.GetResourceVersion()),
	}
	if ownerKind == "" {
		return id
	}
	ref := metav1.GetControllerOfNoCopy(o)
	if ref != nil && ref.Kind == ownerKind && strings.HasPrefix(ref.APIVersion, "apps/") {
		id.owner = intern(string(ref.UID))
	}
	return id
}

// parseVersion packs a resourceVersion. They are decimal numbers; of anything
// else only equality is used, which a hash preserves.
func parseVersion(s string) uint64 {
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return n
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64() | 1
}

// sameVersion tells a resync from a change.
func (i *identity) sameVersion(o *identity) bool {
	return i.version != 0 && i.version == o.version
}

// GetNamespace implements metav1.Object.
func (i *identity) GetNamespace() string { return text(i.namespace) }

// GetName implements metav1.Object.
func (i *identity) GetName() string { return i.name }

// GetUID implements metav1.Object.
func (i *identity) GetUID() types.UID { return types.UID(i.uid) }

// GetResourceVersion implements metav1.Object.
func (i *identity) GetResourceVersion() string {
	if i.version == 0 {
		return ""
	}
	return strconv.FormatUint(i.version, 10)
}
