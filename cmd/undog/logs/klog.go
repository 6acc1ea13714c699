package logs

import (
	"flag"
	"fmt"
	"log/slog"

	"k8s.io/klog/v2"
)

// klogVerbosity is the most that client-go may say, and only at level debug.
// slog has V(n) as level -n: at 4 it would be our own debug level, and
// client-go serialises requests there.
const klogVerbosity = 3

// RouteKlog sends what client-go logs the way of logger, which New made. It is
// called once, before any client is built: klog's settings are the process's.
func RouteKlog(logger *slog.Logger) error {
	h, ok := logger.Handler().(*handler)
	if !ok {
		return fmt.Errorf("route klog: the handler is a %T, not one of this package", logger.Handler())
	}
	quiet := &handler{next: h.next, level: atLeast{h.level, slog.Level(-klogVerbosity)}, scopes: h.scopes}
	// The calls of the old kind (klog.V(2).Info) obey a flag of klog itself first.
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	if err := flags.Set("v", fmt.Sprint(klogVerbosity)); err != nil {
		return fmt.Errorf("set klog's verbosity: %w", err)
	}
	klog.SetSlogLogger(slog.New(quiet))
	return nil
}

// atLeast is a level that does not go below another.
type atLeast struct {
	of    slog.Leveler
	least slog.Level
}

// Level is the higher of the two.
func (l atLeast) Level() slog.Level { return max(l.of.Level(), l.least) }
