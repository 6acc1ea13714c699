package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWork(t *testing.T) {
	for name, c := range map[string]struct {
		failsOf uint64
		want    []string
	}{
		"all is well":   {0, []string{`code="200"} 10`}},
		"now and then":  {4, []string{`code="200"} 7`, `code="500"} 3`}},
		"always":        {1, []string{`code="200"} 0`, `code="500"} 10`}},
		"the first one": {100, []string{`code="200"} 9`, `code="500"} 1`}},
	} {
		t.Run(name, func(t *testing.T) {
			s := server{}
			s.work.failsOf = c.failsOf
			for range 10 {
				s.work.handle()
			}
			reply := httptest.NewRecorder()
			s.handler(time.Now()).ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/metrics", nil))
			for _, want := range c.want {
				if !strings.Contains(reply.Body.String(), "testapp_requests_total{"+want+"\n") {
					t.Errorf("no %s in:\n%s", want, reply.Body)
				}
			}
			if n := strings.Count(reply.Body.String(), "code="); n != len(c.want) {
				t.Errorf("%d series, want %d", n, len(c.want))
			}
		})
	}
}

func TestWorkEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server{}
		s.work.every = time.Second
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.work.run(ctx)
		}()
		<-time.After(3500 * time.Millisecond)
		cancel()
		<-ended
		if n := s.work.done.Load(); n != 3 {
			t.Errorf("did %d requests, want 3", n)
		}
	})
}
