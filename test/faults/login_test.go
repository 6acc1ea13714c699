package faults_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/undog-dev/undog/notify/nats"
)

// pair is a new key pair: what is public of it, and its seed.
func pair(t testing.TB, prefix nkeys.PrefixByte) (keys nkeys.KeyPair, public, seed string) {
	t.Helper()
	keys, err := nkeys.CreatePair(prefix)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := keys.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = keys.PublicKey(); err != nil {
		t.Fatal(err)
	}
	return keys, public, string(raw)
}

// encoded signs a claim.
func encoded(t testing.TB, claims interface {
	Encode(nkeys.KeyPair) (string, error)
}, by nkeys.KeyPair,
) string {
	t.Helper()
	text, err := claims.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// put replaces a file at once, as a Secret that is mounted does.
func put(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// rotation is a way to say who is there: what the server is told and what
// stands in undog's file, before and after.
type rotation struct {
	order        int
	fault        string
	conf, secret [2]string
	// reader connects one who is let in before and after.
	reader func(after bool) natsgo.Option
	use    func(o *nats.Options, file string)
	// ending makes what takes the place of the first for a moment; nil leaves it.
	ending func() string
}

// ends is when a credential that expires does; JWTs know whole seconds.
const ends = 3 * time.Second

func credentials(t testing.TB) rotation {
	operator, operatorKey, _ := pair(t, nkeys.PrefixByteOperator)
	account, accountKey, _ := pair(t, nkeys.PrefixByteAccount)
	_, systemKey, _ := pair(t, nkeys.PrefixByteAccount)
	claims := jwt.NewAccountClaims(accountKey)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	conf := fmt.Sprintf("operator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload: {%s: %s, %s: %s}\n",
		encoded(t, jwt.NewOperatorClaims(operatorKey), operator), systemKey, accountKey, encoded(t, claims, operator),
		systemKey, encoded(t, jwt.NewAccountClaims(systemKey), operator))
	creds := func(until time.Duration) string {
		_, public, seed := pair(t, nkeys.PrefixByteUser)
		user := jwt.NewUserClaims(public)
		if until > 0 {
			user.Expires = time.Now().Add(until).Unix()
		}
		text, err := jwt.FormatUserConfig(encoded(t, user, account), []byte(seed))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	reading := filepath.Join(t.TempDir(), "reader.creds")
	put(t, reading, creds(0))
	return rotation{
		63, "undog's credentials (JWT) expire, and are replaced in their file",
		[2]string{conf, conf},
		[2]string{creds(0), creds(time.Hour)},
		func(bool) natsgo.Option { return natsgo.UserCredentials(reading) },
		func(o *nats.Options, file string) { o.Credentials = file },
		func() string { return creds(ends) },
	}
}

func rotations(t testing.TB) map[string]rotation {
	_, first, firstSeed := pair(t, nkeys.PrefixByteUser)
	_, second, secondSeed := pair(t, nkeys.PrefixByteUser)
	const nkey = "authorization { users: [{nkey: %s}, {user: reader, password: reader}] }\n"
	return map[string]rotation{
		"credentials": credentials(t),
		"token": {
			64, "the token is rotated: on the server first, in undog's file later",
			[2]string{"authorization { token: one }\n", "authorization { token: two }\n"},
			[2]string{"one\n", "two\n"},
			func(after bool) natsgo.Option {
				if after {
					return natsgo.Token("two")
				}
				return natsgo.Token("one")
			},
			func(o *nats.Options, file string) { o.TokenFile = file }, nil,
		},
		"nkey": {
			65, "the nkey is rotated: on the server first, in undog's file later",
			[2]string{fmt.Sprintf(nkey, first), fmt.Sprintf(nkey, second)},
			[2]string{firstSeed + "\n", secondSeed + "\n"},
			func(bool) natsgo.Option { return natsgo.UserInfo("reader", "reader") },
			func(o *nats.Options, file string) { o.NKey = file }, nil,
		},
	}
}

// startConf runs a server by a configuration file, and returns what starts it anew
// with another one. (Reloading one in the same process is a race of the server's
// own: it reads its options without a lock.)
func startConf(t testing.TB, conf string) (url string, again func(conf string)) {
	t.Helper()
	dir, store, port := t.TempDir(), t.TempDir(), -1
	var ns *server.Server
	stop := func() {
		ns.Shutdown()
		ns.WaitForShutdown()
	}
	begin := func(conf string) {
		t.Helper()
		file := filepath.Join(dir, "nats.conf")
		put(t, file, fmt.Sprintf("listen: \"127.0.0.1:%d\"\njetstream {store_dir: %q, max_mem: 1M, max_file: 256M, sync_interval: always}\n", port, store)+conf)
		opts, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts.NoSigs, opts.NoLog = true, true
		if ns, err = server.NewServer(opts); err != nil {
			t.Fatal(err)
		}
		go ns.Start()
		if !ns.ReadyForConnections(patience) {
			t.Fatal("the server is not ready")
		}
	}
	begin(conf)
	t.Cleanup(func() { stop() })
	url, port = ns.ClientURL(), ns.Addr().(*net.TCPAddr).Port
	return url, func(conf string) {
		t.Helper()
		stop()
		begin(conf)
	}
}

// What undog shows the server is no longer good. Nothing is given up, and the
// next connection after its file was replaced reads the new one.
func TestCredentialsRotated(t *testing.T) {
	for name, r := range rotations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, again := startConf(t, r.conf[0])
			file := filepath.Join(t.TempDir(), "secret")
			put(t, file, r.secret[0])
			opts := nats.Options{URL: url, Timeout: time.Second}
			r.use(&opts, file)
			s := newScene(t, opts, url)
			after := false
			s.sub = newSubscriber(t, func() (*natsgo.Conn, error) {
				return natsgo.Connect(url, natsgo.NoReconnect(), natsgo.Timeout(5*time.Second), r.reader(after))
			})
			s.undo("before", 4)
			s.until("the first events told", func() bool {
				s.sub.read()
				return s.sub.has(s.mem.Owed())
			})
			if r.ending != nil {
				put(t, file, r.ending())
			}
			again(r.conf[1])
			after = true
			s.sub.lose()
			// More refusals than end a client that gives up.
			s.until("refusals", func() bool {
				now := s.now.client.Status()
				return !now.Connected && refused(now.LastError)
			})
			d := s.undo("app", 24)
			s.until("tries that fail", func() bool { return s.now.outbox.Stats().Retried > 3 })
			put(t, file, r.secret[1])
			s.told(r.order, r.fault, d)
			if strings.Contains(s.log.String(), "the stream lost") {
				t.Error("a loss was told of, and there was none")
			}
		})
	}
}

// refused tells whether the server does not know who is there.
func refused(err error) bool {
	if err == nil {
		return false
	}
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "authorization") || strings.Contains(text, "expired")
}
