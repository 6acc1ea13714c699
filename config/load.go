package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Options says where Load looks.
type Options struct {
	// Path is the file; empty searches the usual places.
	Path string
	// Content is what Path holds; nil reads it.
	Content []byte
	// Flags are those of AddFlags after parsing; nil when there are none.
	Flags *pflag.FlagSet
	// Env holds the variables as NAME=value; nil is the process's environment.
	Env []string
	// Compilers check the expressions.
	Compilers Compilers
}

// Loaded is a configuration and where it came from.
type Loaded struct {
	Config *Config
	// Path is the file that was read, empty when there was none, and Content what
	// it held.
	Path    string
	Content []byte
	// Searched are the places where there was no file.
	Searched []string
	// Warnings are things that are allowed and likely not meant.
	Warnings []string
	// Overridden is what the file says and counts for nothing.
	Overridden []Overridden
}

// Load reads the file and lays the environment and the flags over it. The
// error is a Problems with everything that is wrong with all three.
func Load(o Options) (*Loaded, error) {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	data, found := o.Content, &Loaded{Path: o.Path}
	if data == nil {
		var err error
		if data, found, err = find(o); err != nil {
			return nil, err
		}
	}
	found.Content = data
	file, problems := parse(found.Path, data, o.Compilers)
	cfg, more, err := layer(file, o)
	if err != nil {
		return nil, err
	}
	problems = file.faults(append(cfg.NATS.rivals(), cfg.NATS.lacks()...), append(problems, more...))
	if err := problems.err(); err != nil {
		return nil, err
	}
	found.Config = cfg
	found.Overridden = file.overridden(cfg, o)
	found.Warnings = append(Unread(o.Env), Warnings(cfg)...)
	return found, nil
}

// layer lets viper decide, for every setting, whose value counts. Keys are
// flat to it (the delimiter occurs in none), and it sees no policies: it would
// lower-case the keys of anything nested.
func layer(file *File, o Options) (*Config, Problems, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter("::"))
	fromFile, fromEnv := map[string]any{}, map[string]any{}
	defaults := Default()
	for _, s := range settings {
		v.SetDefault(s.Key, s.of(&defaults).Interface())
		if file.Line(s.Key) > 0 {
			fromFile[s.Key] = s.of(&file.Config).Interface()
		}
		if text := lookup(o, s.Env()); text != "" {
			fromEnv[s.Key] = s.parse(text)
		}
		if f := flagOf(o, s.Flag); f != nil {
			if err := v.BindPFlag(s.Key, f); err != nil {
				return nil, nil, fmt.Errorf("bind flag --%s: %w", s.Flag, err)
			}
		}
	}
	if err := errors.Join(v.MergeConfigMap(fromFile), v.MergeConfigMap(fromEnv)); err != nil {
		return nil, nil, fmt.Errorf("lay the environment over the file: %w", err)
	}
	cfg := file.Config
	var problems Problems
	for _, s := range settings {
		values := []string{v.GetString(s.Key)}
		if s.List {
			values = v.GetStringSlice(s.Key)
			s.of(&cfg).Set(reflect.ValueOf(values))
		} else {
			s.of(&cfg).SetString(values[0])
		}
		// What the file says was checked with its lines already.
		if source := s.source(o); source != "" {
			if text := s.check(values); text != "" {
				problems = append(problems, Problem{Path: s.Key, Source: source, Text: text})
			}
		}
	}
	return &cfg, problems, nil
}

// parse splits a list of the environment at its commas; viper would split it
// at its spaces.
func (s Setting) parse(text string) any {
	if !s.List {
		return text
	}
	var values []string
	for value := range strings.SplitSeq(text, ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// source names the flag or variable that sets s, and nothing if neither does.
func (s Setting) source(o Options) string {
	if f := flagOf(o, s.Flag); f != nil && f.Changed {
		return "flag --" + s.Flag
	}
	if lookup(o, s.Env()) != "" {
		return "environment variable " + s.Env()
	}
	return ""
}

func flagOf(o Options, name string) *pflag.Flag {
	if o.Flags == nil {
		return nil
	}
	return o.Flags.Lookup(name)
}

// lookup takes an empty variable for one that is not set, as viper does:
// manifests cannot always leave a variable out.
func lookup(o Options, name string) string {
	for _, v := range slices.Backward(o.Env) { // As for the process, the last one counts.
		if text, ok := strings.CutPrefix(v, name+"="); ok {
			return text
		}
	}
	return ""
}
