package sim

import "time"

// jump puts an undog's clock forward or back every now and then, by up to an
// hour, and right again.
func (s *simulation) jump(name string) {
	if !s.faults.jumps {
		return
	}
	s.world.Clock.After(between(s.clocks, time.Minute, 30*time.Minute), func() {
		if s.faults.calm {
			return
		}
		if u := s.undogs[name]; u != nil {
			by := between(s.clocks, time.Second, time.Hour)
			if s.clocks.IntN(2) == 0 {
				by = -by
			}
			if u.ahead != 0 {
				by = -u.ahead
			}
			u.ahead += by
			s.trace("the clock of %s jumps by %s", name, by)
			// It notices soon, and starts anew with the clock as it is.
			s.ahead[name] = u.ahead
			u.after(between(s.clocks, 0, 2*time.Second), func() { s.kill(u) })
		}
		s.jump(name)
	})
}
