package rollback

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/rest/fake"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/policy/ledger"
)

func TestFailed(t *testing.T) {
	resource := schema.GroupResource{Group: "apps", Resource: "deployments"}
	webhook := &apierrors.StatusError{ErrStatus: metav1.Status{
		Code: http.StatusForbidden, Message: `admission webhook "x" denied the request: no`,
	}}
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: "apps", Kind: "Deployment"}, "shop",
		field.ErrorList{field.Invalid(field.NewPath("spec", "template"), "hunter2", "is bad")})
	tests := []struct {
		err    error
		result policy.Result
		reason string
		say    string
	}{
		{errors.New("connection reset"), policy.Failed, Unavailable, "connection reset"},
		{apierrors.NewConflict(resource, "shop", errors.New("moved")), policy.Failed, Unavailable, "moved"},
		{apierrors.NewTooManyRequests("slow down", 3), policy.Failed, Unavailable, "slow down"},
		{apierrors.NewUnauthorized("token expired"), policy.Failed, Unavailable, "token"},
		{apierrors.NewInternalError(errors.New("etcd")), policy.Failed, Unavailable, "etcd"},
		{apierrors.NewForbidden(resource, "shop", errors.New(`User "u" cannot patch resource "deployments"`)), policy.Refused, Forbidden, "cannot patch"},
		{webhook, policy.Refused, Rejected, "denied"},
		{apierrors.NewBadRequest("no such thing"), policy.Refused, Rejected, "no such thing"},
		{invalid, policy.Refused, Rejected, "spec.template (FieldValueInvalid)"},
		{apierrors.NewNotFound(resource, "shop"), policy.Vanished, Gone, "deleted"},
		{ledger.ErrGone, policy.Vanished, Gone, "deleted"},
		{ledger.ErrForeign, policy.Refused, Foreign, "another owner"},
		{ledger.ErrNoTemplate, policy.Refused, NoTarget, "no template"},
	}
	for _, test := range tests {
		got := failed(fmt.Errorf("patch deployment: %w", test.err))
		if got.result != test.result || got.reason != test.reason || !strings.Contains(got.message, test.say) {
			t.Errorf("%v: %+v, want %s %s", test.err, got, test.result, test.reason)
		}
		if strings.Contains(got.message, "hunter2") {
			t.Errorf("the message quotes a value: %s", got.message)
		}
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	_, err := New(Options{Timeout: -1})
	if err == nil {
		t.Fatal("an executor without anything was made")
	}
	for _, word := range []string{"Apps", "Core", "Ledger", "MayAct", "timeout"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error does not name %s: %v", word, err)
		}
	}
}

func TestDoRefusesWhatIsNoAction(t *testing.T) {
	client := &fake.RESTClient{}
	e, err := New(Options{Apps: client, Core: client, Ledger: ledger.None{}, MayAct: func() bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []policy.DecisionKind{policy.Compare, "Explode", ""} {
		out := e.Do(t.Context(), policy.Decision{ID: "d", Kind: kind})
		if out.Result != policy.Refused || out.Reason != NotAnAction || out.DecisionID != "d" || out.Kind != kind {
			t.Errorf("%q: %+v", kind, out)
		}
	}
}
