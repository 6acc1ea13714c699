package supervisor

import (
	"net/netip"
	"testing"
)

func TestOverlapsSparesWhatTheMachineUses(t *testing.T) {
	for route, want := range map[string]bool{
		"10.210.3.0/24":   true,
		"10.210.3.128/25": true,
		"10.210.3.7/32":   true,
		"10.210.4.0/24":   false,
		// A wider route keeps its other addresses.
		"10.0.0.0/8":     false,
		"10.210.0.0/16":  false,
		"192.168.3.0/24": false,
	} {
		if got := overlaps(slot(3).subnet(), []netip.Prefix{netip.MustParsePrefix(route)}); got != want {
			t.Errorf("overlaps with %s: got %v, want %v", route, got, want)
		}
	}
}

func TestSlotsShareNoAddress(t *testing.T) {
	seen := map[netip.Addr]slot{}
	for s := range slot(slots) {
		for _, address := range []netip.Addr{s.node(), s.machine(), s.firstPod(), s.lastPod()} {
			if other, found := seen[address]; found {
				t.Errorf("slots %d and %d both have %s", other, s, address)
			}
			seen[address] = s
			if !s.subnet().Contains(address) {
				t.Errorf("%s is not in slot %d's subnet %s", address, s, s.subnet())
			}
		}
	}
}
