package config

import (
	"fmt"
	"strings"
)

// policies checks what no single value of the file can show.
func (d *decoder) policies() {
	line := d.file.lines["policies"]
	list := d.file.Config.Policies
	wrong := d.wrong()
	reported, within := wrong.at, wrong.within
	if line == 0 || reported["policies"] {
		return // The built-in policy applies.
	}
	if len(list) == 0 {
		d.at("policies", "is an empty list, so nothing would be judged; add a policy, or leave the key out for the built-in one")
		return
	}
	first := map[string]int{}
	for i, p := range list {
		item := fmt.Sprintf("policies[%d]", i)
		if reported[item] {
			continue // It is not even a mapping.
		}
		d.windows(item, p.Freeze, reported, within)
		d.rules(item, p.Rules, reported, within)
		if _, named := d.file.lines[item+".name"]; !named {
			d.at(item, "has no name; give every policy a name of its own, such as name: default")
			continue
		}
		d.again(first, item, p.Name, i)
	}
}

// at reports a problem with what stands at a path.
func (d *decoder) at(path, text string) {
	d.problems = append(d.problems, Problem{File: d.file.Name, Line: d.file.lines[path], Path: path, Text: text})
}

// again reports a name that an earlier item of the same list has.
func (d *decoder) again(first map[string]int, item, name string, i int) bool {
	if earlier, ok := first[name]; ok && name != "" {
		list := item[strings.LastIndexByte(item, '.')+1 : strings.LastIndexByte(item, '[')]
		d.at(item+".name", fmt.Sprintf("%s is already the name of %s[%d]; give each its own", quote(name), list, earlier))
		return true
	}
	first[name] = i
	return false
}
