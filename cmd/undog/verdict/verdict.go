package verdict

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/page"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
)

const (
	connectWithin = 5 * time.Second
	// answerWithin is longer than undog takes to refuse what it does not come to.
	answerWithin = 8 * time.Second
)

// NobodyError says that no undog gave an answer.
type NobodyError struct{ text string }

// Error is a sentence with the way out.
func (e *NobodyError) Error() string { return e.text }

// Options says what is reported, on what, and where to.
type Options struct {
	// Server is how to get to the NATS server.
	Server                   nats.Options
	Cluster, Namespace, Name string
	notify.VerdictRequest
	// Log is for trouble on the way; nil means none.
	Log *slog.Logger
}

// Check finds what cannot be sent.
func (o *Options) Check() error {
	_, _, err := o.message()
	return err
}

// message is where the request goes to, and its body.
func (o *Options) message() (subject string, body []byte, err error) {
	r := o.VerdictRequest
	r.Namespace, r.Name = o.Namespace, o.Name
	subject, routed := notify.VerdictSubject(notify.Address{Cluster: o.Cluster, Namespace: o.Namespace, Kind: "Deployment", Name: o.Name})
	body, said := notify.EncodeVerdict(r)
	return subject, body, errors.Join(routed, said)
}

// Send reports the verdict and returns undog's answer, whichever it is. The
// error is a *NobodyError when there is none.
func Send(ctx context.Context, opts Options) (notify.VerdictReply, error) {
	var none notify.VerdictReply
	subject, body, err := opts.message()
	if err != nil {
		return none, fmt.Errorf("report a verdict: %w", err)
	}
	server := opts.Server
	server.Name, server.Log = "undog verdict", opts.Log
	c, err := nats.Connect(server)
	if err != nil {
		return none, fmt.Errorf("report a verdict: %w", err)
	}
	defer c.Close()
	wait, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	if err := c.WaitConnected(wait); err != nil {
		return none, opts.nobody(ctx, fmt.Errorf("%w: is undog running, and is this the URL of its NATS server?", err))
	}
	asking, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	answer, err := c.Request(asking, subject, body)
	if err != nil {
		return none, opts.nobody(ctx, err)
	}
	reply, err := notify.DecodeReply(answer)
	if err != nil {
		return none, fmt.Errorf("report a verdict: %w", err)
	}
	return reply, nil
}

// nobody says that there is no answer, and why.
func (o *Options) nobody(ctx context.Context, why error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("report a verdict: %w", context.Cause(ctx))
	}
	if !errors.Is(why, nats.ErrNobody) && !errors.Is(why, nats.ErrNotConnected) {
		return fmt.Errorf("report a verdict: %w", why)
	}
	return &NobodyError{fmt.Sprintf("no undog answers for cluster %s (%v); where undog's configuration names another cluster, say so with --cluster", o.Cluster, why)}
}

// Write tells an answer to people, in a sentence.
func (o *Options) Write(out io.Writer, r notify.VerdictReply) error {
	if _, err := fmt.Fprintln(out, page.Clean(o.sentence(r))); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// Refused is the error that tells people of a refusal; nil if there is none.
func (o *Options) Refused(r notify.VerdictReply) error {
	if r.Accepted {
		return nil
	}
	return errors.New(page.Clean(o.sentence(r)))
}

func (o *Options) sentence(r notify.VerdictReply) string {
	var b strings.Builder
	what := "revision " + o.Revision
	if v := r.Revision; v.Name != "" && v.Number > 0 {
		what = fmt.Sprintf("revision %d (%s)", v.Number, v.Name)
	}
	said := "refused, " + r.Reason
	if r.Accepted {
		said = "accepted"
	}
	fmt.Fprintf(&b, "%s/%s, %s: the verdict %q is %s", o.Namespace, o.Name, what, o.Verdict, said)
	if r.Message != "" {
		b.WriteString(": " + r.Message)
	}
	if r.Phase != "" {
		fmt.Fprintf(&b, "; phase %s", r.Phase)
	}
	return b.String()
}
