package rollback

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/template"
)

const (
	deployments = "deployments"
	replicaSets = "replicasets"
	jsonType    = "application/json"
	// metadataType asks for an object without its spec and status.
	metadataType = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
)

// api reads and writes objects as raw JSON. Reads name no resourceVersion, so
// that they see everything that was written before them.
type api struct {
	apps, core rest.Interface
	manager    string
	timeout    time.Duration
}

// workload is a Deployment or ReplicaSet: what is needed of it, and its
// template untouched.
type workload struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		Replicas *int32          `json:"replicas"`
		Paused   bool            `json:"paused"`
		Template json.RawMessage `json:"template"`
	} `json:"spec"`
	Status struct {
		AvailableReplicas  int32 `json:"availableReplicas"`
		ObservedGeneration int64 `json:"observedGeneration"`
	} `json:"status"`
}

func (a api) get(ctx context.Context, resource, namespace, name string) (*workload, error) {
	var w workload
	req := a.apps.Get().Namespace(namespace).Resource(resource).Name(name).SetHeader("Accept", jsonType)
	if err := a.do(ctx, req, &w); err != nil {
		return nil, fmt.Errorf("get %s %s/%s: %w", resource, namespace, name, err)
	}
	return &w, nil
}

func (a api) metadata(ctx context.Context, w policy.Workload) (*metav1.ObjectMeta, error) {
	var m metav1.PartialObjectMetadata
	req := a.apps.Get().Namespace(w.Namespace).Resource(deployments).Name(w.Name).SetHeader("Accept", metadataType)
	if err := a.do(ctx, req, &m); err != nil {
		return nil, fmt.Errorf("get deployment %s: %w", w, err)
	}
	return &m.ObjectMeta, nil
}

func (a api) pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	var p corev1.Pod
	req := a.core.Get().Namespace(namespace).Resource("pods").Name(name).SetHeader("Accept", jsonType)
	if err := a.do(ctx, req, &p); err != nil {
		return nil, fmt.Errorf("get pod %s/%s: %w", namespace, name, err)
	}
	return &p, nil
}

// patch changes a Deployment. It is not repeated here: only whoever reads
// again in between knows whether it may be.
func (a api) patch(ctx context.Context, w policy.Workload, ops []operation, dryRun bool) (*metav1.ObjectMeta, error) {
	body, err := json.Marshal(ops)
	if err != nil {
		return nil, fmt.Errorf("encode patch of deployment %s: %w", w, err)
	}
	req := a.apps.Patch(types.JSONPatchType).Namespace(w.Namespace).Resource(deployments).Name(w.Name).
		SetHeader("Accept", metadataType).Param("fieldManager", a.manager).MaxRetries(0).Body(body)
	if dryRun {
		req = req.Param("dryRun", metav1.DryRunAll)
	}
	var m metav1.PartialObjectMetadata
	if err := a.do(ctx, req, &m); err != nil {
		return nil, fmt.Errorf("patch deployment %s: %w", w, err)
	}
	return &m.ObjectMeta, nil
}

func (a api) do(ctx context.Context, req *rest.Request, into any) error {
	res := req.Timeout(a.timeout).Do(ctx)
	if err := res.Error(); err != nil {
		return err
	}
	raw, err := res.Raw()
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("decode reply: %w", err)
	}
	return nil
}

// hash is the hash of a raw template.
func hash(raw json.RawMessage) (string, error) {
	t, err := typed(raw)
	if err != nil {
		return "", err
	}
	return template.Hash(t), nil
}

func typed(raw json.RawMessage) (*corev1.PodTemplateSpec, error) {
	var t corev1.PodTemplateSpec
	if err := json.Unmarshal(raw, &t); err != nil {
		// The error of a decoder may quote what it decoded.
		return nil, fmt.Errorf("decode pod template: %T", err)
	}
	return &t, nil
}
