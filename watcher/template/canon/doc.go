// Package canon gives encoded pod templates one form, whoever encoded them.
//
// An API server of another version than undog's types writes fields that they do not
// know, or leaves out ones that it does not know; of two templates that decode to the
// same, the bytes may differ. The canonical form has nothing but what the types make of
// a template, in one way: what they do not know is left out, and so is what they decode
// to the same as what is absent. So templates can be compared that were never decoded,
// which would be most of the work of reading a cluster's ReplicaSets.
//
// Which fields there are is read off the tags of the Go types. Whatever is not as their
// own code would have written it is refused, and left to that code.
//
// The package must stay pure: no I/O, no clock, no logger. What it returns holds all
// that the template does, and must not be shown.
package canon
