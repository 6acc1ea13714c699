package corpus

import (
	"context"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/test/cluster/daemon"
	"github.com/undog-dev/undog/test/corpus/scenario"
)

// config is what a user would write; everything else is undog's default.
func (k *kennel) config() (string, error) {
	var b strings.Builder
	var all []string
	for _, s := range k.policies {
		all = append(all, namespace(s))
	}
	// Scripted pods have addresses of this machine.
	fmt.Fprintf(&b, "watch: {namespaces: [%s]}\nreach: %s\n", strings.Join(all, ", "), config.ReachPodIP)
	if k.noBrake {
		b.WriteString("brake: {rollouts: -1}\n")
	}
	b.WriteString("policies:\n")
	for _, s := range k.policies {
		if s.Policy == (scenario.Policy{}) {
			continue
		}
		fmt.Fprintf(&b, "  - {name: %s, match: {namespaces: [%s]}, action: rollback", namespace(s), namespace(s))
		if d := s.Policy.Bake.Duration; d > 0 {
			fmt.Fprintf(&b, ", bake: %s", d)
		}
		if d := s.Policy.ReadyWithin.Duration; d > 0 {
			fmt.Fprintf(&b, ", readyWithin: %s", d)
		}
		b.WriteString("}\n")
	}
	// As in virtual time: also what a GitOps tool keeps is undone.
	b.WriteString("  - {name: default, action: rollback}\n")
	checks, err := k.checks()
	return b.String() + checks, err
}

// checks are those of all scenarios, each limited to its namespace.
func (k *kennel) checks() (string, error) {
	all := map[string][]any{}
	for _, s := range k.policies {
		text, err := s.ConfigText(namespace(s), namespace(s)+"-")
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.ID, err)
		}
		var one map[string][]any
		if err := yaml.Unmarshal([]byte(text), &one); err != nil {
			return "", fmt.Errorf("%s: read its checks: %w", s.ID, err)
		}
		for key, items := range one {
			all[key] = append(all[key], items...)
		}
	}
	if len(all) == 0 {
		return "", nil
	}
	text, err := yaml.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("write checks: %w", err)
	}
	return string(text), nil
}

// personaRole is the name of what lets undog read the Secrets of personas.
const personaRole = "undog-personas"

// grantPersonas lets undog read the Secrets that the scenario's personas name,
// as whoever configures such a persona has to.
func (p *player) grantPersonas(ctx context.Context) error {
	cfg, err := p.scenario.Config()
	if err != nil {
		return err
	}
	var names []string
	for _, persona := range cfg.Personas {
		if persona.Secret.Name != "" {
			names = append(names, persona.Secret.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	meta := metav1.ObjectMeta{Name: personaRole}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: names, Verbs: []string{"get"},
	}}}
	if _, err := p.host.admin.RbacV1().Roles(p.namespace).Create(ctx, role, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("make role: %w", err)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: personaRole},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: daemon.User}},
	}
	if _, err := p.host.admin.RbacV1().RoleBindings(p.namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("bind role: %w", err)
	}
	return nil
}
