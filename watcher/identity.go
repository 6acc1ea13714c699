package watcher

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// identity is what every record knows of its object.
type identity struct {
	namespace word
	name      label
	uid       uid
	// odd is the UID's text where that is no UUID.
	odd word
	// owner is the UID of the controlling owner, if it is of the kind looked
	// for. A record without an owner is none of undog's business.
	owner uid
}

// reduceIdentity keeps the controlling owner only if it is an apps object of
// the given kind.
func reduceIdentity(o metav1.Object, ownerKind string) identity {
	id := identity{namespace: intern(o.GetNamespace())}
	var odd bool
	if id.uid, odd = uidOf(string(o.GetUID())); odd {
		id.odd = intern(string(o.GetUID()))
	}
	owner := ""
	if ownerKind != "" {
		ref := metav1.GetControllerOfNoCopy(o)
		if ref != nil && ref.Kind == ownerKind && strings.HasPrefix(ref.APIVersion, "apps/") {
			id.owner, _ = uidOf(string(ref.UID))
			owner = ref.Name
		}
	}
	id.name = labelOf(o.GetName(), owner)
	return id
}

// uidText is the UID as Kubernetes writes it.
func (i *identity) uidText() string {
	if i.odd != (word{}) {
		return text(i.odd)
	}
	return i.uid.String()
}
