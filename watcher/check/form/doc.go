// Package form finds the forms of an HTML page and what a browser would send
// with each. It runs no script.
package form
