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
)

// Options is what a Follower needs. Path, Read, Changed and Log must be set.
type Options struct {
	Path string
	// Read reads the file; it bounds what it reads.
	Read func(path string) ([]byte, error)
	// First is what the file held when it was read before.
	First []byte
	// Changed is called with what the file holds now, or why it cannot be read. It
	// is called by Run's goroutine. asked says that somebody sent a SIGHUP: then it
	// is called even if the file holds what it held.
	Changed func(data []byte, err error, asked bool)
	// Hangup has a value when the file is to be read now; nil never has.
	Hangup <-chan os.Signal
	// Every and Quiet are the defaults if zero.
	Every, Quiet time.Duration
	Log          *slog.Logger
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
	}
	if m == f.told && !f.asked {
		return f.o.Every
	}
	if wait := f.o.Quiet - now.Sub(f.since); wait > 0 {
		return wait
	}
	asked := f.asked
	f.told, f.asked = m, false
	f.o.Changed(data, err, asked)
	return f.o.Every
}
