package logs

// Followed is how many pods are remembered.
func (c *Check) Followed() int {
	c.memory.mu.Lock()
	defer c.memory.mu.Unlock()
	return len(c.memory.marks)
}
