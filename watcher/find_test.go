package watcher

import (
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

func TestFindByName(t *testing.T) {
	s := NewState(Options{Select: func(_ string, labels policy.Labels) bool { return !labels.Has("skip") }})
	at := time.Unix(1_700_000_000, 0)
	web, other := deployment("web"), deployment("other")
	other.Labels = map[string]string{"skip": "yes"}
	s.ApplyDeployment(at, web)
	s.ApplyDeployment(at, other)
	if f, ok := s.Find(web.Namespace, web.Name); !ok || !f.Watched || f.UID != string(web.UID) {
		t.Errorf("found %+v, %v", f, ok)
	}
	if f, ok := s.Find(other.Namespace, "other"); !ok || f.Watched || f.UID != string(other.UID) {
		t.Errorf("one that is not selected: %+v, %v", f, ok)
	}
	if f, ok := s.Find("elsewhere", web.Name); ok {
		t.Errorf("another namespace: %+v", f)
	}
	// Created again under its name, it is another one.
	again := deployment("web")
	again.UID = "another"
	s.ApplyDeployment(at, again)
	if f, _ := s.Find(web.Namespace, web.Name); f.UID != string(again.UID) {
		t.Errorf("after it was created again: %+v", f)
	}
	s.DeleteDeployment(at, again.Namespace, again.Name, string(again.UID))
	if f, ok := s.Find(web.Namespace, web.Name); ok {
		t.Errorf("after it was deleted: %+v", f)
	}
}
