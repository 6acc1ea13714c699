// Package jsonpath reads one value out of decoded JSON. It knows the part of
// the usual notation that names one place and costs no more than its length:
//
//	$                the whole
//	$.user.name      a key; also user.name, and ['first-name'] or ["a b"]
//	$.items[0].id    an index; [-1] is the last
//
// Wildcards, slices, filters and descent (..) are refused.
package jsonpath
