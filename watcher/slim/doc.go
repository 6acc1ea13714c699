// Package slim reads objects of the API server without what undog does not look at.
//
// Nine tenths of a pod's bytes are its template, its managedFields and its
// mounts. They are dropped from the encoded object, before the Kubernetes types
// decode what is left: what is not decoded is neither allocated nor collected.
// Codecs is a serializer for a REST client; the decoding itself, and all of
// JSON, is left to the one that it wraps. Which fields are kept is said per kind
// in keep.go, by their names in the API; a test fills whole objects at random
// and compares what package watcher makes of both.
//
// The spec of an object is left out altogether where somebody knows the one of its
// generation already: see Specs.
//
// Encoded bytes are changed in place and never kept: the buffer is the watch's.
package slim
