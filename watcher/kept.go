package watcher

import "github.com/undog-dev/undog/policy"

// kept is what the State keeps of the identity of an object that a controller
// made. Its namespace, and what its name begins with, are its owner's: see family.
type kept struct {
	uid uid
	// odd is nil for nearly all.
	odd *odd
}

// odd is what a kept object has that others share with their family.
type odd struct {
	identity
	// hash is the pod-template-hash where it is not the end of the name.
	hash word
	// failure is why a ReplicaSet's pods cannot be created, nil as long as they can.
	failure *policy.Condition
}

// family is what the objects of one owner have in common: their namespace, and what
// their names begin with.
type family struct{ namespace, stem word }

// keep keeps an identity. plain says that its name is the family's and an ending
// that is kept elsewhere.
func (k *kept) keep(id *identity, f family, plain bool) {
	k.uid, k.odd = id.uid, nil
	if !plain || id.odd != (word{}) || id.namespace != f.namespace || id.name.stem != f.stem {
		k.odd = &odd{identity: *id}
	}
}

// whole is the identity again, without its owner.
func (k *kept) whole(f family, name label) identity {
	if k.odd != nil {
		return k.odd.identity
	}
	return identity{namespace: f.namespace, name: name, uid: k.uid}
}

// uidText is the UID as Kubernetes writes it.
func (k *kept) uidText() string {
	if k.odd != nil {
		return k.odd.uidText()
	}
	return k.uid.String()
}

// adopt makes the namespace and stem of the first member with such a name the
// family's.
func (f *family) adopt(id *identity) {
	if *f == (family{}) && id.name.size > 0 {
		*f = family{namespace: id.namespace, stem: id.name.stem}
	}
}
