// Package template compares pod templates: Hash names one, Diff says what
// changed between two.
//
// It owns the one notion of "the same template" that undog has, and the rule
// for which values of a template may be shown to people. It must stay pure: no
// I/O, no clock, no logger. It must never show a value that can be secret: the
// values of environment variables, annotations and labels, arguments, commands
// and HTTP headers appear by name only.
package template
