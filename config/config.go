package config

import (
	"time"

	"github.com/undog-dev/undog/policy"
)

// Config is everything undog can be told. The yaml tags are the only key
// names; they are matched with their case.
type Config struct {
	// Cluster is the name that goes into every subject and event id.
	Cluster string `yaml:"cluster"`
	// Mode is enforce or observe.
	Mode policy.Mode `yaml:"mode"`
	// Kubeconfig is a path; empty means in-cluster where undog runs in a pod,
	// and kubectl's own rules elsewhere.
	Kubeconfig string `yaml:"kubeconfig"`
	Watch      Watch  `yaml:"watch"`
	NATS       NATS   `yaml:"nats"`
	HTTP       HTTP   `yaml:"http"`
	Log        Log    `yaml:"log"`
	// Policies are tried in order, the first match wins. Never empty.
	Policies []Policy `yaml:"policies"`
}

// Watch says which Deployments undog looks at.
type Watch struct {
	// Namespaces is empty for all but kube-* and undog's own.
	Namespaces []string `yaml:"namespaces"`
	// Selector is a label selector on Deployments, as text.
	Selector string `yaml:"selector"`
}

// NATS says where events go.
type NATS struct {
	// URL is empty for the embedded server; several are separated by commas.
	// It may hold a password: print it through Redact only.
	URL string `yaml:"url"`
	// Listen is the embedded server's address.
	Listen string `yaml:"listen"`
	// StoreDir is the embedded server's store; empty leaves the choice to undog.
	StoreDir string `yaml:"storeDir"`
	// Credentials is the path of a creds file for URL.
	Credentials string `yaml:"credentials"`
}

// HTTP is the address of /livez, /readyz and /metrics.
type HTTP struct {
	Addr string `yaml:"addr"`
}

// Log says how undog logs.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Policy says how the Deployments that it matches are judged.
type Policy struct {
	Name   string        `yaml:"name"`
	Match  Match         `yaml:"match"`
	Action policy.Action `yaml:"action"`
	// Bake is how long a complete revision must stay healthy to be good.
	Bake Duration `yaml:"bake"`
	// ReadyWithin is how long a pod may take to become ready; 0 is derived.
	ReadyWithin Duration `yaml:"readyWithin"`
}

// Match selects Deployments. A Match without namespaces and without a
// selector matches all.
type Match struct {
	Namespaces []string `yaml:"namespaces"`
	Selector   string   `yaml:"selector"`
}

// all tells whether nothing narrows the match.
func (m Match) all() bool { return len(m.Namespaces) == 0 && m.Selector == "" }

// Default returns what applies where nothing is said.
func Default() Config {
	return Config{
		Cluster:  "default",
		Mode:     policy.Enforce,
		NATS:     NATS{Listen: "127.0.0.1:4222"},
		HTTP:     HTTP{Addr: "127.0.0.1:8080"},
		Log:      Log{Level: "info", Format: "console"},
		Policies: []Policy{defaultPolicy("default")},
	}
}

// defaultPolicy is the built-in policy, and what a policy of the file starts from.
func defaultPolicy(name string) Policy {
	return Policy{Name: name, Action: policy.ActionRollback, Bake: Duration(10 * time.Minute)}
}
