package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/config/follow"
	"github.com/undog-dev/undog/policy"
)

// Why a configuration was not taken, in CamelCase, and why one was.
const (
	reasonChanged    = "Changed"
	reasonUnreadable = "Unreadable"
	reasonInvalid    = "Invalid"
	reasonRestart    = "NeedsRestart"
	reasonRights     = "MissingRights"
	// reasonUnavailable is told once, and the file tried again until something comes
	// of it.
	reasonUnavailable = "Unavailable"
)

// reloading takes other configurations while undog runs: whole or not at all. Its
// own goroutine owns it.
type reloading struct {
	path string
	load func(content []byte) (*config.Loaded, error)
	// compile makes what is needed to go by a configuration; nothing of it is in
	// use before swap, and swap cannot fail.
	compile func(context.Context, *config.Config) (swap func(), s policy.Settings, err error)
	// changes goes to the loop.
	changes chan policy.Input
	// who is this undog, and active tells whether it is the one that tells.
	who    policy.Workload
	active func() bool
	log    *slog.Logger
	counts reloadCounts

	// now is what undog goes by, and mark what it is known by.
	now  *config.Config
	mark string
	// refused says why what the file holds is not in use, nil when it is.
	refused atomic.Pointer[refusedConfig]
	// overridden is what the file says and counts for nothing.
	overridden atomic.Pointer[[]config.Overridden]
}

// refusedConfig is why a configuration is not in use.
type refusedConfig struct {
	at time.Time
	// mark is that of the content, "" if it could not be read.
	mark, reason string
	err          error
}

// markOf is what a configuration's text is known by.
func markOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:6])
}

// run follows the file, if there is one, until ctx ends.
func (r *reloading) run(ctx context.Context, o follow.Options) error {
	if r.path == "" {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	o.Path, o.Read, o.Log = r.path, config.Read, r.log
	o.Changed = func(content []byte, err error, asked bool) bool {
		if err != nil {
			err = fmt.Errorf("read configuration: %w", err)
		}
		return r.offer(ctx, content, err, asked)
	}
	f, err := follow.New(o)
	if err != nil {
		return ended("follower of the configuration file", err)
	}
	f.Run(ctx)
	return context.Cause(ctx)
}

// offer takes what the file holds now, or says why not. again says that it could not
// be found out whether it can be taken.
func (r *reloading) offer(ctx context.Context, content []byte, readErr error, asked bool) (again bool) {
	mark := markOf(content)
	if readErr != nil {
		r.reject(ctx, "", reasonUnreadable, readErr)
		return false
	}
	var overridden []config.Overridden
	var warnings []string
	next, changes, err := config.Weigh(r.now, content, func(content []byte) (*config.Config, error) {
		loaded, err := r.load(content)
		if err != nil {
			return nil, err
		}
		overridden, warnings = loaded.Overridden, loaded.Warnings
		return loaded.Config, nil
	})
	if err != nil {
		r.reject(ctx, mark, whyNot(err), err)
		return false
	}
	if len(changes) == 0 {
		r.overrides(overridden)
		r.same(asked)
		return false
	}
	swap, settings, err := r.compile(ctx, next)
	if err != nil {
		r.reject(ctx, mark, whyNot(err), err)
		return errors.Is(err, errUnavailable)
	}
	swap()
	r.overrides(overridden)
	before := r.mark
	r.now, r.mark = next, mark
	r.refused.Store(nil)
	r.counts.applied(time.Now())
	message := fmt.Sprintf("undog goes by the new configuration (%s, before %s); changed: %s", mark, before, changes)
	message += asideOf(overridden)
	for _, warning := range warnings {
		r.log.Warn("configuration: "+warning, "file", r.path)
	}
	r.log.Info("configuration taken", "file", r.path, "mark", mark, "changed", changes.String())
	r.tell(ctx, policy.Reconfigured{Settings: &settings, Reason: reasonChanged, Message: message})
	return false
}

// whyNot is why a configuration that can be read is not gone by.
func whyNot(err error) string {
	switch {
	case errors.Is(err, config.ErrNextStart):
		return reasonRestart
	case errors.Is(err, errDenied):
		return reasonRights
	case errors.Is(err, errUnavailable):
		return reasonUnavailable
	default:
		return reasonInvalid
	}
}

// same is a file that says what undog goes by.
func (r *reloading) same(asked bool) {
	if r.refused.Swap(nil) != nil {
		r.counts.applied(time.Now())
		r.log.Info("the configuration file says again what undog goes by", "file", r.path)
		return
	}
	if asked {
		r.log.Info("the configuration file was read again and says nothing new", "file", r.path)
	}
}

// reject keeps what is in use and says why.
// What was said of the same content already is not said again.
func (r *reloading) reject(ctx context.Context, mark, reason string, err error) {
	if was := r.refused.Load(); was != nil && was.mark == mark && was.reason == reason && was.err.Error() == err.Error() {
		r.log.Info("the configuration file was read again, and is still not taken", "file", r.path, "reason", reason)
		return
	}
	r.refused.Store(&refusedConfig{time.Now(), mark, reason, err})
	r.counts.rejected()
	r.log.Error("configuration not taken; undog goes by the one before", "file", r.path, "reason", reason, "err", err)
	if mark != "" {
		mark = " (" + mark + ")"
	}
	r.tell(ctx, policy.Reconfigured{Reason: reason, Message: fmt.Sprintf("undog does not go by what the file holds now%s, and keeps the configuration before (%s): %s", mark, r.mark, err)})
}

// tell hands a change to the loop, which takes it as soon as it comes round.
func (r *reloading) tell(ctx context.Context, in policy.Reconfigured) {
	in.At, in.Who, in.Silent = time.Now(), r.who, !r.active()
	select {
	case r.changes <- in:
	case <-ctx.Done():
	}
}

// parts are for /readyz: none where there is no file.
func (r *reloading) parts() []part {
	if r.path == "" {
		return nil
	}
	return []part{{name: "configuration", look: r.look}}
}

// look is the part of /readyz.
func (r *reloading) look(time.Time) (grade, string) {
	if why := r.refused.Load(); why != nil {
		return degraded, fmt.Sprintf("%s since %s: %s", why.reason, why.at.UTC().Format(time.RFC3339), oneLine(why.err))
	}
	if why := r.modeElsewhere(); why != "" {
		return degraded, why
	}
	return well, ""
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
