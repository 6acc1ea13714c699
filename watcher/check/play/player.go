package play

import (
	"context"
	"crypto/x509"
	"maps"
	"net"
	"slices"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// Dialer connects to the pod, on the port that the check names.
type Dialer func(ctx context.Context) (net.Conn, error)

// Target is the pod that a check is played against.
type Target struct {
	// Pod is its name, for results.
	Pod  string
	Dial Dialer
	// Host is the Host header where the check gives none, usually ip:port.
	Host string
	// Roots verify the certificate if the check has a ServerName; nil are the
	// system's.
	Roots *x509.CertPool
	// Clock is the machine's when nil.
	Clock Clock
}

// Persona is who plays. Placeholders are looked up in both maps.
type Persona struct {
	// Values may be shown.
	Values map[string]string
	// Secrets are never shown.
	Secrets map[string]string
}

// lookup returns the value of a name.
func (p Persona) lookup(name string) (string, bool) {
	if v, ok := p.Secrets[name]; ok {
		return v, true
	}
	v, ok := p.Values[name]
	return v, ok
}

// Known are all values of the persona, secret or not, sorted.
func (p Persona) Known() []string {
	return slices.Concat(slices.Sorted(maps.Values(p.Values)), slices.Sorted(maps.Values(p.Secrets)))
}

// Player is a check made ready. It may play for many pods at once.
type Player struct {
	check check.Check
	steps []script
}

// New makes a check ready. The error is check.Problems.
func New(c check.Check, compile check.Compiler) (*Player, error) {
	if err := check.Validate(&c, compile); err != nil {
		return nil, err
	}
	p := &Player{check: c}
	for i := range c.Steps {
		p.steps = append(p.steps, newScript(&c.Steps[i], i, compile))
	}
	return p, nil
}

// Persona names who plays, "" for nobody in particular.
func (p *Player) Persona() string { return p.check.Persona }

// Play is what happened.
type Play struct {
	Result check.Result
	// Exchanges has one item for each step that was begun.
	Exchanges []Exchange

	redactor *redact.Redactor
}

// Redact takes everything secret that came up in the play out of a text, for
// those who quote from a Response.
func (p *Play) Redact(s string) string {
	if p.redactor == nil {
		return s
	}
	return p.redactor.Text(s)
}

// Exchange is one step: what was asked and what came back. All texts are
// redacted; Response is not.
type Exchange struct {
	Step string
	// Method and Path are those of the first request of the step.
	Method, Path string
	// Response is nil if there was none.
	Response *check.Response
	// Refused says that the step sent a password and was asked for it again.
	Refused      bool
	Expectations []Expectation
	Captures     []Captured
}

// Expectation is one that was looked at.
type Expectation struct {
	Text string
	Held bool
	// Reason is empty if it held or plainly did not.
	Reason check.Reason
	// Message says what was found instead.
	Message string
}

// Captured is a value that was captured; Value is empty unless the check
// reveals it.
type Captured struct {
	Name, Value string
	Length      int
}

// Play plays the check. It returns when the last step is done, one did not
// pass, or the time is up; no goroutine and no connection outlives it.
func (p *Player) Play(ctx context.Context, target Target, persona Persona) Play {
	total := p.check.Timeout
	if total == 0 {
		total = check.DefaultTimeout
	}
	clock := target.clock()
	began := clock.Now()
	ctx, cancel := clock.WithTimeout(ctx, total)
	defer cancel()
	s := newSession(ctx, p, target, persona)
	defer s.close()
	for i := range p.steps {
		if !s.play(&p.steps[i]) {
			break
		}
	}
	r := &s.out.Result
	r.Check, r.Pod, r.At, r.Took = p.check.Name, target.Pod, began, clock.Now().Sub(began)
	return s.out
}
