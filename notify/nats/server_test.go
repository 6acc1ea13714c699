package nats_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/undog-dev/undog/notify/nats"
)

// daemon is a real server with a configuration file of its own.
type daemon struct {
	*server.Server
	file, head string
}

// configured runs a server until the test ends. edit changes what the file says.
func configured(t testing.TB, file string, edit func(*server.Options)) *server.Server {
	t.Helper()
	opts, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoSigs, opts.NoLog = true, true
	if edit != nil {
		edit(opts)
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	})
	if !ns.ReadyForConnections(patience) {
		t.Fatal("the server is not ready")
	}
	return ns
}

// daemonOf runs a server with JetStream and the configuration given.
func daemonOf(t testing.TB, conf string) *daemon {
	t.Helper()
	d := &daemon{file: filepath.Join(t.TempDir(), "nats.conf")}
	d.head = fmt.Sprintf("listen: 127.0.0.1:-1\njetstream { store_dir: %q, max_mem: 1M, max_file: 16M }\n", t.TempDir())
	put(t, d.file, d.head+conf)
	d.Server = configured(t, d.file, nil)
	return d
}

// reload gives the running server another configuration.
func (d *daemon) reload(t testing.TB, conf string) {
	t.Helper()
	put(t, d.file, d.head+conf)
	if err := d.Reload(); err != nil {
		t.Fatal(err)
	}
}

// put writes a file, or replaces it at once, as a mounted Secret is.
func put(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

// secretFile is a new file with a text.
func secretFile(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	put(t, name, text)
	return name
}

// publishes waits until an event is stored.
func publishes(t testing.TB, c *nats.Client, n int) {
	t.Helper()
	var err error
	eventually(t, "published", func() bool {
		err = c.Publish(within(t), event("web", n))
		return err == nil
	})
}

// plain is a bare client that logs in as undog does.
func plain(t testing.TB, d *daemon, opts nats.Options) jetstream.JetStream {
	t.Helper()
	var login []natsgo.Option
	switch {
	case opts.Credentials != "":
		login = append(login, natsgo.UserCredentials(opts.Credentials))
	case opts.NKey != "":
		seed, err := natsgo.NkeyOptionFromSeed(opts.NKey)
		if err != nil {
			t.Fatal(err)
		}
		login = append(login, seed)
	case opts.TokenFile != "":
		login = append(login, natsgo.Token(text(t, opts.TokenFile)))
	case opts.User != "":
		login = append(login, natsgo.UserInfo(opts.User, text(t, opts.PasswordFile)))
	}
	nc, err := natsgo.Connect(d.ClientURL(), login...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func text(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}
