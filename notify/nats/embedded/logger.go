package embedded

import (
	"fmt"
	"log/slog"
)

// logger hands the server's lines to slog, one level lower than the server
// thinks of them: what it notices is of interest to those who debug it.
type logger struct {
	log *slog.Logger
	// fatal has room for the first thing that the server gave up over.
	fatal chan string
	// unwritable has room for one notice that a stream cannot be written.
	unwritable chan struct{}
}

// Noticef is part of server.Logger.
func (l *logger) Noticef(format string, v ...any) {
	l.log.Debug("nats-server: " + fmt.Sprintf(format, v...))
}

// Warnf is part of server.Logger.
func (l *logger) Warnf(format string, v ...any) {
	l.log.Warn("nats-server: " + fmt.Sprintf(format, v...))
}

// Errorf is part of server.Logger.
func (l *logger) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.log.Error("nats-server: " + text)
	l.noteWrite(text)
}

// Debugf is part of server.Logger.
func (l *logger) Debugf(format string, v ...any) {
	l.log.Debug("nats-server: " + fmt.Sprintf(format, v...))
}

// Tracef is part of server.Logger.
func (l *logger) Tracef(format string, v ...any) {
	l.log.Debug("nats-server: " + fmt.Sprintf(format, v...))
}

// Fatalf is part of server.Logger. The server expects the process to end here;
// that is for undog to decide.
func (l *logger) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.log.Error("nats-server gave up: " + text)
	select {
	case l.fatal <- text:
	default:
	}
}

// gaveUp returns what the server gave up over, if it did.
func (l *logger) gaveUp() (string, bool) {
	select {
	case text := <-l.fatal:
		return text, true
	default:
		return "", false
	}
}
