// Package page keeps what undog was measured to take, one file for each
// measurement, and makes docs/performance.md of them: a table for each size of
// cluster beside its budgets, what came before, and plots.
//
// It measures nothing.
package page
