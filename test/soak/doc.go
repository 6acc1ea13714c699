// Package soak judges whether what a process takes stays flat, and shows it: a
// table and a plot for docs/soak.md.
//
// It measures nothing and runs nothing. A verdict looks at shares of a level,
// never at durations, so that a slow machine says the same as a fast one.
package soak
