package watcher

import (
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/policy"
)

func TestAtOnce(t *testing.T) {
	rolling := func(replicas int32, unavailable intstr.IntOrString) func(*appsv1.Deployment) {
		return func(d *appsv1.Deployment) {
			d.Spec.Replicas = &replicas
			d.Spec.Strategy = appsv1.DeploymentStrategy{
				Type: appsv1.RollingUpdateDeploymentStrategyType, RollingUpdate: &appsv1.RollingUpdateDeployment{MaxUnavailable: &unavailable},
			}
		}
	}
	s := NewState(Options{})
	var want []string
	for name, tt := range map[string]struct {
		change func(*appsv1.Deployment)
		want   bool
	}{
		"recreated": {func(d *appsv1.Deployment) {
			rolling(3, intstr.FromInt32(1))(d)
			d.Spec.Strategy = appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType}
		}, true},
		"only":        {rolling(1, intstr.FromInt32(0)), true},
		"all":         {rolling(3, intstr.FromString("100%")), true},
		"as-many":     {rolling(3, intstr.FromInt32(3)), true},
		"nearly":      {rolling(3, intstr.FromString("99%")), false},
		"usual":       {rolling(3, intstr.FromString("25%")), false},
		"nonsense":    {rolling(3, intstr.FromString("all")), false},
		"other-label": {func(d *appsv1.Deployment) { rolling(1, intstr.FromInt32(0))(d); d.Labels = nil }, true},
	} {
		d := deployment(name)
		d.UID, d.Labels = types.UID("dep-"+name), map[string]string{"checked": "yes"}
		tt.change(d)
		s.ApplyDeployment(epoch, d)
		if got := s.AtOnce("dep-" + name); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
		if tt.want && d.Labels != nil {
			want = append(want, "dep-"+name)
		}
	}
	slices.Sort(want)
	if got := s.AllAtOnce(func(_ string, labels policy.Labels) bool { return labels.Get("checked") == "yes" }); !slices.Equal(got, want) {
		t.Errorf("all of them are %v, want %v", got, want)
	}
	if s.AtOnce("another") {
		t.Error("one that is not known")
	}
	// The strategy alone may change.
	d := deployment("usual")
	rolling(3, intstr.FromInt32(3))(d)
	d.ResourceVersion = "2"
	s.ApplyDeployment(epoch, d)
	if !s.AtOnce("dep-usual") {
		t.Error("a new strategy is not noticed")
	}
}
