package policy

import (
	"fmt"
	"slices"
)

// Every test of this package holds the rules to the reasons that they list:
// policies set conditions for reasons, and one that is not listed could have none.
func init() {
	for i := range rules {
		r := rules[i]
		rules[i].judge = func(c *Case) Finding {
			f := r.judge(c)
			if f.Level != Clear && !slices.Contains(r.reasons, f.Reason) {
				panic(fmt.Sprintf("rule %s gave the reason %q, which it does not list", r.name, f.Reason))
			}
			return f
		}
	}
}
