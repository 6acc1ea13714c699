package jsonpath

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Path is a parsed path. The zero Path is the whole.
type Path struct{ steps []step }

// step is a key, or an index if key is nil.
type step struct {
	key   *string
	index int
}

const maxSteps = 32

var (
	bare    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*`)
	bracket = regexp.MustCompile(`^\[(?:'([^'\\]*)'|"([^"\\]*)"|(-?[0-9]{1,9}))\]`)
)

// Parse reads a path.
func Parse(s string) (Path, error) {
	rest := strings.TrimPrefix(s, "$")
	if rest == s && s != "" && s[0] != '[' {
		rest = "." + s // user.name is $.user.name.
	}
	var p Path
	if s == "" {
		return p, fmt.Errorf("is empty; write a path such as $.user.name")
	}
	for rest != "" {
		next, n, err := one(rest)
		if err != nil {
			return Path{}, err
		}
		if p.steps = append(p.steps, next); len(p.steps) > maxSteps {
			return Path{}, fmt.Errorf("has more than %d steps; write a shorter one", maxSteps)
		}
		rest = rest[n:]
	}
	return p, nil
}

// one reads the first step of s and returns its length.
func one(s string) (step, int, error) {
	if s[0] == '.' {
		if key := bare.FindString(s[1:]); key != "" {
			return step{key: &key}, 1 + len(key), nil
		}
	}
	m := bracket.FindStringSubmatchIndex(s)
	switch {
	case m == nil && (strings.HasPrefix(s, "..") || strings.ContainsAny(s, "*?:")):
		return step{}, 0, fmt.Errorf("goes to more than one place; name one, as in $.items[0].name")
	case m == nil:
		return step{}, 0, fmt.Errorf("cannot be read at %s; write it as in $.user.name, $.items[0] or $['first-name']", strconv.Quote(clip(s)))
	case m[2] >= 0:
		key := s[m[2]:m[3]]
		return step{key: &key}, m[1], nil
	case m[4] >= 0:
		key := s[m[4]:m[5]]
		return step{key: &key}, m[1], nil
	}
	index, err := strconv.Atoi(s[m[6]:m[7]])
	return step{index: index}, m[1], err
}

// Find returns the value at the path, and whether there is one.
func (p Path) Find(v any) (any, bool) {
	for _, s := range p.steps {
		if s.key != nil {
			object, ok := v.(map[string]any)
			if !ok {
				return nil, false
			}
			if v, ok = object[*s.key]; !ok {
				return nil, false
			}
			continue
		}
		list, ok := v.([]any)
		i := s.index
		if i < 0 {
			i += len(list)
		}
		if !ok || i < 0 || i >= len(list) {
			return nil, false
		}
		v = list[i]
	}
	return v, true
}

func clip(s string) string {
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return s
}
