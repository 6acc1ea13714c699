package ledger

import (
	"reflect"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

func TestMerge(t *testing.T) {
	note := func(minute int) *policy.Note {
		return &policy.Note{At: at.Add(time.Duration(minute) * time.Minute), Reason: "R"}
	}
	with := func(changes ...func(*policy.Record)) policy.Record {
		rec := badRecord()
		for _, change := range changes {
			change(&rec)
		}
		return rec
	}
	good := func(r *policy.Record) {
		*r = policy.Record{Revision: r.Revision, Verdict: policy.Good, Reason: "Baked", At: at.Add(time.Hour)}
	}
	later := func(r *policy.Record) { r.At = at.Add(time.Hour) }
	refused := func(n *policy.Note) func(*policy.Record) { return func(r *policy.Record) { r.Refused = n } }
	contested := func(n *policy.Note) func(*policy.Record) { return func(r *policy.Record) { r.Contested = n } }
	message := func(r *policy.Record) { r.Message = "new" }
	tests := []struct {
		name               string
		stored, next, want policy.Record
	}{
		{"the same", with(), with(), with()},
		{"the first time stays", with(), with(later), with()},
		{"the rest is replaced", with(), with(later, message), with(message)},
		{"bad stays bad", with(), with(good), with()},
		{"good becomes bad", with(good), with(later), with(later)},
		{"a refusal stays", with(refused(note(1))), with(), with(refused(note(1)))},
		{"a contest stays", with(contested(note(1))), with(refused(note(2))), with(contested(note(1)), refused(note(2)))},
		{"the newer note stays", with(refused(note(2))), with(refused(note(1))), with(refused(note(2)))},
		{"digests stay", with(), with(func(r *policy.Record) { r.Digests = nil }), with()},
		{"a note on good reaches bad", with(), with(good, contested(note(1))), with(contested(note(1)))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := merge(test.stored, test.next); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v\nwant %+v", got, test.want)
			}
		})
	}
}
