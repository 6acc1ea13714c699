// Package page lays out text for people: lines of a bounded width, tables,
// spans of time as people say them.
//
// What it is given may come from pods, so nothing that steers a terminal gets
// through. It knows nothing of what the text is about.
package page
