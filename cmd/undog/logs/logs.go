package logs

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"go.uber.org/zap/exp/zapslog"
	"go.uber.org/zap/zapcore"
)

// noStacktrace is above every level in use: zapslog would add a stack trace
// to every error.
const noStacktrace = slog.Level(100)

// Options says how to log.
type Options struct {
	// Level is what decides which lines are written; it may change.
	Level slog.Leveler
	// Format is console or json.
	Format string
	// Out receives whole lines, one write each, never two at once.
	Out io.Writer
}

// ParseLevel reads debug, info, warn or error.
func ParseLevel(text string) (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return level, fmt.Errorf("log level %q: %w; write debug, info, warn or error", text, err)
	}
	return level, nil
}

// New returns the logger of the process.
func New(o Options) (*slog.Logger, error) {
	var encoder zapcore.Encoder
	switch o.Format {
	case "json":
		encoder = zapcore.NewJSONEncoder(encoding())
	case "console":
		encoder = zapcore.NewConsoleEncoder(encoding())
	default:
		return nil, fmt.Errorf("log format %q is not known; write console or json", o.Format)
	}
	// The handler in front judges levels: zap has one for all of slog's below info.
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(o.Out)), zapcore.DebugLevel)
	return slog.New(&handler{
		next:   zapslog.NewHandler(core, zapslog.AddStacktraceAt(noStacktrace)),
		level:  o.Level,
		scopes: []scope{{}},
	}), nil
}

// The keys that every line has; an attribute of the same name is renamed.
const (
	timeKey    = "time"
	levelKey   = "level"
	messageKey = "msg"
)

func encoding() zapcore.EncoderConfig {
	return zapcore.EncoderConfig{
		TimeKey:        timeKey,
		LevelKey:       levelKey,
		MessageKey:     messageKey,
		LineEnding:     zapcore.DefaultLineEnding,
		EncodeLevel:    zapcore.LowercaseLevelEncoder,
		EncodeTime:     encodeTime,
		EncodeDuration: zapcore.StringDurationEncoder,
	}
}

// encodeTime writes UTC to the millisecond, always as wide.
func encodeTime(t time.Time, e zapcore.PrimitiveArrayEncoder) {
	e.AppendString(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}
