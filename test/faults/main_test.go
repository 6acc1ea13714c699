package faults_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/test/faults/table"
)

// page collects the rows; -page says where to write them.
var (
	page     table.Page
	pageFile = flag.String("page", "", "write the table into this page")
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childStore); dir != "" {
		os.Exit(child(dir))
	}
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// run runs the tests beside a server with a store in real time: the first
// store of a process starts a clock of the server's that would else be part of
// a bubble, and stop the time there.
func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "undog-faults-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ns, err := server.NewServer(&server.Options{DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true, JetStreamMaxStore: 1 << 20, JetStreamMaxMemory: 1 << 20})
	if err != nil {
		return 0, err
	}
	go ns.Start()
	defer ns.WaitForShutdown()
	defer ns.Shutdown()
	if !ns.ReadyForConnections(time.Minute) {
		return 0, fmt.Errorf("start the first server: not ready")
	}
	if err := firstStore(ns); err != nil {
		return 0, err
	}
	code := m.Run()
	if code == 0 && *pageFile != "" {
		err = page.Write(*pageFile, "stream")
	}
	return code, err
}

// firstStore makes a stream with a file store.
func firstStore(ns *server.Server) error {
	conn, err := natsgo.Connect("", natsgo.InProcessServer(ns))
	if err != nil {
		return fmt.Errorf("connect to the first server: %w", err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return fmt.Errorf("connect to the first server: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "FIRST", Subjects: []string{"first"}, Storage: jetstream.FileStorage}); err != nil {
		return fmt.Errorf("make the first stream: %w", err)
	}
	return nil
}
