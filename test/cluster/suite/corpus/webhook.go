package corpus

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	webhookName = "pods.policy.example.com"
	denial      = "container app must set resources.limits.memory"
)

// setWebhook has an admission webhook for the namespace's pods that cannot be
// reached (down), denies (deny), or is gone (up).
func (p *player) setWebhook(ctx context.Context, does string) error {
	hooks := p.host.admin.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	name := p.namespace + "-policy"
	if err := hooks.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove webhook: %w", err)
	}
	if does == "up" {
		return nil
	}
	var client admissionregistrationv1.WebhookClientConfig
	if does == "deny" {
		client = p.denier()
	} else {
		url, err := nobody()
		if err != nil {
			return err
		}
		client.URL = &url
	}
	fail, none := admissionregistrationv1.Fail, admissionregistrationv1.SideEffectClassNone
	_, err := hooks.Create(ctx, &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: webhookName, ClientConfig: client, FailurePolicy: &fail, SideEffects: &none, AdmissionReviewVersions: []string{"v1"},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": p.namespace}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("make webhook: %w", err)
	}
	p.undo = append(p.undo, func() { p.forgetWebhook(name) })
	return nil
}

// forgetWebhook removes it after the scenario; one that is left harms nobody
// but the namespace, which goes too.
func (p *player) forgetWebhook(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), callWithin)
	defer cancel()
	_ = p.host.admin.AdmissionregistrationV1().ValidatingWebhookConfigurations().Delete(ctx, name, metav1.DeleteOptions{})
}

// nobody is an address at which nobody listens.
func nobody() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	if err := l.Close(); err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return "https://" + l.Addr().String() + "/validate", nil
}

// denier serves a webhook that denies everything, until the scenario has ended.
func (p *player) denier() admissionregistrationv1.WebhookClientConfig {
	server := httptest.NewUnstartedServer(http.HandlerFunc(deny))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	p.undo = append(p.undo, server.Close)
	url := server.URL + "/validate"
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: ca}
}

func deny(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(w, "no admission review", http.StatusBadRequest)
		return
	}
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Result: &metav1.Status{Message: denial}}
	review.Request = nil
	w.Header().Set("Content-Type", "application/json")
	// A client that left does not read it.
	_ = json.NewEncoder(w).Encode(review)
}
