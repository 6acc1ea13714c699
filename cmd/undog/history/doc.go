// Package history is what undog history writes: the revisions of a Deployment,
// what each changed, and what undog thought and did about it.
//
// It must not judge, and must not show a value of a template that may be secret.
package history
