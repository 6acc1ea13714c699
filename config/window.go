package config

import (
	"fmt"

	"github.com/undog-dev/undog/policy/freeze"
)

// Parse reads the window's texts.
func (w Window) Parse() (freeze.Window, error) {
	return freeze.Parse(freeze.Text{
		Name: w.Name, Timezone: w.Timezone, Days: w.Days, From: w.From, To: w.To, Start: string(w.Start), End: string(w.End),
	})
}

// windows checks what no single value of the freeze windows of a policy shows.
// reported has the paths that something is wrong with, within those that hold one.
func (d *decoder) windows(policy string, list []Window, reported, within map[string]bool) {
	first := map[string]int{}
	for i, w := range list {
		item := fmt.Sprintf("%s.freeze[%d]", policy, i)
		if reported[item] {
			continue // It is not even a mapping.
		}
		if _, named := d.file.lines[item+".name"]; !named {
			d.at(item, "has no name; give every window one that explains it, such as name: nights")
			continue
		}
		if within[item] {
			continue
		}
		if d.again(first, item, w.Name, i) {
			continue
		}
		if _, err := w.Parse(); err != nil {
			d.at(item, err.Error())
		}
	}
}

// rules checks what no single value of the rules of a policy shows.
func (d *decoder) rules(policy string, list []Rule, reported, within map[string]bool) {
	first := map[string]int{}
	for i, r := range list {
		item := fmt.Sprintf("%s.rules[%d]", policy, i)
		_, reasoned := d.file.lines[item+".reason"]
		_, conditioned := d.file.lines[item+".when"]
		switch {
		case reported[item]:
			continue
		case !reasoned:
			d.at(item, "has no reason; write whose findings it is about, such as reason: CrashLoop")
			continue
		case !conditioned:
			d.at(item, "has no condition; write when: and an expression")
			continue
		case within[item]:
			continue
		}
		if earlier, ok := first[r.Reason]; ok {
			d.at(item+".reason", fmt.Sprintf("%s already has rules[%d]; join the two conditions with && or ||", quote(r.Reason), earlier))
			continue
		}
		first[r.Reason] = i
	}
}

// evidence checks what is read of a bad revision.
func (d *decoder) evidence() {
	if text := d.file.Config.Evidence.problem(); text != "" {
		d.at("evidence.lines", text)
	}
}

// brake checks the fleet brake.
func (d *decoder) brake() {
	b := d.file.Config.Brake
	if b.Rollouts < -1 || b.Rollouts == 0 {
		d.at("brake.rollouts", fmt.Sprintf("%d is too few; write 1 or more, or -1 to turn the brake off", b.Rollouts))
	}
	if b.Within == 0 {
		d.at("brake.within", "is 0, in which nothing happens; write a time such as 10m, or rollouts: -1 to turn the brake off")
	}
}
