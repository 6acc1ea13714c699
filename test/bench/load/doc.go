// Package load plays the life of a large cluster on an API server of package wire:
// pods that are replaced all the time, bad releases one after the other or many at
// once, and what the controllers do when a Deployment is set back. It notes when
// the last evidence against a release was sent and when the undo came, both on its
// own clock.
//
// It decides what the objects say; package fleet makes them. It must not know who
// watches.
package load
