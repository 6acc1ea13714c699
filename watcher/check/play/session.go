package play

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/form"
	"github.com/undog-dev/undog/watcher/check/placeholder"
	"github.com/undog-dev/undog/watcher/check/redact"
)

// Captured values and cookies shorter than these are not searched for in
// texts: they would hit by chance. They are not shown either.
const (
	secretCapture = 6
	secretCookie  = 8
	// maxHidden is how many hidden values are looked for. Nothing is shown of a
	// page with more.
	maxHidden  = 512
	maxExcerpt = 300
	// maxQuoted is how much of a body is looked at for an excerpt.
	maxQuoted  = 64 << 10
	maxMessage = 300
)

// session is one play of one check against one pod.
type session struct {
	ctx      context.Context
	player   *Player
	target   Target
	persona  Persona
	jar      *cookiejar.Jar
	redactor redact.Redactor
	captured map[string]string
	// hidden is what the pod sent that was made secret, one more than maxHidden at most.
	hidden map[string]bool
	client *client
	// page is what the last step ended on.
	page *check.Response
	// host is the Host header that page was asked for with.
	host string
	// password is the field of the last submitted form that took one, if any.
	password string
	out      Play
}

func newSession(ctx context.Context, p *Player, target Target, persona Persona) *session {
	jar, _ := cookiejar.New(nil) // It fails only with options.
	s := &session{ctx: ctx, player: p, target: target, persona: persona, jar: jar, captured: map[string]string{}, hidden: map[string]bool{}}
	for _, v := range persona.Secrets {
		s.redactor.Add(v)
	}
	s.client = newClient(&p.check, target)
	s.out.Result.Outcome, s.out.redactor = check.Passed, &s.redactor
	return s
}

func (s *session) close() { s.client.close() }

// failure is why a step did not pass.
type failure struct {
	outcome     check.Outcome
	reason      check.Reason
	expectation string
	message     string
}

func inconclusive(reason check.Reason, format string, args ...any) *failure {
	return &failure{outcome: check.Inconclusive, reason: reason, message: fmt.Sprintf(format, args...)}
}

// play plays one step and tells whether to go on.
func (s *session) play(step *script) bool {
	timeout := step.Timeout
	if timeout == 0 {
		timeout = check.DefaultStepTimeout
	}
	ctx, cancel := s.target.clock().WithTimeout(s.ctx, timeout)
	defer cancel()
	s.out.Exchanges = append(s.out.Exchanges, Exchange{Step: step.label})
	x := &s.out.Exchanges[len(s.out.Exchanges)-1]
	response, wrong := s.ask(ctx, step, x)
	if response != nil {
		x.Response, s.page, s.out.Result.Status = response, response, response.Status
		x.Refused = s.refused(step, response)
		s.hide(step, response)
	}
	if wrong == nil {
		wrong = s.meet(step, response, x)
	}
	if wrong == nil {
		wrong = s.keep(step, response, x)
	}
	if wrong == nil {
		return true
	}
	r := &s.out.Result
	r.Outcome, r.Reason, r.Step, r.Expectation = wrong.outcome, wrong.reason, step.label, wrong.expectation
	r.Message = s.show(wrong.message, maxMessage)
	if response != nil {
		r.Excerpt = s.show(string(response.Body[:min(len(response.Body), maxQuoted)]), maxExcerpt)
	}
	return false
}

// ask sends what the step sends.
func (s *session) ask(ctx context.Context, step *script, x *Exchange) (*check.Response, *failure) {
	var made *outgoing
	var wrong *failure
	if step.Submit != nil {
		made, wrong = s.submit(step.Submit)
	} else {
		made, wrong = s.request(step.Request)
	}
	if wrong != nil {
		return nil, wrong
	}
	x.Method, x.Path = made.method, s.show(made.url.RequestURI(), maxMessage)
	began := s.target.clock().Now()
	response, wrong := s.send(ctx, made)
	if response != nil {
		response.Took = s.target.clock().Now().Sub(began)
	}
	return response, wrong
}

// value is what a placeholder stands for.
func (s *session) value(ref placeholder.Ref) (string, error) {
	if ref.Scope == placeholder.Captures {
		return s.captured[ref.Name], nil // A capture that found nothing ended the play.
	}
	v, ok := s.persona.lookup(ref.Name)
	if !ok {
		return "", fmt.Errorf("persona %s has no value %s; add it to its Secret or its values", s.player.check.Persona, ref.Name)
	}
	return v, nil
}

// fill fills a text in.
func (s *session) fill(text string) (string, *failure) {
	t, err := placeholder.Parse(text)
	if err == nil {
		text, err = t.Fill(s.value)
	}
	if err != nil {
		return "", inconclusive(check.ReasonPersona, "%v", err)
	}
	return text, nil
}

// remember keeps what an answer said about cookies, and what its redirect hands
// over if that looks drawn.
func (s *session) remember(header http.Header) {
	for _, line := range header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil && len(c.Value) >= secretCookie {
			s.conceal(c.Value)
		}
	}
	if to, err := url.Parse(header.Get("Location")); err == nil {
		handed := to.Query()
		if fragment, err := url.ParseQuery(to.Fragment); err == nil {
			maps.Copy(handed, fragment)
		}
		for _, values := range handed {
			for _, v := range values {
				if len(v) >= secretCookie && strings.ContainsAny(v, "0123456789") {
					s.conceal(v)
				}
			}
		}
	}
}

// hide makes secret what a page carries for its next request, whether or not
// the step gets as far as capturing it.
func (s *session) hide(step *script, r *check.Response) {
	for i := range step.captures {
		c := &step.captures[i]
		if v, ok := c.find(r); ok && !c.Reveal && len(v) >= secretCapture && len(v) <= check.MaxCapture {
			s.redactor.Add(v)
		}
	}
	for _, f := range form.All(r.Body) {
		for _, field := range f.Fields {
			if field.Type == "hidden" && len(field.Value) >= secretCookie {
				s.conceal(field.Value)
			}
		}
	}
}

// conceal makes what the pod sent a secret.
func (s *session) conceal(v string) {
	if len(s.hidden) <= maxHidden {
		s.hidden[v] = true
	}
	if len(s.hidden) > maxHidden {
		s.redactor.All()
		return
	}
	s.redactor.Add(v)
}

// show makes a text fit to leave: redacted first, shortened after, in one line.
func (s *session) show(text string, most int) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	text = s.redactor.Text(text)
	var b strings.Builder
	space, n := false, 0
	for _, r := range text {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = n > 0
			continue
		}
		if n >= most {
			return b.String() + "…"
		}
		if space {
			b.WriteByte(' ')
			n++
		}
		b.WriteRune(r)
		space = false
		n++
	}
	return b.String()
}
