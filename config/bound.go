package config

import (
	"maps"

	"github.com/undog-dev/undog/watcher/check"
)

// maxServers is on how many servers a stream can be kept.
const maxServers = 5

// Bound is what a whole number may be: Min to Max.
type Bound struct{ Min, Max int }

// bounds has those of whole numbers, by path as in checks; the others are bounded
// by nothing but what fits.
var bounds = map[string]Bound{
	"evidence.lines":                     {1, MaxEvidenceLines},
	"nats.stream.replicas":               {1, maxServers},
	"checks[].bodyLimit":                 {0, check.MaxBody},
	"checks[].steps[].request.redirects": {-1, check.MaxRedirects},
	"checks[].steps[].submit.redirects":  {-1, check.MaxRedirects},
}

// Bounds are those of the whole numbers that have any, by path ([] for any index).
func Bounds() map[string]Bound { return maps.Clone(bounds) }

// Nullable tells whether a key at a path may be there without a value: then it is
// as if it were left out. A mode that is not written to its end must not act, and
// what is in a list of its own needs its name.
func Nullable(path string) bool { return path != "mode" && !Named(path) }

// Named tells whether the path is that of a name that cannot be left out.
func Named(path string) bool {
	return path == "policies[].name" || path == "checks[].name" || path == "personas[].name"
}

// Verbatim tells whether a number or a boolean is taken for the text that it is
// written with, at a path ([] for any index).
func Verbatim(pattern string) bool { return verbatim(path{pattern: pattern}) }
