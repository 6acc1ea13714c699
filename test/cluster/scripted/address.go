package scripted

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// Pod addresses are loopback addresses from 127.64.0.0 to 127.127.255.255,
// which every process may listen on.
const (
	firstAddress = 127<<24 | 64<<16
	addressCount = 64 << 16
)

// addresses deals out pod addresses. It begins at a random one, so that two
// clusters on a machine do not ask for the same ports of the same addresses.
type addresses struct {
	mu   sync.Mutex
	next uint32
	used map[string]bool
}

func newAddresses() *addresses {
	return &addresses{next: rand.Uint32N(addressCount), used: map[string]bool{}}
}

func (a *addresses) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		n := uint32(firstAddress) + a.next%addressCount
		a.next++
		last := byte(n)
		text := fmt.Sprintf("%d.%d.%d.%d", byte(n>>24), byte(n>>16), byte(n>>8), last)
		if last == 0 || last == 255 || a.used[text] {
			continue
		}
		a.used[text] = true
		return text
	}
}

func (a *addresses) give(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.used, address)
}
