// Package placeholder fills values into texts: {{ .persona.username }} and
// {{ .captures.token }}. It is not a template language: there are no functions,
// no conditions and no nesting, and what is filled in is never read again.
package placeholder
