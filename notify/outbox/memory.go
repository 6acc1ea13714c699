package outbox

// memory holds the last so many ids.
type memory struct {
	ids   map[string]struct{}
	order []string
	next  int
}

func newMemory(limit int) *memory {
	return &memory{ids: map[string]struct{}{}, order: make([]string, limit)}
}

func (m *memory) has(id string) bool {
	_, ok := m.ids[id]
	return ok
}

func (m *memory) add(id string) {
	if m.has(id) {
		return
	}
	delete(m.ids, m.order[m.next])
	m.order[m.next] = id
	m.ids[id] = struct{}{}
	m.next = (m.next + 1) % len(m.order)
}
