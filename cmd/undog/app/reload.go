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
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check/runner"
)

// Why a configuration was not taken, in CamelCase, and why one was.
const (
	reasonChanged    = "Changed"
	reasonUnreadable = "Unreadable"
	reasonInvalid    = "Invalid"
	reasonRestart    = "NeedsRestart"
	reasonRights     = "MissingRights"
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
}

// refusedConfig is why a configuration is not in use.
type refusedConfig struct {
	at     time.Time
	reason string
	err    error
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
	o.Changed = func(content []byte, err error, asked bool) {
		if err != nil {
			err = fmt.Errorf("read configuration: %w", err)
		}
		r.offer(ctx, content, err, asked)
	}
	f, err := follow.New(o)
	if err != nil {
		return ended("follower of the configuration file", err)
	}
	f.Run(ctx)
	return context.Cause(ctx)
}

// offer takes what the file holds now, or says why not.
func (r *reloading) offer(ctx context.Context, content []byte, readErr error, asked bool) {
	mark := markOf(content)
	if readErr != nil {
		r.reject(ctx, "", reasonUnreadable, readErr)
		return
	}
	next, changes, reason, err := r.weigh(content)
	if err != nil {
		r.reject(ctx, mark, reason, err)
		return
	}
	if len(changes) == 0 {
		r.same(asked)
		return
	}
	swap, settings, err := r.compile(ctx, next)
	if err != nil {
		reason := reasonInvalid
		if errors.Is(err, errDenied) {
			reason = reasonRights
		}
		r.reject(ctx, mark, reason, err)
		return
	}
	swap()
	before := r.mark
	r.now, r.mark = next, mark
	r.refused.Store(nil)
	r.counts.applied(time.Now())
	message := fmt.Sprintf("undog goes by the new configuration (%s, before %s); changed: %s", mark, before, list(changes))
	r.log.Info("configuration taken", "file", r.path, "mark", mark, "changed", list(changes))
	r.tell(ctx, policy.Reconfigured{Settings: &settings, Reason: reasonChanged, Message: message})
}

// weigh reads a configuration and says what would change, or why it cannot be
// gone by.
func (r *reloading) weigh(content []byte) (next *config.Config, changes []config.Change, reason string, err error) {
	if len(strings.TrimSpace(string(content))) == 0 {
		return nil, nil, reasonInvalid, errors.New("the file is empty: somebody may be writing it; for the defaults write a comment")
	}
	loaded, err := r.load(content)
	if err != nil {
		return nil, nil, reasonInvalid, err
	}
	changes = config.Changes(r.now, loaded.Config)
	var late []config.Change
	for _, c := range changes {
		if c.Restart {
			late = append(late, c)
		}
	}
	if len(late) > 0 {
		return nil, nil, reasonRestart, fmt.Errorf("what undog reads only when it starts was changed: %s; start undog anew, or take that back", list(late))
	}
	return loaded.Config, changes, "", nil
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
func (r *reloading) reject(ctx context.Context, mark, reason string, err error) {
	r.refused.Store(&refusedConfig{time.Now(), reason, err})
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
	return well, ""
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// list names changes.
func list(all []config.Change) string {
	texts := make([]string, len(all))
	for i, c := range all {
		texts[i] = c.String()
	}
	return strings.Join(texts, ", ")
}

// compiler makes everything that depends on the configuration and may change.
func compiler(c *cluster, watching *watcher.Watcher, plays *stage, current *atomic.Pointer[policy.Settings], log *slog.Logger) func(context.Context, *config.Config) (func(), policy.Settings, error) {
	return func(ctx context.Context, cfg *config.Config) (func(), policy.Settings, error) {
		compiled, err := settings(cfg)
		if err != nil {
			return nil, compiled, err
		}
		if err := preflight(ctx, c.client, cfg.Mode, cfg.Watch.Namespaces); err != nil {
			return nil, compiled, err
		}
		var next *runner.Runner
		if next, err = openChecks(cfg, c, watching, plays.runner.Load(), log); err != nil {
			return nil, compiled, err
		}
		warnOfChecks(ctx, c, cfg, log)
		return func() {
			plays.runner.Store(next)
			current.Store(&compiled)
		}, compiled, nil
	}
}
