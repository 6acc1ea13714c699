package nats_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"

	"github.com/undog-dev/undog/notify/nats"
)

// keys is a key pair with its texts.
type keys struct {
	nkeys.KeyPair
	public, seed string
}

func newKeys(t testing.TB, prefix nkeys.PrefixByte) keys {
	t.Helper()
	pair, err := nkeys.CreatePair(prefix)
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return keys{pair, public, string(seed)}
}

// operated is an operator with one account, whose users have creds files, and
// the servers' own one.
type operated struct{ operator, account, system keys }

func newOperated(t testing.TB) operated {
	return operated{newKeys(t, nkeys.PrefixByteOperator), newKeys(t, nkeys.PrefixByteAccount), newKeys(t, nkeys.PrefixByteAccount)}
}

// conf is the server's configuration, in which some users are revoked.
func (o operated) conf(t testing.TB, revoked ...string) string {
	t.Helper()
	operator, err := jwt.NewOperatorClaims(o.operator.public).Encode(o.operator)
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.NewAccountClaims(o.account.public)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	for _, public := range revoked {
		claims.Revoke(public)
	}
	account, err := claims.Encode(o.operator)
	if err != nil {
		t.Fatal(err)
	}
	system, err := jwt.NewAccountClaims(o.system.public).Encode(o.operator)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("operator: %s\nsystem_account: %s\nresolver: MEMORY\nresolver_preload: {%s: %s, %s: %s}\n",
		operator, o.system.public, o.account.public, account, o.system.public, system)
}

// creds is a user's file; one that ends may have ended.
func (o operated) creds(t testing.TB, user keys, ends time.Time) string {
	t.Helper()
	claims := jwt.NewUserClaims(user.public)
	if !ends.IsZero() {
		claims.Expires = ends.Unix()
	}
	token, err := claims.Encode(o.account)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(token, []byte(user.seed))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rotation is a way to say who is there: what the server is told and what
// stands in the client's file, before and after.
type rotation struct {
	conf, secret [2]string
	use          func(o *nats.Options, file string)
}

func rotations(t *testing.T) map[string]rotation {
	o := newOperated(t)
	first, second := newKeys(t, nkeys.PrefixByteUser), newKeys(t, nkeys.PrefixByteUser)
	const password, token, nkey = "authorization { user: undog, password: %q }\n", "authorization { token: %q }\n", "authorization { users: [{nkey: %s}] }\n"
	return map[string]rotation{
		"credentials": {
			[2]string{o.conf(t), o.conf(t, first.public)},
			[2]string{o.creds(t, first, time.Time{}), o.creds(t, second, time.Time{})},
			func(o *nats.Options, file string) { o.Credentials = file },
		},
		"nkey": {
			[2]string{fmt.Sprintf(nkey, first.public), fmt.Sprintf(nkey, second.public)},
			[2]string{first.seed + "\n", second.seed + "\n"},
			func(o *nats.Options, file string) { o.NKey = file },
		},
		"token": {
			[2]string{fmt.Sprintf(token, "one"), fmt.Sprintf(token, "two")},
			[2]string{"one\n", "two"},
			func(o *nats.Options, file string) { o.TokenFile = file },
		},
		"password": {
			[2]string{fmt.Sprintf(password, "one and a half"), fmt.Sprintf(password, "two")},
			[2]string{"one and a half\n", "two\n"},
			func(o *nats.Options, file string) { o.User, o.PasswordFile = "undog", file },
		},
	}
}

// The server turns to the new secret first: the old one is refused again and
// again until the file is replaced, and nothing is given up meanwhile.
func TestSecretsRotateWhileRunning(t *testing.T) {
	for name, r := range rotations(t) {
		t.Run(name, func(t *testing.T) {
			d := daemonOf(t, r.conf[0])
			file := secretFile(t, r.secret[0])
			opts := nats.Options{URL: d.ClientURL()}
			r.use(&opts, file)
			c := connect(t, opts)
			publishes(t, c, 0)
			<-c.Reconnected()

			d.reload(t, r.conf[1])
			eventually(t, "refused", func() bool {
				err := c.Status().LastError
				return !c.Status().Connected && err != nil && strings.Contains(strings.ToLower(err.Error()), "authorization")
			})
			put(t, file, r.secret[1])
			publishes(t, c, 1)
			if n := len(stored(t, plain(t, d, opts))); n != 2 {
				t.Errorf("%d events are stored, want 2", n)
			}
		})
	}
}

// A secret that is gone for a while is no end, either.
func TestSecretIsGoneForAWhile(t *testing.T) {
	for name, r := range rotations(t) {
		t.Run(name, func(t *testing.T) {
			d := daemonOf(t, r.conf[0])
			file := secretFile(t, r.secret[0])
			p := newProxy(t, d.ClientURL())
			opts := nats.Options{URL: p.url()}
			r.use(&opts, file)
			c := connect(t, opts)
			publishes(t, c, 0)
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			p.cut()
			eventually(t, "told of the file", func() bool {
				err := c.Status().LastError
				return !c.Status().Connected && err != nil
			})
			put(t, file, r.secret[0])
			publishes(t, c, 1)
		})
	}
}

func TestExpiredCredentialsWaitForNewOnes(t *testing.T) {
	o, user := newOperated(t), newKeys(t, nkeys.PrefixByteUser)
	d := daemonOf(t, o.conf(t))
	file := secretFile(t, o.creds(t, user, time.Now().Add(-time.Hour)))
	c := connect(t, nats.Options{URL: d.ClientURL(), Credentials: file})
	eventually(t, "refused", func() bool { return c.Status().LastError != nil })
	put(t, file, o.creds(t, user, time.Now().Add(time.Hour)))
	publishes(t, c, 0)
}

func TestLoginThatCanNeverWork(t *testing.T) {
	seed, password := secretFile(t, newKeys(t, nkeys.PrefixByteUser).seed), secretFile(t, "pw")
	account, empty := secretFile(t, newKeys(t, nkeys.PrefixByteAccount).seed), secretFile(t, "\n")
	none := filepath.Join(t.TempDir(), "none")
	const url = "nats://127.0.0.1:1"
	for want, o := range map[string]nats.Options{
		"nats.credentials and nats.nkey: are several ways":              {URL: url, Credentials: password, NKey: seed},
		"nats.tokenFile and the user in nats.url: are several ways":     {URL: "nats://a:secret@127.0.0.1:1", TokenFile: password},
		"nats.nkey and nats.passwordFile: are several ways":             {URL: url, NKey: seed, User: "a", PasswordFile: password},
		`nats.user "a": there is no password`:                           {URL: url, User: "a"},
		"nats.passwordFile: there is no user":                           {URL: url, PasswordFile: password},
		"holds no seed of a user":                                       {URL: url, NKey: account},
		"has 1 bytes: write the secret into it":                         {URL: url, TokenFile: empty},
		fmt.Sprintf("nats.tokenFile %q: cannot be read", none):          {URL: url, TokenFile: none},
		fmt.Sprintf("nats.credentials %q: cannot be read", none):        {URL: url, Credentials: none},
		fmt.Sprintf("nats.tls.ca %q: holds no certificate", password):   {URL: url, TLS: nats.TLS{CA: password}},
		fmt.Sprintf("nats.tls.ca %q: cannot be read", none):             {URL: url, TLS: nats.TLS{CA: none}},
		"want a certificate and its key in PEM":                         {URL: url, TLS: nats.TLS{Cert: password, Key: password}},
		"there is no key for it":                                        {URL: url, TLS: nats.TLS{Cert: password}},
		"there is no certificate for it":                                {URL: url, TLS: nats.TLS{Key: password}},
		`nats.stream.manage "create": want ensure, verify or none`:      {URL: url, Manage: "create"},
		`nats.stream.domain "a.b": want the name of a JetStream domain`: {URL: url, Domain: "a.b"},
	} {
		c, err := nats.Connect(o)
		if err == nil {
			c.Close()
			t.Errorf("it was taken; want an error with %q", want)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}
