package config

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/undog-dev/undog/config/spell"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/freeze"
)

// choices holds the words that some texts are chosen from, by path as in checks.
var choices = map[string][]string{
	"mode":                       texts(policy.Enforce, policy.Observe),
	"nats.stream.manage":         {ManageEnsure, ManageVerify, ManageNone},
	"leaderElection.enabled":     {ElectAuto, ElectAlways, ElectNever},
	"reach":                      {ReachAuto, ReachPodIP, ReachPortForward},
	"log.level":                  {"debug", "info", "warn", "error"},
	"log.format":                 {"console", "json"},
	"policies[].action":          texts(policy.ActionAuto, policy.ActionRollback, policy.ActionPause, policy.ActionNotify),
	"policies[].freeze[].days[]": {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
	"policies[].without[]":       policy.Vetoes(),
}

// Choices are the words that the text at a path ([] for any index) is chosen
// from, nil if it may be another.
func Choices(path string) []string { return slices.Clone(choices[path]) }

func texts[T ~string](list ...T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// checks holds, for the path of every text in Config ([] for any index), what
// says whether a value will do. The answer is empty, or names the value and
// the way out. The same check judges the file, the environment and the flags.
// What is in a check.Check is judged by its own package.
var checks = map[string]func(value string) string{
	"cluster":                       checkCluster,
	"mode":                          oneOf("a mode", "mode"),
	"kubeconfig":                    checkPath,
	"watch.namespaces[]":            checkNamespace,
	"watch.selector":                checkSelector,
	"nats.url":                      checkServers,
	"nats.listen":                   checkAddress,
	"nats.storeDir":                 checkPath,
	"nats.credentials":              checkPath,
	"nats.nkey":                     checkPath,
	"nats.tokenFile":                checkPath,
	"nats.user":                     checkUser,
	"nats.passwordFile":             checkPath,
	"nats.inboxPrefix":              checkInbox,
	"nats.tls.ca":                   checkPath,
	"nats.tls.cert":                 checkPath,
	"nats.tls.key":                  checkPath,
	"nats.stream.manage":            oneOf("a way to manage the stream", "nats.stream.manage"),
	"nats.stream.domain":            checkDomain,
	"http.addr":                     checkAddress,
	"leaderElection.enabled":        oneOf("whether to elect", "leaderElection.enabled"),
	"leaderElection.namespace":      checkOptionalNamespace,
	"leaderElection.name":           checkLease,
	"reach":                         oneOf("a way to pods", "reach"),
	"log.level":                     oneOf("a log level", "log.level"),
	"log.format":                    oneOf("a log format", "log.format"),
	"policies[].name":               named("policy"),
	"policies[].match.namespaces[]": checkNamespace,
	"policies[].match.selector":     checkSelector,
	"policies[].action":             oneOf("an action", "policies[].action"),
	"policies[].freeze[].name":      checkWindow,
	"policies[].freeze[].days[]":    oneOf("a day", "policies[].freeze[].days[]"),
	"policies[].freeze[].from":      told(freeze.ParseClock),
	"policies[].freeze[].to":        told(freeze.ParseClock),
	"policies[].freeze[].start":     told(freeze.ParseDate),
	"policies[].freeze[].end":       told(freeze.ParseDate),
	"policies[].freeze[].timezone":  told(freeze.ParseZone),
	"policies[].rules[].reason":     checkReason,
	"policies[].rules[].when":       checkCondition,
	"policies[].without[]":          oneOf("a veto", "policies[].without[]"),
	"checks[].match.namespaces[]":   checkNamespace,
	"checks[].match.selector":       checkSelector,
	"personas[].name":               named("persona"),
	"personas[].secret.namespace":   checkNamespace,
	"personas[].secret.name":        checkSecret,
	"personas[].file":               checkPath,
	"prometheus.url":                checkPrometheus,
	"prometheus.tokenFile":          checkPath,
	"prometheus.caFile":             checkPath,
}

var (
	clusterName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)
	windowName  = regexp.MustCompile(`^[\pL\pN][\pL\pN ,.:'_-]*$`)
	policyName  = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,63}$`)
)

// maxWindowName is in characters. A bound within the expression would make it as
// many copies of a large class: megabytes.
const maxWindowName = 63

// oneOf accepts the words of a path and nothing else.
func oneOf(what, path string) func(string) string {
	known := choices[path]
	list := strings.Join(known[:len(known)-1], ", ") + " or " + known[len(known)-1]
	return func(value string) string {
		if slices.Contains(known, value) {
			return ""
		}
		if guess := spell.Closest(value, known); guess != "" {
			return fmt.Sprintf("%s is not %s; did you mean %s? (%s)", quote(value), what, guess, list)
		}
		return fmt.Sprintf("%s is not %s; write %s", quote(value), what, list)
	}
}

func checkCluster(value string) string {
	if clusterName.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%s is not a cluster name; write 1 to 63 letters, digits, '_' or '-' (it becomes part of every subject)", quote(value))
}

// named accepts what a policy or a persona can be called.
func named(what string) func(string) string {
	return func(value string) string {
		if policyName.MatchString(value) {
			return ""
		}
		return fmt.Sprintf("%s is not a %s name; write 1 to 63 letters, digits, '.', '_' or '-'", quote(value), what)
	}
}

func checkWindow(value string) string {
	if windowName.MatchString(value) && utf8.RuneCountInString(value) <= maxWindowName {
		return ""
	}
	return fmt.Sprintf("%s is not a name for a window; write 1 to 63 letters, digits, spaces or ,.:'_-, such as Black Friday", quote(value))
}

// checkReason does not list all reasons: there are too many to read.
func checkReason(value string) string {
	known := policy.Reasons()
	if slices.Contains(known, value) {
		return ""
	}
	wayOut := "write one that undog explain or an event has shown, such as CrashLoop or NotReady"
	if guess := spell.Closest(value, known); guess != "" {
		wayOut = "did you mean " + guess + "?"
	}
	return fmt.Sprintf("%s is not the reason of any finding; %s", quote(value), wayOut)
}

func checkCondition(value string) string {
	if strings.TrimSpace(value) != "" {
		return ""
	}
	return "is empty; write a condition, such as finding.failures.exists(f, f.exitCode == 1), or remove the rule"
}

// told makes a check of what reads a value.
func told[T any](read func(string) (T, error)) func(string) string {
	return func(value string) string {
		if _, err := read(value); err != nil {
			return err.Error()
		}
		return ""
	}
}

func checkNamespace(value string) string {
	if len(validation.IsDNS1123Label(value)) == 0 {
		return ""
	}
	if strings.ContainsAny(value, "*?") {
		return fmt.Sprintf("%s is a pattern; name each namespace, or leave the list empty for all but kube-*", quote(value))
	}
	return fmt.Sprintf("%s is not a namespace; write 1 to 63 lower-case letters, digits or '-', beginning and ending with a letter or digit", quote(value))
}

func checkSelector(value string) string {
	if _, err := labels.Parse(value); err != nil {
		return fmt.Sprintf("%s is not a label selector (%s); write it as for kubectl -l, such as app=web,tier!=canary", quote(value), selectorFault(err))
	}
	return ""
}

// selectorFault keeps the part of apimachinery's message that people can use:
// not its prefixes, examples and regular expressions.
func selectorFault(err error) string {
	text := strings.TrimPrefix(err.Error(), "unable to parse requirement: ")
	text = strings.TrimPrefix(text, "<nil>: Invalid value: ")
	text, _, _ = strings.Cut(text, " (e.g.")
	return text
}

// checkPath accepts any path but one that only a shell would understand.
func checkPath(value string) string {
	if value == "~" || strings.HasPrefix(value, "~/") {
		return fmt.Sprintf("%s begins with ~, which only a shell expands; write the whole path", quote(value))
	}
	if strings.ContainsRune(value, 0) {
		return fmt.Sprintf("%s holds a NUL character; write a path", quote(value))
	}
	return ""
}

func checkAddress(value string) string {
	const wayOut = "write host:port, such as 127.0.0.1:8080, or :0 to let the system pick a port"
	if bareNumber.MatchString(value) {
		return fmt.Sprintf("%s is a port without a host; write 127.0.0.1:%s, or :%s to be reached from everywhere", quote(value), clip(value), clip(value))
	}
	host, port, err := net.SplitHostPort(value)
	if err != nil {
		return fmt.Sprintf("%s is not an address; %s", quote(value), wayOut)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return fmt.Sprintf("%s has no port from 0 to 65535; %s", quote(value), wayOut)
	}
	if host != "" && net.ParseIP(host) == nil && len(validation.IsDNS1123Subdomain(host)) > 0 {
		return fmt.Sprintf("%s has no usable host; %s", quote(value), wayOut)
	}
	return ""
}
