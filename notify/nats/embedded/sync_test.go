package embedded

import (
	"context"
	"testing"
	"time"
)

// What the server inside undog acknowledges is on disk.
func TestSyncsAlways(t *testing.T) {
	s, err := Start(Options{StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if cfg := s.ns.JetStreamConfig(); cfg == nil || !cfg.SyncAlways {
		t.Errorf("it acknowledges before it writes: %+v", cfg)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}
