package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// DefaultMaxStore bounds the disk that the store may use.
	DefaultMaxStore = 1 << 30
	// maxMemory bounds what consumers and memory streams may use.
	maxMemory = 64 << 20
	// startWithin bounds the start, recovery of a large store included.
	startWithin = time.Minute
)

// Options is what a server needs to know.
type Options struct {
	// Listen is host:port. Port 0 picks a free one. An empty host means
	// 127.0.0.1: the server asks nobody for a password. "" listens nowhere;
	// the server is then reached through InProcessConn only.
	Listen string
	// StoreDir is the folder of the store; "" means DefaultStoreDir.
	StoreDir string
	// MaxStore bounds the store in bytes; 0 means DefaultMaxStore.
	MaxStore int64
	Log      *slog.Logger
}

// Server is a running server.
type Server struct {
	lock    *os.File
	dir     string
	url     string
	logger  *logger
	once    sync.Once
	stopped chan struct{}
	// options are those of the server, stopMend ends mend, which is done then.
	options  server.Options
	stopMend context.CancelFunc
	mended   sync.WaitGroup

	mu sync.Mutex
	ns *server.Server
}

// Start runs a server until Shutdown. It returns when clients can connect.
func Start(opts Options) (*Server, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	so, err := opts.server()
	if err != nil {
		return nil, err
	}
	if so.StoreDir, err = prepareStore(opts.StoreDir); err != nil {
		return nil, err
	}
	lock, err := lockStore(so.StoreDir)
	if err != nil {
		return nil, err
	}
	s, err := start(so, opts)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	ctx, stop := context.WithCancel(context.Background())
	s.stopMend = stop
	s.mended.Go(func() { s.mend(ctx) })
	return s, nil
}

// server turns the options into those of the server.
func (o Options) server() (*server.Options, error) {
	so := &server.Options{
		ServerName:             "undog",
		NoSigs:                 true,
		JetStream:              true,
		JetStreamMaxMemory:     maxMemory,
		JetStreamMaxStore:      DefaultMaxStore,
		DisableJetStreamBanner: true,
		SyncAlways:             true,
	}
	if o.MaxStore > 0 {
		so.JetStreamMaxStore = o.MaxStore
	}
	if o.Listen == "" {
		so.DontListen = true
		return so, nil
	}
	host, portText, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("nats.listen %q: want host:port, as in 127.0.0.1:4222, or 127.0.0.1:0 for a free port", o.Listen)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("nats.listen %q: port %q: want a number from 0 to 65535", o.Listen, portText)
	}
	so.Host, so.Port = host, int(port)
	if so.Host == "" {
		so.Host = "127.0.0.1"
	}
	if so.Port == 0 {
		so.Port = server.RANDOM_PORT
	}
	return so, nil
}

// start runs the server proper, and takes it down again if it does not come up.
func start(so *server.Options, opts Options) (*Server, error) {
	lg := &logger{log: opts.Log, fatal: make(chan string, 1), unwritable: make(chan struct{}, 1)}
	if host := net.ParseIP(so.Host); !so.DontListen && so.Host != "localhost" && (host == nil || !host.IsLoopback()) {
		opts.Log.Warn("the embedded NATS server lets everyone in who can reach it; run a NATS server of your own to ask for credentials", "listen", opts.Listen)
	}
	ns, err := launch(*so, lg)
	if err != nil {
		if text, gaveUp := lg.gaveUp(); gaveUp {
			err = startError(text, opts.Listen, so.StoreDir)
		}
		return nil, err
	}
	return &Server{ns: ns, options: *so, dir: so.StoreDir, url: clientURL(ns), logger: lg, stopped: make(chan struct{})}, nil
}

// awaitReady returns when clients can connect, or never will.
func awaitReady(ns *server.Server, lg *logger) error {
	for end := time.Now().Add(startWithin); time.Now().Before(end); {
		if ns.ReadyForConnections(50 * time.Millisecond) {
			return nil
		}
		if len(lg.fatal) > 0 {
			return errors.New("start embedded NATS server: it gave up")
		}
	}
	return fmt.Errorf("start embedded NATS server: not ready within %v", startWithin)
}

// startError says what can be done about the ways in which a start fails.
func startError(text, listen, dir string) error {
	l, err := net.Listen("tcp", listen)
	if err == nil {
		return errors.Join(fmt.Errorf("start embedded NATS server with the store %q: %s", dir, text), l.Close())
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("nats.listen %s: the port is in use, maybe by another undog or NATS server: set nats.listen to another port (127.0.0.1:0 picks one), or nats.url to use that server: %w", listen, err)
	}
	return fmt.Errorf("nats.listen %s: set it to an address of this machine: %w", listen, err)
}

// clientURL is where clients on this machine connect.
func clientURL(ns *server.Server) string {
	addr, ok := ns.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "nats://" + net.JoinHostPort(host, strconv.Itoa(addr.Port))
}

// ClientURL is the URL for clients on this machine, "" if the server listens
// nowhere.
func (s *Server) ClientURL() string { return s.url }

// StoreDir is the folder of the store.
func (s *Server) StoreDir() string { return s.dir }

// InProcessConn connects without the network. With it, *Server is what
// Options.InProcess of package notify/nats takes.
func (s *Server) InProcessConn() (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ns.InProcessConn()
}

// Failed receives a text when the server gave up.
func (s *Server) Failed() <-chan string { return s.logger.fatal }

// Shutdown stops the server and frees the store. When ctx ends first it
// returns an error, and the server goes on stopping.
func (s *Server) Shutdown(ctx context.Context) error {
	s.once.Do(func() {
		go func() {
			defer close(s.stopped)
			s.stopMend()
			s.mended.Wait()
			s.ns.Shutdown()
			s.ns.WaitForShutdown()
			if err := s.lock.Close(); err != nil {
				s.logger.log.Warn("the lock of the NATS store could not be closed", "err", err)
			}
		}()
	})
	select {
	case <-s.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop embedded NATS server: %w", context.Cause(ctx))
	}
}
