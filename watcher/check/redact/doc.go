// Package redact cuts secrets out of texts by value: as they are, and as URLs,
// HTML, JSON and base64 write them. It must be asked before a text is
// shortened, or half a secret stays.
package redact
