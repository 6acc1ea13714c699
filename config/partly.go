package config

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Part is what a command needs of the configuration that only asks an undog, or a
// cluster. All else in Config is the default.
type Part struct {
	Config *Config
	// Path is the file that was read, "" when there was none.
	Path string
	// Broken says why something of what is needed may not have been found in the
	// file, nil when all of it was read.
	Broken error
}

// Partly reads some settings as Load does, and of the file no more than that: what
// is wrong with the rest of it is no error. It is while the file is broken that
// people ask what undog does. The error is a Problems with everything that is wrong
// with these settings.
func Partly(o Options, keys ...string) (*Part, error) {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	o.Flags = only(o.Flags, keys)
	data, found, err := find(o)
	switch {
	case err == nil:
	case o.Path != "" || lookup(o, FileEnv) != "":
		return nil, err
	default:
		found = &Loaded{} // Nobody said that this file is to be read.
	}
	part := &Part{Path: found.Path, Broken: err}
	file, problems := parse(found.Path, data, Compilers{})
	if err := unparsed(problems); err != nil {
		part.Broken = err
		file, problems = parse(found.Path, sections(data, keys), Compilers{})
	}
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		if slices.Contains(keys, p.Path) {
			return false
		}
		if part.Broken == nil && slices.ContainsFunc(keys, func(key string) bool { return top(key) == top(p.Path) }) {
			part.Broken = Problems{p}
		}
		return true
	})
	cfg, more, err := layer(file, o)
	if err != nil {
		return nil, err
	}
	more = slices.DeleteFunc(more, func(p Problem) bool { return !slices.Contains(keys, p.Path) })
	part.Config = cfg.only(keys)
	if slices.Contains(keys, "nats.url") {
		// The server that an empty URL stands for has all that a client may ask for.
		n := Connection("nats://server", part.Config)
		problems = file.faults(append(n.rivals(), n.lacks()...), problems)
	}
	return part, append(problems, more...).err()
}

// only is the default but for some settings.
func (c *Config) only(keys []string) *Config {
	some := Default()
	for _, s := range settings {
		if slices.Contains(keys, s.Key) {
			s.of(&some).Set(s.of(c))
		}
	}
	return &some
}

// only are the flags of some settings: others of the same name say something else.
func only(all *pflag.FlagSet, keys []string) *pflag.FlagSet {
	some := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, s := range settings {
		if f := flagOf(Options{Flags: all}, s.Flag); f != nil && slices.Contains(keys, s.Key) {
			some.AddFlag(f)
		}
	}
	return some
}

// unparsed is the problem that kept a file from being read at all.
func unparsed(problems Problems) error {
	for _, p := range problems {
		if p.Path == "" {
			return Problems{p}
		}
	}
	return nil
}

var section = regexp.MustCompile(`^[A-Za-z]+[ \t]*:`)

// sections are those parts of a text that is no YAML that begin with one of the keys
// at the left margin, and are YAML each by itself.
func sections(data []byte, keys []string) []byte {
	var out []byte
	for _, key := range tops(keys) {
		var here []byte
		inside := false
		for line := range bytes.Lines(data) {
			if begin := section.Find(line); begin != nil {
				inside = strings.TrimSpace(strings.TrimSuffix(string(begin), ":")) == key
			}
			if inside {
				here = append(here, line...)
			}
		}
		if _, problem := document("", here); problem == nil {
			out = append(append(out, here...), '\n')
		}
	}
	return out
}

// tops are the first words of keys, each once.
func tops(keys []string) []string {
	var list []string
	for _, key := range keys {
		if t := top(key); !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	return list
}

func top(path string) string {
	name, _, _ := strings.Cut(path, ".")
	return name
}

// AddFileFlag defines --config for a command that takes purpose from the file.
func AddFileFlag(fs *pflag.FlagSet, purpose string) {
	fs.String(FileFlag, "", fmt.Sprintf("configuration `file` %s, found as undog run finds it [$%s]", purpose, FileEnv))
}
