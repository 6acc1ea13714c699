package snapshot

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// without makes a step that may be forbidden one that is done without.
func (r *reader) without(what string, step func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := step(ctx)
		if apierrors.IsForbidden(err) {
			r.Notes = append(r.Notes, fmt.Sprintf("you may not list %s, so what they would explain is missing", what))
			return nil
		}
		return err
	}
}

func (r *reader) nodes(ctx context.Context) error {
	api := r.client.Nodes()
	return each(ctx, "nodes", "", func(ctx context.Context, o metav1.ListOptions) ([]corev1.Node, string, error) {
		l, err := api.List(ctx, o)
		if err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(n *corev1.Node) { r.state.ApplyNode(time.Now(), n) })
}

func (r *reader) events(ctx context.Context) error {
	api := r.client.Events(r.Deployment.Namespace)
	return each(ctx, "events", "", func(ctx context.Context, o metav1.ListOptions) ([]corev1.Event, string, error) {
		o.FieldSelector = "involvedObject.kind=Pod"
		l, err := api.List(ctx, o)
		if err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(e *corev1.Event) { r.state.ApplyEvent(time.Now(), e) })
}

// onlyMetadata asks for a list without what its items hold.
const onlyMetadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

func (r *reader) configMaps(ctx context.Context) error {
	api := r.client.Core()
	return each(ctx, "configmaps", "", func(ctx context.Context, o metav1.ListOptions) ([]metav1.PartialObjectMetadata, string, error) {
		raw, err := api.Get().Namespace(r.Deployment.Namespace).Resource("configmaps").
			Param("limit", strconv.FormatInt(o.Limit, 10)).Param("continue", o.Continue).
			SetHeader("Accept", onlyMetadata).DoRaw(ctx)
		if err != nil {
			return nil, "", err
		}
		var l metav1.PartialObjectMetadataList
		if err := json.Unmarshal(raw, &l); err != nil {
			return nil, "", err
		}
		return l.Items, l.Continue, nil
	}, func(m *metav1.PartialObjectMetadata) { r.state.ApplyConfigMap(time.Now(), m) })
}
