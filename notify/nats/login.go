package nats

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	natsgo "github.com/nats-io/nats.go"
)

// maxSecret bounds what is read of a file that holds a secret.
const maxSecret = 64 << 10

// checkLogin finds more than one way to say who is there, and what of the one
// cannot work: the client would try for ever.
func (o *Options) checkLogin() error {
	errs := []error{o.checkPassword()}
	var ways []string
	for _, way := range []struct {
		key, path string
		check     func(path string) error
	}{
		{"nats.credentials", o.Credentials, checkReadable},
		{"nats.nkey", o.NKey, checkSeed},
		{"nats.tokenFile", o.TokenFile, checkSecret},
		{"nats.passwordFile", o.PasswordFile, checkSecret},
	} {
		if way.path == "" {
			continue
		}
		ways = append(ways, way.key)
		if err := way.check(way.path); err != nil {
			errs = append(errs, fmt.Errorf("%s %q: %w", way.key, way.path, err))
		}
	}
	if o.namesUser() {
		ways = append(ways, "the user in nats.url")
	}
	if len(ways) > 1 {
		errs = append(errs, fmt.Errorf("%s: are several ways to say who is there: keep one", strings.Join(ways, " and ")))
	}
	return errors.Join(errs...)
}

func (o *Options) checkPassword() error {
	switch {
	case o.User != "" && o.PasswordFile == "":
		return fmt.Errorf("nats.user %q: there is no password: set nats.passwordFile to a file that holds it", o.User)
	case o.User == "" && o.PasswordFile != "":
		return errors.New("nats.passwordFile: there is no user: set nats.user to the name that the password is for")
	}
	return nil
}

// namesUser tells whether a URL holds a user or a token.
func (o *Options) namesUser() bool {
	for s := range strings.SplitSeq(o.URL, ",") {
		if s = strings.TrimSpace(s); !strings.Contains(s, "://") {
			s = "nats://" + s
		}
		if u, err := url.Parse(s); err == nil && u.User != nil {
			return true
		}
	}
	return false
}

func checkReadable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cannot be read: set it to a file: %w", errors.Unwrap(err))
	}
	return f.Close()
}

func checkSecret(path string) error {
	_, err := readSecret(path)
	return err
}

func checkSeed(path string) error {
	_, err := publicKey(path)
	return err
}

// readSecret is the text of a file without the line's end.
func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("cannot be read: set it to a file: %w", errors.Unwrap(err))
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("cannot be read: %w", err)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" || len(data) > maxSecret {
		return "", fmt.Errorf("has %d bytes: write the secret into it, and nothing else", len(data))
	}
	return text, nil
}

// publicKey is that of the seed in a file.
func publicKey(path string) (string, error) {
	if err := checkReadable(path); err != nil {
		return "", err
	}
	option, err := natsgo.NkeyOptionFromSeed(path)
	if err != nil {
		return "", errors.New("holds no seed of a user: it begins with SU, and nk -gen user makes one")
	}
	var o natsgo.Options
	if err := option(&o); err != nil {
		return "", fmt.Errorf("holds no usable seed: %w", err)
	}
	return o.Nkey, nil
}

// loginOptions say who is there. All of them read their files again for each
// connection. What cannot be read then is told, and the next try reads anew.
func (c *Client) loginOptions() []natsgo.Option {
	o := &c.opts
	switch {
	case o.Credentials != "":
		return []natsgo.Option{natsgo.UserCredentials(o.Credentials)}
	case o.NKey != "":
		c.dialer.before = c.rereadNKey
		return []natsgo.Option{c.nkey}
	case o.TokenFile != "":
		return []natsgo.Option{natsgo.TokenHandler(func() string { return c.secret("nats.tokenFile", o.TokenFile) })}
	case o.PasswordFile != "":
		return []natsgo.Option{natsgo.UserInfoHandler(func() (string, string) { return o.User, c.secret("nats.passwordFile", o.PasswordFile) })}
	}
	return nil
}

// secret is what a file holds now, "" if it cannot be read.
func (c *Client) secret(key, path string) string {
	text, err := readSecret(path)
	if err != nil {
		c.trouble("a secret for NATS cannot be read", fmt.Errorf("%s %q: %w", key, path, err))
	}
	return text
}

func (c *Client) nkey(to *natsgo.Options) error {
	option, err := natsgo.NkeyOptionFromSeed(c.opts.NKey)
	if err != nil {
		return fmt.Errorf("nats.nkey %q: %w", c.opts.NKey, err)
	}
	return option(to)
}

// rereadNKey reads the nkey anew for each connection: the client library asks
// for the signature every time, and for the public key only once. The connection
// holds its own lock meanwhile: nobody else reads the options that change here.
func (c *Client) rereadNKey() error {
	nc := c.conn.Load()
	if nc == nil {
		return nil
	}
	key, err := publicKey(c.opts.NKey)
	if err != nil {
		return fmt.Errorf("nats.nkey %q: %w", c.opts.NKey, err)
	}
	nc.Opts.Nkey = key
	return nil
}
