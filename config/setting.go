package config

import (
	"reflect"
	"strings"

	"github.com/spf13/pflag"
)

// Setting is a value of the daemon that the file, the environment and the
// command line can all set.
type Setting struct {
	// Key is its path in the file, such as nats.storeDir.
	Key string
	// Flag is its name on the command line, without the dashes.
	Flag string
	// Usage says what it is for; a word in back quotes names its value.
	Usage string
	// List tells that it takes several values: a repeatable flag, commas in
	// the environment.
	List bool
}

// The flag of `undog run` that names the file, and the variable that does.
const (
	FileFlag = "config"
	FileEnv  = "UNDOG_CONFIG"
)

const fileUsage = "configuration `file`; without it the first of ./undog.yaml, undog/undog.yaml in your configuration folder and /etc/undog/undog.yaml that exists, or none"

var settings = []Setting{
	{Key: "kubeconfig", Flag: "kubeconfig", Usage: "kubeconfig `file`; empty is in-cluster when in a pod, else kubectl's own rules"},
	{Key: "cluster", Flag: "cluster", Usage: "`name` of the cluster, part of every subject"},
	{Key: "mode", Flag: "mode", Usage: "`mode`: enforce, or observe, which decides and publishes and never touches a workload"},
	{Key: "watch.namespaces", Flag: "namespace", Usage: "watch this `namespace`, repeatable; none is all but kube-* and undog's own", List: true},
	{Key: "watch.selector", Flag: "selector", Usage: "watch only Deployments with these `labels`, as for kubectl -l"},
	{Key: "nats.url", Flag: "nats-url", Usage: "`URL` of the NATS server; empty runs one inside undog"},
	{Key: "nats.listen", Flag: "nats-listen", Usage: "`host:port` of the NATS server inside undog; port 0 picks one"},
	{Key: "nats.storeDir", Flag: "nats-store-dir", Usage: "`folder` where the NATS server inside undog keeps its events; empty is undog/nats in your state folder"},
	{Key: "nats.credentials", Flag: "nats-credentials", Usage: "credentials `file` for the NATS server at --nats-url"},
	{Key: "nats.nkey", Flag: "nats-nkey", Usage: "`file` with the seed of an nkey for the NATS server, instead of credentials"},
	{Key: "nats.tokenFile", Flag: "nats-token-file", Usage: "`file` with a token for the NATS server, instead of credentials"},
	{Key: "nats.user", Flag: "nats-user", Usage: "`name` of a user of the NATS server, instead of credentials, with --nats-password-file"},
	{Key: "nats.passwordFile", Flag: "nats-password-file", Usage: "`file` with the password of --nats-user"},
	{Key: "nats.tls.ca", Flag: "nats-tls-ca", Usage: "`file` with the certificates that the NATS server's must come from; empty is the system's"},
	{Key: "nats.tls.cert", Flag: "nats-tls-cert", Usage: "`file` with a certificate to show to the NATS server"},
	{Key: "nats.tls.key", Flag: "nats-tls-key", Usage: "`file` with the key of --nats-tls-cert"},
	{Key: "nats.inboxPrefix", Flag: "nats-inbox-prefix", Usage: "`prefix` of the subjects that answers come to; empty is _INBOX"},
	{Key: "nats.stream.manage", Flag: "nats-stream-manage", Usage: "`what` to do about the stream: ensure creates a missing one, verify only looks, none does not"},
	{Key: "nats.stream.domain", Flag: "nats-stream-domain", Usage: "JetStream `domain` that has the stream; empty is the server's own"},
	{Key: "http.addr", Flag: "http-addr", Usage: "`host:port` of /livez, /readyz and /metrics; port 0 picks one"},
	{Key: "reach", Flag: "reach", Usage: "`way` of checks to pods: podIP, portForward (through the API server), or auto, which is podIP in a cluster"},
	{Key: "leaderElection.enabled", Flag: "leader-election", Usage: "`whether` one of several undogs is elected to act: true, false, or auto, which is true in a cluster"},
	{Key: "leaderElection.namespace", Flag: "leader-election-namespace", Usage: "`namespace` of the Lease; empty is undog's own"},
	{Key: "leaderElection.name", Flag: "leader-election-name", Usage: "`name` of the Lease, the same for all undogs of which one is to act"},
	{Key: "log.level", Flag: "log-level", Usage: "log `level`: debug, info, warn or error"},
	{Key: "log.format", Flag: "log-format", Usage: "log `format`: console for people, json for programs"},
}

// Settings lists all settings, in the order of the manual. The policies are
// not among them: they stand in the file alone.
func Settings() []Setting { return append([]Setting(nil), settings...) }

// Env is the name of the setting's environment variable: its key in capitals,
// the dots as underscores, as in UNDOG_NATS_STOREDIR.
func (s Setting) Env() string {
	return "UNDOG_" + strings.ToUpper(strings.ReplaceAll(s.Key, ".", "_"))
}

// Default is the value when nothing sets it.
func (s Setting) Default() string {
	d := Default()
	return s.text(&d)
}

// text is the value of the setting in c; a list is joined with commas.
func (s Setting) text(c *Config) string {
	if s.List {
		return strings.Join(s.of(c).Interface().([]string), ",")
	}
	return s.of(c).String()
}

// of is the field of c that holds the setting.
func (s Setting) of(c *Config) reflect.Value {
	v := reflect.ValueOf(c).Elem()
	for name := range strings.SplitSeq(s.Key, ".") {
		v = v.FieldByIndex(fieldsOf(v.Type())[name])
	}
	return v
}

// check says what is wrong with a value of the setting, or with one of them.
func (s Setting) check(values []string) string {
	pattern := s.Key
	if s.List {
		pattern += "[]"
	}
	for _, value := range values {
		if text := checks[pattern](value); text != "" {
			return text
		}
	}
	return ""
}

// AddFlags defines --config and one flag for each setting.
func AddFlags(fs *pflag.FlagSet) {
	fs.String(FileFlag, "", fileUsage+" [$"+FileEnv+"]")
	for _, s := range settings {
		usage := s.Usage + " [$" + s.Env() + "]"
		if s.List {
			fs.StringSlice(s.Flag, nil, usage)
			continue
		}
		fs.String(s.Flag, s.Default(), usage)
	}
}
