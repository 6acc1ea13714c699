package notify

import (
	"errors"
	"fmt"
	"strings"
)

// RequestPrefix begins the subjects of requests, AllRequests matches them all.
// They lie beside those of events, so that no stream of events captures them:
// its acknowledgement would be taken for the answer.
const (
	RequestPrefix = "undog.v1.req"
	AllRequests   = RequestPrefix + ".>"

	verdictToken = "verdict"
)

// VerdictSubject is where verdicts on a workload are reported:
// undog.v1.req.<cluster>.<namespace>.<kind>.<name>.verdict. Noun and verb of
// the address are not used. Names are written as in Subject.
func VerdictSubject(a Address) (string, error) {
	a.Noun, a.Verb = verdictToken, verdictToken
	if err := a.check(); err != nil {
		return "", fmt.Errorf("build subject: %w", err)
	}
	return strings.Join([]string{
		RequestPrefix, a.Cluster, escape(a.Namespace), strings.ToLower(a.Kind), escape(a.Name), verdictToken,
	}, "."), nil
}

// VerdictFilter matches the subjects of the verdicts on all workloads of a cluster.
func VerdictFilter(cluster string) (string, error) {
	if err := CheckCluster(cluster); err != nil {
		return "", fmt.Errorf("build subject filter: %w", err)
	}
	return RequestPrefix + "." + cluster + ".*.*.*." + verdictToken, nil
}

// ParseVerdictSubject takes such a subject apart; noun and verb stay empty.
func ParseVerdictSubject(subject string) (Address, error) {
	rest, ok := strings.CutPrefix(subject, RequestPrefix+".")
	tokens := strings.Split(rest, ".")
	if !ok || len(tokens) != 5 || tokens[4] != verdictToken {
		return Address{}, fmt.Errorf("subject %s: want %s.<cluster>.<namespace>.<kind>.<name>.%s, '.' in names written as '_'",
			quoted(subject), RequestPrefix, verdictToken)
	}
	a := Address{Cluster: tokens[0], Namespace: unescape(tokens[1]), Kind: tokens[2], Name: unescape(tokens[3])}
	full := a
	full.Noun, full.Verb = verdictToken, verdictToken
	if err := full.check(); err != nil {
		return Address{}, fmt.Errorf("subject %s: %w", quoted(subject), err)
	}
	if a.Kind != strings.ToLower(a.Kind) {
		return Address{}, fmt.Errorf("subject %s: kind %q is not in lower case", quoted(subject), a.Kind)
	}
	return a, nil
}

// Meant is the workload that a request is about: the body's, if it names one,
// which then must be that of the subject.
func (r VerdictRequest) Meant(a Address) (namespace, name string, err error) {
	namespace, name = a.Namespace, a.Name
	var errs []error
	if r.Namespace != "" && r.Namespace != namespace {
		errs = append(errs, fmt.Errorf("namespace %q: the subject says %q: say the same in both", r.Namespace, namespace))
	}
	if r.Name != "" && r.Name != name {
		errs = append(errs, fmt.Errorf("name %q: the subject says %q: say the same in both", r.Name, name))
	}
	return namespace, name, errors.Join(errs...)
}
