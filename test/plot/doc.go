// Package plot draws plots as SVG for pages of docs: panels under each other,
// each a line from zero up. It measures nothing.
package plot
