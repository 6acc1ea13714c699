package play

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/corpus/wire"
	"github.com/undog-dev/undog/test/corpus/world"
	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/serve"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/check"
	checkplay "github.com/undog-dev/undog/watcher/check/play"
)

// checks plays an undog's checks, as its runner does.
type checks struct {
	undog   *undog
	net     *wire.Net
	config  *config.Config
	players map[string]*checkplay.Player
	kept    map[keptKey]kept
	// turns counts the plays of each check and revision.
	turns map[string]int
}

func (p *player) newChecks(u *undog) (*checks, error) {
	c := &checks{undog: u, players: map[string]*checkplay.Player{}, turns: map[string]int{}, kept: map[keptKey]kept{}}
	var err error
	if c.config, err = p.scenario.Config(); err != nil {
		return nil, err
	}
	for i := range c.config.Checks {
		one := &c.config.Checks[i].Check
		if c.players[one.Name], err = checkplay.New(*one, nil); err != nil {
			return nil, fmt.Errorf("make check %s ready: %w", one.Name, err)
		}
	}
	return c, nil
}

// policies are the checks as the engine sees them.
func policies(c *config.Config) ([]policy.Check, error) {
	var out []policy.Check
	for _, one := range c.Checks {
		selector, err := labels.Parse(one.Match.Selector)
		if err != nil {
			return nil, fmt.Errorf("check %s: read selector: %w", one.Name, err)
		}
		out = append(out, policy.Check{
			Name: one.Name, Every: time.Duration(one.Every),
			Match: func(_ string, set policy.Labels) bool { return selector.Matches(set) },
		})
	}
	return out, nil
}

// play carries a decision out and feeds its result back. Nothing waits for it.
func (c *checks) play(d policy.Decision) {
	u := c.undog
	u.after(u.player.between(time.Millisecond, 30*time.Millisecond), func() {
		sample := c.sample(d)
		u.after(sample.Result.Took+time.Millisecond, func() {
			r := resultOf(d, sample)
			r.At = u.player.now()
			u.player.tracef("%s of %s: new %d/%d, old %d/%d failed %s %s", d.Check, d.Workload.Name, r.NewFailed, r.New, r.OldFailed, r.Old, r.Reason, r.Message)
			u.step(r)
		})
	})
}

// asked is how many pods of the old revision are asked, and how often one of
// the new one's.
const askedOld = 2

// sample plays a check on one new pod in turn and on two old ones.
func (c *checks) sample(d policy.Decision) check.Sample {
	p := c.undog.player
	var fresh, old []watcher.Pod
	for _, pod := range c.undog.state.Pods(d.Workload.UID) {
		switch {
		case !pod.Ready:
		case pod.Revision == d.From.UID:
			fresh = append(fresh, pod)
		case pod.Revision == d.To.UID:
			old = append(old, pod)
		}
	}
	fresh, old = c.warm(fresh), c.warm(old)
	key := d.Check + "/" + d.From.UID
	turn := c.turns[key]
	c.turns[key]++
	if len(fresh) == 0 {
		return check.Sample{Check: d.Check, Result: check.Result{Outcome: check.Inconclusive, Reason: check.ReasonUnreachable, Message: "no pod is ready"}}
	}
	who := []watcher.Pod{fresh[turn%len(fresh)]}
	for i := range min(len(old), 1) * askedOld {
		who = append(who, old[(turn*askedOld+i)%len(old)])
	}
	t := c.targets(d, who, turn)
	run := c.try(d, t)
	t.join()
	out := run.Sample()
	for i := range out.Pods {
		out.Pods[i].Node = who[0].Node
	}
	for _, clock := range t.clocks {
		out.Result.Took = max(out.Result.Took, clock.Now().Sub(p.now()))
	}
	return out
}

// warm are the pods that have been ready for a while, all if none has.
func (c *checks) warm(pods []watcher.Pod) []watcher.Pod {
	kept := slices.DeleteFunc(slices.Clone(pods), func(p watcher.Pod) bool { return c.undog.player.now().Sub(p.ReadySince) < policy.WarmUp })
	if len(kept) == 0 {
		return pods
	}
	return kept
}

// targets are the pods of one play, each with a clock and a memory of its own.
type targets struct {
	all    []checkplay.Target
	clocks []*wire.Clock
	joins  []func()
}

func (t *targets) join() {
	for _, j := range t.joins {
		j()
	}
}

func (c *checks) targets(d policy.Decision, who []watcher.Pod, turn int) *targets {
	if c.net == nil {
		c.net = wire.New()
		c.undog.player.closers = append(c.undog.player.closers, c.net.Close)
	}
	p, t := c.undog.player, &targets{}
	for i, pod := range who {
		clock := wire.NewClock(p.now())
		t.clocks = append(t.clocks, clock)
		port := c.port(d.Check, pod.Name)
		server, silent := p.world.Server(pod.Name, port)
		var what *wire.Listens
		switch {
		case silent:
			what = &wire.Listens{Silent: true}
		case server != nil:
			what = c.listens(server, pod.Name, fmt.Sprintf("%s/%s/%d/%d", pod.Name, d.Check, turn, i), clock, t)
		}
		t.all = append(t.all, c.net.Target(pod.Name, "10.1.0.1:"+strconv.Itoa(int(port)), clock, what))
	}
	return t
}

// listens is a server for one play alone.
func (c *checks) listens(s *world.Server, pod, key string, clock *wire.Clock, t *targets) *wire.Listens {
	p := c.undog.player
	secure, err := serve.TLS(s.Play.TLS)
	p.fail(err)
	memory := s.Memory.Fork()
	t.joins = append(t.joins, func() { s.Memory.Join(memory) })
	handler := serve.New(serve.Options{
		Play: s.Play, Seed: s.Seed, Pod: pod, Key: key, Since: s.Since, Now: clock.Now, Pause: clock.Pause, Away: p.world.Away, Memory: memory,
	})
	asked := 0 // A player asks one thing at a time.
	return &wire.Listens{TLS: secure, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		clock.Pause(r.Context(), time.Duration(script.Fraction(s.Seed, "latency", key, strconv.Itoa(asked))*float64(mostLatency)))
		handler.ServeHTTP(w, r)
	})}
}

// mostLatency is how long the quickest of answers may take.
const mostLatency = 20 * time.Millisecond

// port is the one that a check names: by its number, its name, or the first.
func (c *checks) port(name, pod string) int32 {
	o, ok := c.undog.player.world.Get(world.Pods, pod).(*corev1.Pod)
	if !ok {
		return 0
	}
	i := slices.IndexFunc(c.config.Checks, func(one config.Check) bool { return one.Name == name })
	wanted := c.config.Checks[i].Port
	if n, err := strconv.Atoi(wanted); err == nil {
		return int32(n)
	}
	for _, container := range o.Spec.Containers {
		for _, port := range container.Ports {
			if wanted == "" || wanted == port.Name {
				return port.ContainerPort
			}
		}
	}
	return 0
}

// persona is who plays a check.
func (c *checks) persona(name string) checkplay.Persona {
	i := slices.IndexFunc(c.config.Checks, func(one config.Check) bool { return one.Name == name })
	out := checkplay.Persona{Secrets: map[string]string{}}
	for _, one := range c.config.Personas {
		if one.Name != c.config.Checks[i].Persona {
			continue
		}
		out.Values = maps.Clone(one.Values)
		if secret, ok := c.undog.player.world.Get(world.Secrets, one.Secret.Name).(*corev1.Secret); ok {
			for key, value := range secret.Data {
				out.Secrets[key] = string(value)
			}
		}
	}
	return out
}

// resultOf is a sample as the engine takes it in.
func resultOf(d policy.Decision, s check.Sample) policy.CheckResult {
	r := policy.CheckResult{
		Workload: d.Workload, DecisionID: d.ID, Check: d.Check, Revision: d.From.UID,
		New: s.New, NewFailed: s.NewFailed, Old: s.Old, OldFailed: s.OldFailed, Absolute: s.Absolute, Silent: s.Silent,
		Reason: string(s.Result.Reason), Step: s.Result.Step, Message: s.Result.Message,
		Excerpt: s.Result.Excerpt[:min(len(s.Result.Excerpt), policy.MaxExcerpt)], RetryAfter: s.RetryAfter,
	}
	for _, pod := range s.Pods {
		r.Pods = append(r.Pods, policy.CheckedPod{Name: pod.Name, Node: pod.Node, Failed: pod.Failed})
	}
	for _, diff := range s.Differences {
		r.Differences = append(r.Differences, policy.Difference{Kind: diff.Kind, Where: diff.Where, Old: diff.Old, New: diff.New})
	}
	slices.SortFunc(r.Pods, func(a, b policy.CheckedPod) int { return cmp.Compare(a.Name, b.Name) })
	return r
}
