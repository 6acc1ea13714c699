// Package logs builds undog's logger: slog in front, zap behind, and
// client-go's own lines on the same way.
//
// It decides how lines look and which are dropped, and nothing else. Lines
// carry no stack traces, no key twice, and never what client-go says at
// verbosity 4 and above, where request bodies begin.
package logs
