package script

import "time"

// What a well-behaved container does.
const (
	defaultStart = 300 * time.Millisecond
	defaultReady = 500 * time.Millisecond
	defaultStop  = 100 * time.Millisecond
)

// The kubelet's own numbers; Retry is about the pace of its container relist.
const (
	defaultBase  = 10 * time.Second
	defaultMax   = 300 * time.Second
	defaultRetry = time.Second
)

// Defaulted fills what is not set from over, and then from the kubelet's defaults.
func (b BackOff) Defaulted(over BackOff) BackOff {
	pick := func(values ...time.Duration) Duration {
		for _, v := range values {
			if v > 0 {
				return For(v)
			}
		}
		return Duration{}
	}
	return BackOff{
		Base:  pick(b.Base.Duration, over.Base.Duration, defaultBase),
		Max:   pick(b.Max.Duration, over.Max.Duration, defaultMax),
		Retry: pick(b.Retry.Duration, over.Retry.Duration, defaultRetry),
	}
}

// StartAfter is Start or its default.
func (p *Play) StartAfter() time.Duration {
	if p.Start.Duration > 0 {
		return p.Start.Duration
	}
	return defaultStart
}

// StopAfter is Stop or its default.
func (p *Play) StopAfter() time.Duration {
	if p.Stop.Duration > 0 {
		return p.Stop.Duration
	}
	return defaultStop
}

// Run returns the n-th run of the play, from 0: the exit that ends it, or nil
// when it does not end by itself.
func (p *Play) Run(n int) *Exit {
	total := 0
	for i := range p.Exits {
		total += max(p.Exits[i].Times, 1)
	}
	if total == 0 || n >= total && (p.Then == ThenRun || p.Then == ThenHang) {
		return nil
	}
	n %= total
	for i := range p.Exits {
		n -= max(p.Exits[i].Times, 1)
		if n < 0 {
			return &p.Exits[i]
		}
	}
	return nil
}

// Status is the exit's code and reason.
func (e *Exit) Status() (code int32, reason string) {
	code, reason = 1, e.Reason
	switch {
	case e.Code != nil:
		code = *e.Code
	case e.Reason == "OOMKilled" || e.Probe != "":
		code = 137
	}
	switch {
	case reason != "":
	case code == 0:
		reason = "Completed"
	default:
		reason = "Error"
	}
	return code, reason
}

// At is the readiness after the time, and when it changes next; 0 means never.
func (r *Ready) At(since time.Duration) (ready bool, next time.Duration) {
	switch {
	case r == nil:
		r = &Ready{After: For(defaultReady)}
	case r.Never:
		return false, 0
	}
	if len(r.Flips) == 0 {
		if since >= r.After.Duration {
			return true, 0
		}
		return false, r.After.Duration
	}
	offset := time.Duration(0)
	if r.Loop.Duration > 0 {
		offset = since / r.Loop.Duration * r.Loop.Duration
		// A later round begins as the one before it ended.
		ready = offset > 0 && r.Flips[len(r.Flips)-1].Ready
	}
	for _, f := range r.Flips {
		if since < offset+f.At.Duration {
			return ready, offset + f.At.Duration
		}
		ready = f.Ready
	}
	if r.Loop.Duration > 0 {
		return ready, offset + r.Loop.Duration + r.Flips[0].At.Duration
	}
	return ready, 0
}
