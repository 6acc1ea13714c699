package nats

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify"
)

// verify finds everything in a stream's configuration that could lose events,
// or hide them from undog.
func (o *Options) verify(cfg jetstream.StreamConfig) error {
	var faults, edits []string
	recreate := false
	check := func(bad bool, edit, format string, args ...any) {
		if !bad {
			return
		}
		faults = append(faults, fmt.Sprintf(format, args...))
		if edit == "" {
			recreate = true
			return
		}
		edits = append(edits, edit)
	}
	check(cfg.Mirror != nil, "", "it is a mirror, which cannot be published to")
	check(cfg.Mirror == nil && !slices.Equal(cfg.Subjects, []string{notify.AllSubjects}), "--subjects '"+notify.AllSubjects+"'",
		"its subjects are %q, must be exactly [%q]", cfg.Subjects, notify.AllSubjects)
	check(cfg.Retention != jetstream.LimitsPolicy, "", "its retention is %s, must be limits: it drops events although it acknowledges them", strings.ToLower(cfg.Retention.String()))
	check(cfg.Storage != jetstream.FileStorage, "", "its storage is %s, must be file: a restart loses it", strings.ToLower(cfg.Storage.String()))
	check(cfg.NoAck, "--ack", "no_ack is set: it does not acknowledge what it stores")
	check(cfg.Sealed, "", "it is sealed, nothing can be published to it")
	check(cfg.SubjectTransform != nil, "", "it changes subjects (subject_transform)")
	check(cfg.PersistMode == jetstream.AsyncPersistMode, "", "its persist_mode is async, must be default: it acknowledges before it stores")
	check(cfg.MaxMsgsPerSubject > 0, "--max-msgs-per-subject=-1", "max_msgs_per_subject is %d, must be unlimited: it drops all but the newest events of a workload", cfg.MaxMsgsPerSubject)
	check(cfg.MaxMsgSize > 0 && cfg.MaxMsgSize < minMsgSize, fmt.Sprintf("--max-msg-size=%d", maxMsgSize), "max_msg_size is %d, must be at least %d", cfg.MaxMsgSize, minMsgSize)
	check(cfg.MaxAge > 0 && cfg.MaxAge < minMaxAge, "--max-age=30d", "max_age is %v, must be at least %v or unlimited: undog keeps a week of events complete", cfg.MaxAge, minMaxAge)
	check(max(cfg.Replicas, 1) < o.Replicas, fmt.Sprintf("--replicas=%d", o.Replicas), "its replicas are %d, must be at least %d, as nats.stream.replicas says", cfg.Replicas, o.Replicas)
	if len(faults) == 0 {
		return nil
	}
	remedy := "Run: nats stream edit " + cfg.Name + " " + strings.Join(edits, " ")
	if recreate {
		remedy = fmt.Sprintf("This cannot be changed in place: keep what you need of it (nats stream backup %s FOLDER) and remove it (nats stream rm %s); %s", cfg.Name, cfg.Name, o.thenCreated())
	}
	return &StreamError{Stream: cfg.Name, Faults: faults, Remedy: remedy}
}

// thenCreated says who makes the stream once there is none.
func (o *Options) thenCreated() string {
	if o.Manage == ManageEnsure {
		return "undog then creates the right one"
	}
	return "then " + createIt
}

// createIt is how to make the stream by hand.
const createIt = "create it (nats stream add " + StreamName + " --config stream.json; deploy/nats has that file), or set nats.stream.manage to ensure"
