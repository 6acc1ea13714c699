package faults_test

import (
	"fmt"
	"testing"
	"time"
)

// A kill between any two steps from the verdict to the last acknowledgement:
// the next undog knows only what the cluster and the stream hold.
func TestKilledBetweenAnyTwoSteps(t *testing.T) {
	deaf := func(on bool) func(*stage, string) {
		return func(s *stage, _ string) { s.link.set(func(l *link) { l.deaf = on }) }
	}
	play(t, func(s *stage) {
		steps := []func(*stage, string){
			func(s *stage, name string) { s.mem.convict(name, 1) },
			func(s *stage, _ string) { s.let(time.Minute) },
			func(s *stage, name string) { s.mem.undo(name, 1) },
			func(s *stage, _ string) { s.let(time.Minute) },
		}
		silent := append([]func(*stage, string){deaf(true)}, steps...)
		d := during{}
		for _, steps := range [][]func(*stage, string){steps, silent} {
			for alive := range len(steps) + 1 {
				name := fmt.Sprintf("app-%d-%d", len(steps), alive)
				for i, step := range steps {
					if i == alive {
						s.kill()
					}
					step(s, name)
				}
				if alive == len(steps) {
					s.kill()
				}
				deaf(false)(s, name)
				s.start()
				s.let(time.Minute)
				d.of, d.undone = d.of+1, d.undone+1
			}
		}
		row := s.told(80, "undog is killed between any two steps from the verdict to the acknowledgement", d)
		if row.Again != 0 {
			t.Errorf("%d told again within the time in which the stream knows ids", row.Again)
		}
	})
}

func TestThreeUndosThenKill(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(1, time.Minute)
		s.down()
		for release := range 3 {
			s.mem.rollback("app-1", 2+release)
			s.let(10 * time.Minute)
		}
		s.kill()
		s.let(time.Hour)
		s.start()
		s.let(time.Hour)
		s.up()
		s.told(81, "three undos of one Deployment while NATS is down, then undog is killed", during{undone: 3, of: 3, late: s.mem.late})
	})
}

// What the stream has is not published again: a restart costs no message.
func TestRestartInTheMiddleOfAHundred(t *testing.T) {
	play(t, func(s *stage) {
		d := during{}
		for i := range 100 {
			name := fmt.Sprintf("app-%d", i)
			s.mem.convict(name, 1)
			if i%10 == 9 {
				// Where this finds the outbox depends on how fast it is.
				s.kill()
			}
			s.mem.undo(name, 1)
			d.of, d.undone = d.of+1, d.undone+1
			if i%10 == 9 {
				s.let(time.Duration(i) * time.Second)
				s.start()
			}
		}
		row := s.told(82, "ten restarts in the middle of a hundred rollouts", d)
		if row.Again != 0 {
			t.Errorf("%d were published although the stream had them", row.Again)
		}
	})
}

// The stream recognises ids for minutes only; what is in it is known all the same.
func TestRestartAfterDays(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(24, time.Hour)
		s.kill()
		s.let(24 * time.Hour)
		s.start()
		row := s.told(83, "a restart a day later, when the stream recognises no ids any more", during{undone: 24, of: 24, late: s.mem.late})
		if row.Again != 0 {
			t.Errorf("%d were published although the stream had them", row.Again)
		}
	})
}
