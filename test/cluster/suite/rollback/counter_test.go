package rollback_test

import "sync/atomic"

// counter counts from 1.
type counter struct{ n atomic.Int32 }

func (c *counter) next() int32 { return c.n.Add(1) }
