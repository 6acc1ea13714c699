package config

import "fmt"

// Overridden is a key of the file that counts for nothing: a flag or a variable
// says something else.
type Overridden struct {
	// Key is the path in the file, such as mode.
	Key string
	// File is what the file says, and Counts what undog goes by; neither has a
	// login.
	File, Counts string
	// By names the flag or the variable.
	By string
}

// String is for people.
func (o Overridden) String() string {
	return fmt.Sprintf("%s: the file says %q, which counts for nothing: %s says %q", o.Key, o.File, o.By, o.Counts)
}

// Overridden lists what the file says and o's environment and flags say otherwise,
// in the order of the manual. Where they say the same nothing is lost.
func (f *File) Overridden(o Options) []Overridden {
	cfg, _, err := layer(f, o)
	if err != nil {
		return nil // Load tells that.
	}
	return f.overridden(cfg, o)
}

func (f *File) overridden(cfg *Config, o Options) []Overridden {
	var list []Overridden
	for _, s := range settings {
		by := s.source(o)
		said, counts := s.text(&f.Config), s.text(cfg)
		if f.Line(s.Key) == 0 || by == "" || said == counts {
			continue
		}
		if s.Key == "nats.url" {
			said, counts = Redact(said), Redact(counts)
		}
		list = append(list, Overridden{Key: s.Key, File: clip(said), Counts: clip(counts), By: by})
	}
	return list
}
