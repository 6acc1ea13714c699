package redact

import "strings"

// kind is how much a word says of what stands behind it.
type kind uint8

const (
	// named is the name of a secret, also as a part of a longer name.
	named kind = iota + 1
	// object is named as well, but is what Kubernetes calls one of its objects.
	object
	// header is a key whose whole value is a secret, to the end of the line.
	header
	// brief is too short to be looked for within names: it must be the last word
	// of one. equal is as brief, and an ordinary word: it counts with an equals
	// sign only, and is set to something then.
	brief
	equal
	// scheme is how headers begin a credential.
	scheme
	// holder is the key of a value whose name stands before it.
	holder
	// client is a program that takes a password behind -p.
	client
	// quoter is what is followed by a secret in quotes.
	quoter
	// until is followed by a secret that ends at a sign @.
	until
)

// word is one of those that are looked for, in small letters.
type word struct {
	text string
	kind kind
}

// words are they, by their first two letters, the longest first.
var words = table([]word{
	{"password", named},
	{"passwd", named},
	{"passphrase", named},
	{"passcode", named},
	{"pwd", named},
	{"token", named},
	{"authorization", header},
	{"credential", named},
	{"cookie", header},
	{"session", named},
	{"signature", named},
	{"otp", named},
	{"csrf", named},
	{"jwt", named},
	{"secret", object},
	{"x-auth", brief},
	{"pass", brief},
	{"dsn", brief},
	{"creds", brief},
	{"pw", brief},
	{"key", equal},
	{"auth", equal},
	{"sig", equal},
	{"sas", equal},
	{"pin", equal},
	{"pat", equal},
	{"hmac", equal},
	{"bearer", equal},
	{"bearer", scheme},
	{"basic", scheme},
	{"negotiate", scheme},
	{"value", holder},
	{"mysql", client},
	{"mariadb", client},
	{"sshpass", client},
	{"invalid port", quoter},
	{"oracle:thin:", until},
	{"oracle:oci:", until},
}, []string{"api key", "access key", "account key", "signing key", "encryption key", "private key", "connection string"})

// table sorts words by their first two letters. Those of two parts are written
// together, or with a sign between them.
func table(single []word, double []string) *[pairs][]word {
	var t [pairs][]word
	add := func(text string, k kind) {
		at := pair(text[0], text[1])
		t[at] = append(t[at], word{text, k})
	}
	for _, d := range double {
		for _, joint := range []string{"", "-", "_", " "} {
			add(strings.ReplaceAll(d, " ", joint), named)
		}
	}
	for _, w := range single {
		add(w.text, w.kind)
	}
	return &t
}

// codes number the characters that words begin with, large letters like small
// ones; 0 is of all others.
var codes = func() (of [256]uint8) {
	for c := range byte(26) {
		of['a'+c], of['A'+c] = c+1, c+1
	}
	of['-'] = 27
	return of
}()

// pairs is how many pairs of codes there may be.
const pairs = 32 * 32

// pair is where words are that begin with two characters.
func pair(a, b byte) int { return int(codes[a])<<5 | int(codes[b]) }

// sentence are words with which errors go on behind a colon. Whatever is called a
// token, it is none of these.
var sentence = []string{
	"bad", "can", "cannot", "configmap", "context", "could", "couldn't", "denied", "dial", "error", "expected", "expired", "failed", "false", "get", "head",
	"invalid", "lookup", "missing", "must", "nil", "no", "none", "not", "null", "open", "permission", "pod", "post", "put", "read", "request", "required",
	"rpc", "secret", "server", "stat", "the", "timed", "timeout", "true", "unable", "unauthorized", "unexpected", "unknown", "unsupported", "was", "write", "x509:",
}

// objects are words before the quoted name of an object, which is called what it
// holds: volume "db-password" : secret not found.
var objects = []string{
	"configmap", "configmaps", "container", "deployment", "image", "key", "pod", "replicaset", "resource", "secret", "secrets", "serviceaccount", "user", "volume",
}

// tokens are what credentials of known form begin with, and how many characters
// of a name follow at least.
var tokens = []struct {
	prefix string
	least  int
}{
	{"eyJ", 5},
	{"AKIA", 12},
	{"ASIA", 12},
	{"ghp_", 10},
	{"gho_", 10},
	{"ghs_", 10},
	{"ghu_", 10},
	{"ghr_", 10},
	{"github_pat_", 10},
	{"xoxa-", 10},
	{"xoxb-", 10},
	{"xoxe-", 10},
	{"xoxp-", 10},
	{"xoxr-", 10},
	{"xoxs-", 10},
	{"xapp-", 10},
	{"sk-", 10},
	{"sk_", 10},
	{"pk_", 10},
	{"rk_", 10},
	{"glpat-", 10},
	{"npm_", 10},
	{"dop_v1_", 10},
	{"dckr_pat_", 10},
	{"shpat_", 10},
	{"whsec_", 10},
	{"hf_", 10},
	{"AIza", 30},
	{"SG.", 10},
	{"ya29.", 10},
	{"hvs.", 10},
	{"hvb.", 10},
	{"AGE-SECRET-KEY-1", 1},
}

// hooks are addresses that need no further secret. What follows them is one.
var hooks = []string{"hooks.slack.com/services/", "discord.com/api/webhooks/", "api.telegram.org/bot"}
