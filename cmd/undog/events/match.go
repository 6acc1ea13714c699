package events

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/undog-dev/undog/notify"
)

// checkTypes reports patterns that no event can match.
func checkTypes(patterns []string) error {
	var errs []error
	for _, p := range patterns {
		var names []string
		matched := false
		for _, k := range notify.Kinds() {
			names = append(names, k.Name())
			ok, err := path.Match(p, k.Name())
			if err != nil {
				errs = append(errs, fmt.Errorf("type %q: %w: write it as in verdict.* or rollback.done", p, err))
				matched = true
				break
			}
			matched = matched || ok
		}
		if !matched {
			errs = append(errs, fmt.Errorf("type %q matches no event: there are %s", p, strings.Join(names, ", ")))
		}
	}
	return errors.Join(errs...)
}

// wanted tells whether an event was asked for, apart from where it happened.
func (o *Options) wanted(e notify.Event) bool {
	if !o.Until.IsZero() && e.Time.After(o.Until) {
		return false
	}
	noun, verb, err := e.Kind()
	if err != nil || len(o.Types) == 0 {
		return err == nil
	}
	for _, p := range o.Types {
		if ok, err := path.Match(p, noun+"."+verb); ok && err == nil {
			return true
		}
	}
	return false
}
