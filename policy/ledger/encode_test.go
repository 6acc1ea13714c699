package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

var at = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func badRecord() policy.Record {
	return policy.Record{
		Revision: policy.RevisionRef{UID: "rs-2", Name: "shop-2", Hash: "2", Number: 2, Template: "t2", Images: []string{"shop:1.1"}},
		Verdict:  policy.Bad, Reason: "CrashLoop", Message: "app <exits> & dies", At: at,
		DecisionID: "d1", Action: policy.ActionRollback, Target: policy.RevisionRef{UID: "rs-1"},
		Vetoes:  []policy.Considered{{Reason: "OneNode", Message: "the revision is on one node only"}},
		Digests: []policy.Digest{{Container: "app", Digest: "sha256:abc"}},
		Checks: []policy.CheckEvidence{{
			Check: "greeting", New: 7, NewFailed: 7, Old: 14, Odds: 2300, Reason: "Hole", Step: "front page", Excerpt: "Welcome !", Pods: []string{"a"},
			Differences: []policy.Difference{{Kind: "text", Where: "/footer", Old: "v1.0", New: "v1.1"}},
		}},
		Reported: &policy.Reported{At: at, Reason: "the smoke test fails", By: "ci"},
		By:       &policy.Author{FieldManager: "helm", Tool: "Helm", At: at},
	}
}

// huge is a record of which everything that Kubernetes does not bound is long.
func huge() policy.Record {
	rec := badRecord()
	rec.Message = strings.Repeat("é\x1b", 4000)
	rec.Revision.Name, rec.Target.Name = strings.Repeat("n", 253), strings.Repeat("n", 253)
	for range 40 {
		rec.Failures = append(rec.Failures, policy.Failure{
			Reason: "Error", Container: strings.Repeat("c", 63), Message: strings.Repeat(`"\`, 200),
			Samples: []string{strings.Repeat("p", 253), strings.Repeat("q", 253), strings.Repeat("r", 253), "s"},
		})
		rec.Changes = append(rec.Changes, policy.Change{Path: strings.Repeat("p", 512), From: strings.Repeat("f", 256)})
		rec.Revision.Images = append(rec.Revision.Images, strings.Repeat("i", 300))
	}
	for range 20 {
		c := policy.CheckEvidence{
			Check: strings.Repeat("k", 63), New: 1 << 30, NewFailed: 1 << 30, Odds: 1 << 40, Reason: "Hole", Message: strings.Repeat("m", 900),
			Excerpt: strings.Repeat(`"`, 900), Pods: []string{strings.Repeat("p", 253), "q", "r", "s", "t"},
		}
		for range 20 {
			c.Differences = append(c.Differences, policy.Difference{Kind: "text", Where: strings.Repeat("w", 300), Old: strings.Repeat("o", 900)})
		}
		rec.Checks = append(rec.Checks, c)
		rec.Vetoes = append(rec.Vetoes, policy.Considered{Reason: strings.Repeat("V", 60), Message: strings.Repeat("v", 2000)})
		rec.Digests = append(rec.Digests, policy.Digest{Container: strings.Repeat("c", 63), Digest: "sha256:" + strings.Repeat("0", 64)})
	}
	rec.Reported = &policy.Reported{At: at, Reason: strings.Repeat("m", 3000), By: "a\x1b[2Jb"}
	rec.By = &policy.Author{FieldManager: strings.Repeat("h\x1b", 900), Tool: strings.Repeat("t", 900), At: at}
	rec.Refused = &policy.Note{At: at, Reason: "Forbidden", Message: strings.Repeat("m", 3000)}
	rec.Contested = &policy.Note{At: at, Reason: "CameBack", Message: strings.Repeat("m", 3000)}
	return rec
}

func TestEncodeKeepsWhatFits(t *testing.T) {
	raw, err := Encode(badRecord())
	if err != nil {
		t.Fatal(err)
	}
	var got policy.Record
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if want := badRecord(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if !bytes.Contains(raw, []byte("<exits> & dies")) {
		t.Errorf("the message was escaped: %s", raw)
	}
}

func TestEncodeCuts(t *testing.T) {
	raw, err := Encode(huge())
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > MaxRecord {
		t.Errorf("%d bytes, want at most %d", len(raw), MaxRecord)
	}
	again, err := Encode(huge())
	if err != nil || !bytes.Equal(raw, again) {
		t.Errorf("the same record was cut differently: %v", err)
	}
	var got policy.Record
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Refused == nil || len(got.Checks) == 0 || got.Reported == nil || got.Reported.By != "a[2Jb" || got.Contested == nil || len(got.Failures) == 0 || len(got.Changes) == 0 ||
		got.DecisionID != "d1" || got.Revision.Name != huge().Revision.Name {
		t.Errorf("too much was cut: %s", raw)
	}
	if twice, err := Encode(got); err != nil || !bytes.Equal(raw, twice) {
		t.Errorf("what was cut does not encode to itself: %v", err)
	}
	if first := huge(); len(first.Failures[0].Samples) != 4 {
		t.Error("Encode changed its argument")
	}
}

// What checks saw beside their results goes before anything else is cut.
func TestEncodeCutsWhatChecksSawFirst(t *testing.T) {
	rec := badRecord()
	for range policy.MaxDifferences {
		rec.Checks[0].Differences = append(rec.Checks[0].Differences, policy.Difference{
			Kind: "text", Where: strings.Repeat("w", 200), Old: strings.Repeat("o", 200), New: strings.Repeat("n", 200),
		})
	}
	raw, err := Encode(rec)
	if err != nil {
		t.Fatal(err)
	}
	var got policy.Record
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	want := badRecord()
	want.Checks[0].Differences, want.Checks[0].Excerpt = nil, ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if len(rec.Checks[0].Differences) != policy.MaxDifferences+1 {
		t.Error("Encode changed its argument")
	}
}

func TestEncodeRefuses(t *testing.T) {
	rec := badRecord()
	rec.Verdict, rec.Revision.UID, rec.Target.Name = "Ugly", "", strings.Repeat("n", 5000)
	_, err := Encode(rec)
	if err == nil {
		t.Fatal("a broken record was encoded")
	}
	for _, word := range []string{"verdict", "revision.uid", "target.name"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error does not name %s: %v", word, err)
		}
	}
}
