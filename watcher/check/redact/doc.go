// Package redact cuts secrets out of texts by value: as they are, and as URLs,
// HTML, JSON and base64 write them. Where nobody knows the values, as in the log of
// a container, Guess cuts out what looks like one. Either must be asked before a
// text is shortened, or half a secret stays.
package redact
