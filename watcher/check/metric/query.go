package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Workload is the Deployment that is asked about.
type Workload struct {
	Namespace, Name string
}

// Revision is one of its revisions.
type Revision struct {
	// UID is that of its ReplicaSet.
	UID string
	// ReplicaSet is its name, Hash its pod-template-hash.
	ReplicaSet, Hash string
	Pods             []Pod
}

// Pod is a pod of a revision.
type Pod struct {
	Name, Node string
}

// maxPods is how many pods a query names.
const maxPods = 256

var (
	inner = regexp.MustCompile(`\{\{\s*\.([a-z]+)\s*\}\}`)
	// plainName is what Kubernetes lets a name be. Nothing in it needs to be
	// escaped in PromQL, and only the dot in a regular expression.
	plainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$`)
)

// fill puts the values into a query that was validated.
func fill(query string, w Workload, r Revision, pods []string) (string, error) {
	values := map[string]string{"namespace": w.Namespace, "deployment": w.Name, "replicaset": r.ReplicaSet, "hash": r.Hash}
	var wrong error
	filled := inner.ReplaceAllStringFunc(query, func(placeholder string) string {
		name := inner.FindStringSubmatch(placeholder)[1]
		if name == "pods" {
			all, err := alternation(pods)
			if err != nil {
				wrong = err
			}
			return all
		}
		if !plainName.MatchString(values[name]) {
			wrong = fmt.Errorf("{{ .%s }} is %q here, which is no name", name, values[name])
		}
		return values[name]
	})
	return filled, wrong
}

// alternation matches the names and nothing else. A dot is written as a class,
// which no kind of quotes changes.
func alternation(names []string) (string, error) {
	if len(names) == 0 {
		return "", fmt.Errorf("{{ .pods }} is empty: the revision has no pod now")
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		if !plainName.MatchString(name) {
			return "", fmt.Errorf("%q is not the name of a pod", name)
		}
		quoted[i] = strings.ReplaceAll(name, ".", "[.]")
	}
	return "(" + strings.Join(quoted, "|") + ")", nil
}

// names are those of the pods that a query is about, in order.
func (r Revision) names() []string {
	names := make([]string, 0, len(r.Pods))
	for _, p := range r.Pods {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names[:min(len(names), maxPods)]
}
