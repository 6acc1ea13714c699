// Package apiserver answers undog's requests as an API server does, from the
// objects of a model in the same process. It knows what undog asks for, and
// answers 404 to everything else.
//
// It must not know what the objects mean; the model owns them.
package apiserver
