package capture

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check/redact"
)

const (
	// maxBytes is how much of one log is read. The kubelet counts from the first
	// of the lines asked for: a small limit would cut the last ones, which matter.
	maxBytes = 1 << 20
	// maxLine is how much of one line is looked at.
	maxLine = 16 << 10
)

// log reads the last lines of the container's log into c, or says why not.
func (r *Reader) log(ctx context.Context, namespace string, c *policy.Captured) {
	lines, limit := int64(r.opts.Lines), int64(maxBytes+1)
	// Each line has its time before it: what has none is not the container's, but
	// the node's word on why there is no log.
	body, err := r.opts.Pods.Pods(namespace).GetLogs(c.Pod, &corev1.PodLogOptions{
		Container: c.Container, Previous: c.Previous, Timestamps: true, TailLines: &lines, LimitBytes: &limit,
	}).MaxRetries(0).Stream(ctx)
	if err != nil {
		r.failed.Add(1)
		c.Problem = "the log could not be read: " + r.why(ctx, namespace, c, err)
		return
	}
	defer func() { _ = body.Close() }()
	t := tail{most: r.opts.Lines}
	err = t.take(body)
	c.Lines, c.Left = redact.Lines(t.lines, policy.MaxLine), t.left
	switch {
	case err != nil:
		c.Problem = "the log broke off: " + r.why(ctx, namespace, c, err)
	case t.room <= 0:
		c.Problem = "its last lines are too long: the newest of them are missing"
	case len(t.lines) == 0 && t.foreign != "":
		c.Problem = "the node has no log: " + redact.Line(t.foreign, maxProblem)
	case len(t.lines) == 0:
		c.Problem = "its log is empty"
	}
	if err != nil {
		r.failed.Add(1)
		return
	}
	r.read.Add(1)
}

// tail keeps the last lines of a log.
type tail struct {
	most  int
	lines []string
	// left counts the older ones, foreign is a line that is not the container's.
	left    int
	foreign string
	// room is how many bytes may still be read.
	room int
}

// take reads to the end of the log, or as far as there is room.
func (t *tail) take(log io.Reader) error {
	t.room = maxBytes
	in := bufio.NewReaderSize(log, maxLine)
	for t.room > 0 {
		line, err := in.ReadSlice('\n')
		t.room -= len(line)
		t.add(line)
		for errors.Is(err, bufio.ErrBufferFull) && t.room > 0 {
			var rest []byte
			rest, err = in.ReadSlice('\n')
			t.room -= len(rest)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
	return nil
}

// add takes the beginning of a line. The word that its end goes through may be
// half a secret.
func (t *tail) add(line []byte) {
	if len(line) == maxLine && line[maxLine-1] != '\n' {
		line = []byte(redact.Unfinished(string(line)))
	}
	line = bytes.TrimRight(line, "\r\n")
	stamp, text, _ := bytes.Cut(line, []byte(" "))
	if len(stamp) > len(time.RFC3339Nano) {
		stamp = nil
	}
	if _, err := time.Parse(time.RFC3339Nano, string(stamp)); err != nil {
		if t.foreign == "" && len(line) > 0 {
			t.foreign = string(line)
		}
		return
	}
	if len(t.lines) == t.most {
		copy(t.lines, t.lines[1:])
		t.lines, t.left = t.lines[:t.most-1], t.left+1
	}
	t.lines = append(t.lines, string(text))
}
