package watcher

// kept is what the State keeps of the identity of an object that a controller
// made. Its namespace, and what its name begins with, are its owner's: see family.
type kept struct {
	uid uid
	// version is the resourceVersion, 0 if there is none.
	version uint64
	// odd is nil for nearly all.
	odd *odd
}

// odd is what a kept object has that others share with their family.
type odd struct {
	identity
	// hash is the pod-template-hash where it is not the end of the name.
	hash word
}

// family is what the objects of one owner have in common: their namespace, and what
// their names begin with.
type family struct{ namespace, stem word }

// keep keeps an identity. plain says that its name is the family's and an ending
// that is kept elsewhere.
func (k *kept) keep(id *identity, f family, plain bool) {
	k.uid, k.version, k.odd = id.uid, id.version, nil
	if !plain || id.odd != (word{}) || id.namespace != f.namespace || id.name.stem != f.stem {
		k.odd = &odd{identity: *id}
	}
}

// whole is the identity again, without its owner.
func (k *kept) whole(f family, name label) identity {
	if k.odd != nil {
		return k.odd.identity
	}
	return identity{namespace: f.namespace, name: name, uid: k.uid, version: k.version}
}

// uidText is the UID as Kubernetes writes it.
func (k *kept) uidText() string {
	if k.odd != nil {
		return k.odd.uidText()
	}
	return k.uid.String()
}

// sameVersion tells a resync from a change.
func (k *kept) sameVersion(o *identity) bool { return k.version != 0 && k.version == o.version }

// adopt makes the namespace and stem of the first member with such a name the
// family's.
func (f *family) adopt(id *identity) {
	if *f == (family{}) && id.name.size > 0 {
		*f = family{namespace: id.namespace, stem: id.name.stem}
	}
}
