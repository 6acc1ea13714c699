package logs

import (
	"context"
	"log/slog"
	"slices"
)

// handler gates levels exactly and writes every key once. zapslog alone does
// neither: it has one level for everything below info, and it repeats a key
// that stands in With and in the call.
type handler struct {
	next  slog.Handler
	level slog.Leveler
	// scopes are the open groups, the outermost first; the first has no name.
	// They are shared by derived handlers and never changed in place.
	scopes []scope
}

// scope is a group and the attributes that With put into it.
type scope struct {
	name  string
	attrs []slog.Attr
}

// Enabled tells whether a line of the level is written.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level.Level() }

// WithAttrs adds to the innermost group.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	scopes := slices.Clone(h.scopes)
	last := &scopes[len(scopes)-1]
	last.attrs = append(slices.Clip(last.attrs), attrs...)
	return &handler{next: h.next, level: h.level, scopes: scopes}
}

// WithGroup opens a group.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{next: h.next, level: h.level, scopes: append(slices.Clip(h.scopes), scope{name: name})}
}

// Handle writes the line with the attributes of all groups.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for i := len(h.scopes) - 1; i > 0; i-- {
		inner := once(append(slices.Clip(h.scopes[i].attrs), attrs...))
		attrs = []slog.Attr{{Key: h.scopes[i].name, Value: slog.GroupValue(inner...)}}
	}
	attrs = once(append(slices.Clip(h.scopes[0].attrs), attrs...))
	for i := range attrs {
		switch attrs[i].Key {
		case timeKey, levelKey, messageKey:
			attrs[i].Key += "_"
		}
	}
	line := slog.NewRecord(r.Time, r.Level, r.Message, 0)
	line.AddAttrs(once(attrs)...)
	return h.next.Handle(ctx, line)
}

// once resolves attributes, puts the members of nameless groups in their
// place, drops what is empty, and keeps the last of each key where the first
// one stood.
func once(attrs []slog.Attr) []slog.Attr {
	out := make([]slog.Attr, 0, len(attrs))
	at := make(map[string]int, len(attrs))
	var add func(attrs []slog.Attr)
	add = func(attrs []slog.Attr) {
		for _, a := range attrs {
			a.Value = a.Value.Resolve()
			if a.Value.Kind() == slog.KindGroup {
				if a.Key == "" {
					add(a.Value.Group())
					continue
				}
				members := once(a.Value.Group())
				if len(members) == 0 {
					continue
				}
				a.Value = slog.GroupValue(members...)
			}
			if a.Equal(slog.Attr{}) {
				continue
			}
			if i, ok := at[a.Key]; ok {
				out[i] = a
				continue
			}
			at[a.Key] = len(out)
			out = append(out, a)
		}
	}
	add(attrs)
	return out
}
