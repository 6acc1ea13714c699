package app

import (
	"net"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy"
)

// The start line says what the mode means.
func TestModeInWords(t *testing.T) {
	if got := does(policy.Enforce); !strings.Contains(got, "will be undone") {
		t.Errorf("enforce: %s", got)
	}
	if got := does(policy.Observe); !strings.Contains(got, "touches no workload") {
		t.Errorf("observe: %s", got)
	}
}

// A port that is taken is told with the way out.
func TestPortInUse(t *testing.T) {
	first, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Close() }()
	addr := first.Addr().String()
	second, err := net.Listen("tcp", addr)
	if err == nil {
		_ = second.Close()
		t.Fatal("two listen on one port")
	}
	if got := unheard(addr, err).Error(); !strings.Contains(got, addr) || !strings.Contains(got, "--http-addr") {
		t.Errorf("got %s", got)
	}
}
