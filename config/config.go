package config

import (
	"time"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/check"
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
	Brake      Brake  `yaml:"brake"`
	// LeaderElection is for more than one undog in a cluster.
	LeaderElection LeaderElection `yaml:"leaderElection"`
	// Reach is how checks get to pods: auto, podIP or portForward; auto is
	// podIP in a cluster and portForward, through the API server, elsewhere.
	Reach string `yaml:"reach"`
	// KubernetesEvents says whether Deployments get Events, for kubectl describe.
	KubernetesEvents bool `yaml:"kubernetesEvents"`
	// Evidence is what is read of a bad revision before it is undone.
	Evidence Evidence `yaml:"evidence"`
	// Policies are tried in order, the first match wins. Never empty.
	Policies []Policy `yaml:"policies"`
	// Checks are all played that match; none by default.
	Checks []Check `yaml:"checks"`
	// Personas are who plays them.
	Personas []Persona `yaml:"personas"`
	// Prometheus is asked by checks of metrics.
	Prometheus Prometheus `yaml:"prometheus"`
}

// Check is a check, the Deployments that it is played on, and how often.
type Check struct {
	check.Check `yaml:",inline"`
	Match       Match `yaml:"match"`
	// Every is how often it is played once the release is no longer young.
	Every Duration `yaml:"every"`
}

// Persona is who plays a check. What must not be known comes from Secret or
// File, never from the configuration's own text.
type Persona struct {
	// Name is what checks name it by.
	Name string `yaml:"name"`
	// Values may be shown in logs and events.
	Values map[string]string `yaml:"values"`
	// Secret is one of the cluster's; each of its keys is a value.
	Secret SecretRef `yaml:"secret"`
	// File is the path of a YAML file with more values, or of a folder with a
	// file each, as a mounted Secret is. It is read again for every play.
	File string `yaml:"file"`
}

// SecretRef names a Secret.
type SecretRef struct {
	// Namespace is the Secret's.
	Namespace string `yaml:"namespace"`
	// Name is the Secret's.
	Name string `yaml:"name"`
}

// Prometheus says where metrics are asked for.
type Prometheus struct {
	// URL is the server's, such as http://prometheus.monitoring:9090.
	URL string `yaml:"url"`
	// TokenFile holds a bearer token; it is read again for every question.
	TokenFile string `yaml:"tokenFile"`
	// CAFile verifies the server's certificate; empty is the system's.
	CAFile string `yaml:"caFile"`
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
	// Credentials is the path of a creds file for URL. It, NKey, TokenFile, and
	// User with PasswordFile exclude each other, and a user in URL.
	Credentials string `yaml:"credentials"`
	// NKey is the path of a file with a user's seed.
	NKey string `yaml:"nkey"`
	// TokenFile is the path of a file with a token.
	TokenFile string `yaml:"tokenFile"`
	// User is a name, PasswordFile the path of a file with its password.
	User         string `yaml:"user"`
	PasswordFile string `yaml:"passwordFile"`
	// InboxPrefix begins the subjects that answers come to; empty is _INBOX.
	InboxPrefix string `yaml:"inboxPrefix"`
	TLS         TLS    `yaml:"tls"`
	Stream      Stream `yaml:"stream"`
}

// TLS is how a server is verified, and what it is shown: paths of PEM files.
type TLS struct {
	CA   string `yaml:"ca"`
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// Stream is the stream that keeps the events.
type Stream struct {
	// Manage is ensure, verify or none.
	Manage string `yaml:"manage"`
	// Replicas is on how many servers it is kept, at least.
	Replicas int `yaml:"replicas"`
	// Domain is the JetStream domain that has it; empty is the server's own.
	Domain string `yaml:"domain"`
}

// What undog may do about the stream.
const (
	ManageEnsure = "ensure"
	ManageVerify = "verify"
	ManageNone   = "none"
)

// HTTP is the address of /livez, /readyz and /metrics.
type HTTP struct {
	Addr string `yaml:"addr"`
	// Pprof serves /debug/pprof/ there too.
	Pprof bool `yaml:"pprof"`
}

// Log says how undog logs.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Policy says how the Deployments that it matches are judged.
type Policy struct {
	// Name is told in events and by undog explain.
	Name  string `yaml:"name"`
	Match Match  `yaml:"match"`
	// Action is what is done about a bad revision: rollback, pause or notify.
	Action policy.Action `yaml:"action"`
	// Bake is how long a complete revision must stay healthy to be good.
	Bake Duration `yaml:"bake"`
	// ReadyWithin is how long a pod may take to become ready; 0 is derived.
	ReadyWithin Duration `yaml:"readyWithin"`
	// ProvisionalTargets allows to return to a revision that was replaced
	// before it had proved itself, where none has.
	ProvisionalTargets bool `yaml:"provisionalTargets"`
	// FalseRollbackBudget is the tolerated probability that the statistical
	// tests ever convict a good revision.
	FalseRollbackBudget Fraction `yaml:"falseRollbackBudget"`
	// Freeze are the windows in which undog only observes.
	Freeze []Window `yaml:"freeze"`
	// Rules say when a finding of the built-in rules applies.
	Rules []Rule `yaml:"rules"`
	// Without names vetoes that are not asked.
	Without []string `yaml:"without"`
}

// Window is a freeze window: of the week, with Days, From and To, or of the
// calendar, with Start and End. All are texts here; policy/freeze reads them.
type Window struct {
	// Name is told in events.
	Name string `yaml:"name"`
	// Days are the days of the week on which it begins, such as Fri; empty is every day.
	Days []string `yaml:"days"`
	// From is the time of day at which it begins, such as 18:00.
	From string `yaml:"from"`
	// To is the time of day at which it ends; one that is not later than From is
	// meant for the next day.
	To string `yaml:"to"`
	// Start is the first day, such as 2030-12-20; a time may follow.
	Start Date `yaml:"start"`
	// End is the last day, which is part of it; a time may follow.
	End Date `yaml:"end"`
	// Timezone is whose clock counts, such as Europe/Berlin.
	Timezone string `yaml:"timezone"`
}

// Date is a day, with or without a time, as text. YAML may take it for a
// timestamp, so that it needs no quotes.
type Date string

// Rule says when a finding of a reason applies.
type Rule struct {
	// Reason is that of the finding, such as CrashLoop.
	Reason string `yaml:"reason"`
	// When is an expression over the finding; the finding counts where it is true.
	When string `yaml:"when"`
}

// Brake is when the fleet brake engages: many unrelated bad releases at once.
type Brake struct {
	// Rollouts is how many are not too many yet; -1 turns the brake off.
	Rollouts int `yaml:"rollouts"`
	// Within is the time in which they are counted.
	Within Duration `yaml:"within"`
}

// Match selects Deployments. A Match without namespaces and without a
// selector matches all.
type Match struct {
	// Namespaces are those of the Deployments; empty is any.
	Namespaces []string `yaml:"namespaces"`
	// Selector is a label selector on Deployments, as for kubectl -l; empty is any.
	Selector string `yaml:"selector"`
}

// all tells whether nothing narrows the match.
func (m Match) all() bool { return len(m.Namespaces) == 0 && m.Selector == "" }

// The ways in which checks get to pods.
const (
	ReachAuto        = "auto"
	ReachPodIP       = "podIP"
	ReachPortForward = "portForward"
)

// Default returns what applies where nothing is said.
func Default() Config {
	return Config{
		Cluster: "default",
		Mode:    policy.Enforce,
		NATS:    NATS{Listen: "127.0.0.1:4222", Stream: Stream{Manage: ManageEnsure, Replicas: 1}},
		HTTP:    HTTP{Addr: "127.0.0.1:8080"},
		Log:     Log{Level: "info", Format: "console"},
		Reach:   ReachAuto,

		KubernetesEvents: true,

		Evidence: Evidence{Logs: true, Lines: 20},

		Brake:    Brake{Rollouts: policy.DefaultBrake.Rollouts, Within: Duration(policy.DefaultBrake.Window)},
		Policies: []Policy{defaultPolicy("default")},

		LeaderElection: defaultElection(),
	}
}

// defaultPolicy is the built-in policy, and what a policy of the file starts from.
func defaultPolicy(name string) Policy {
	return Policy{
		Name: name, Action: policy.ActionAuto, Bake: Duration(10 * time.Minute),
		FalseRollbackBudget: policy.DefaultBudget,
	}
}
