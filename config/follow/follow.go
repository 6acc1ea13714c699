package follow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// DefaultEvery is how often the file is read, whatever the notifications say.
	DefaultEvery = 10 * time.Second
	// DefaultQuiet is how long it must stay the same.
	DefaultQuiet = 500 * time.Millisecond
	// DefaultUnrest is for how long it may go on changing until that is told.
	DefaultUnrest = 30 * time.Second
)

// ErrUnrest is told of a file that never stays the same for long enough to be read.
var ErrUnrest = errors.New("the file changes all the time, and may be half written whenever it is read")

// Options is what a Follower needs. Path, Read, Changed and Log must be set.
type Options struct {
	Path string
	// Read reads the file; it bounds what it reads.
	Read func(path string) ([]byte, error)
	// First is what the file held when it was read before.
	First []byte
	// Changed is called with what the file holds now, or why it cannot be read. It
	// is called by Run's goroutine. asked says that somebody sent a SIGHUP: then it
	// is called even if the file holds what it held. again says that it is to be
	// told of the same once more, after Every.
	Changed func(data []byte, err error, asked bool) (again bool)
	// Hangup has a value when the file is to be read now; nil never has.
	Hangup <-chan os.Signal
	// Every, Quiet and Unrest are the defaults if zero. Of a file that goes on
	// changing for Unrest, Changed is told once, with an error that is ErrUnrest,
	// and again of what it holds when it has come to rest.
	Every, Quiet, Unrest time.Duration
	Log                  *slog.Logger
}

// Follower follows one file.
type Follower struct {
	o       Options
	watcher *fsnotify.Watcher
	// told is the mark of what was told last, seen that of what was read last, and
	// since when it is so.
	told, seen mark
	since      time.Time
	asked      bool
	// moving is since when it has not come to rest, zero when it has; restless says
	// that this was told.
	moving   time.Time
	restless bool
}

// mark is a content, or an error in its place.
type mark struct {
	sum [sha256.Size]byte
	err string
}

func markOf(data []byte, err error) mark {
	if err != nil {
		return mark{err: err.Error()}
	}
	return mark{sum: sha256.Sum256(data)}
}

// New makes a Follower. Without notifications it reads the file from time to time
// only, and says so.
func New(o Options) (*Follower, error) {
	if o.Path == "" || o.Read == nil || o.Changed == nil || o.Log == nil {
		return nil, errors.New("follow file: want Path, Read, Changed and Log all set")
	}
	if o.Every <= 0 {
		o.Every = DefaultEvery
	}
	if o.Quiet <= 0 {
		o.Quiet = DefaultQuiet
	}
	if o.Unrest <= 0 {
		o.Unrest = DefaultUnrest
	}
	f := &Follower{o: o, told: markOf(o.First, nil), seen: markOf(o.First, nil)}
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(filepath.Dir(o.Path)); err != nil {
			err = errors.Join(err, w.Close())
		}
	}
	if err != nil {
		o.Log.Warn(fmt.Sprintf("the configuration file's folder cannot be watched: the file is read every %s", o.Every), "err", err)
		return f, nil
	}
	f.watcher = w
	return f, nil
}

// Run follows the file until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	var events <-chan fsnotify.Event
	var faults <-chan error
	if f.watcher != nil {
		defer func() { _ = f.watcher.Close() }()
		events, faults = f.watcher.Events, f.watcher.Errors
	}
	timer := time.NewTimer(f.o.Every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.o.Hangup:
			f.asked = true
		case _, open := <-events:
			if !open {
				events = nil
			}
		case _, open := <-faults:
			// Some notifications were lost. What they told of is read below.
			if !open {
				faults = nil
			}
		case <-timer.C:
		}
		timer.Reset(f.look(time.Now()))
	}
}

// look reads the file, and says when to read it again.
func (f *Follower) look(now time.Time) time.Duration {
	data, err := f.o.Read(f.o.Path)
	m := markOf(data, err)
	if m != f.seen {
		f.seen, f.since = m, now
		if f.moving.IsZero() {
			f.moving = now
		}
	}
	if wait := f.o.Quiet - now.Sub(f.since); wait > 0 {
		f.complain(now)
		return wait
	}
	f.moving, f.restless = time.Time{}, false
	if m == f.told && !f.asked {
		return f.o.Every
	}
	asked := f.asked
	f.told, f.asked = m, false
	if f.o.Changed(data, err, asked) {
		f.told = mark{}
	}
	return f.o.Every
}

// complain tells once of a file that does not come to rest. Nothing that it held
// meanwhile is what was told last.
func (f *Follower) complain(now time.Time) {
	if f.restless || f.moving.IsZero() || now.Sub(f.moving) < f.o.Unrest {
		return
	}
	f.restless = true
	err := fmt.Errorf("%w: since %s it has not been the same for %s; find out what writes it",
		ErrUnrest, f.moving.UTC().Format(time.RFC3339), f.o.Quiet)
	f.told = markOf(nil, err)
	f.o.Changed(nil, err, false)
}
