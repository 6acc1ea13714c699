package crowd

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/test/bench/fleet"
)

// changes is how many changes of pods it takes to replace one: it is to be deleted,
// has ended, is gone; the new one is there, is bound, its containers are being
// made, run, are ready.
const changes = 8

// Churn deletes pods from now on, so many that there are so many changes of pods a
// second; 0 ends it. It also begins to count what the watches of the program that
// is measured are sent, which must have opened them.
func (w *World) Churn(ctx context.Context, perSecond int) error {
	if err := w.log.read(); err != nil {
		return err
	}
	if err := w.frames.begin(ctx, w, w.log.watched()); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calm != nil {
		w.calm()
		w.calm = nil
	}
	if perSecond <= 0 {
		return nil
	}
	churning, calm := context.WithCancel(w.ctx)
	w.calm = calm
	w.running.Go(func() { w.churn(churning, time.Second*changes/time.Duration(perSecond)) })
	return nil
}

func (w *World) churn(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := w.replace(ctx); err != nil && ctx.Err() == nil {
			w.failed(err)
			return
		}
	}
}

// replace deletes a pod of a Deployment that has no bad release.
func (w *World) replace(ctx context.Context) error {
	d := w.pick()
	if d == nil {
		return nil
	}
	of := w.metadata.Resource(pods).Namespace(d.Namespace)
	list, err := of.List(ctx, metav1.ListOptions{LabelSelector: "name=" + d.Name, ResourceVersion: "0"})
	if err != nil {
		return fmt.Errorf("list the pods of %s/%s: %w", d.Namespace, d.Name, err)
	}
	for i := range list.Items {
		p := &list.Items[i]
		if p.DeletionTimestamp != nil {
			continue
		}
		err := of.Delete(ctx, p.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(p.UID))})
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("delete pod %s/%s: %w", p.Namespace, p.Name, err)
		}
		w.mu.Lock()
		w.replaced++
		w.mu.Unlock()
		return nil
	}
	return nil
}

// picks is how often it is tried to find a Deployment that had no bad release.
const picks = 100

// pick is any Deployment that had none, whatever its size.
func (w *World) pick() *fleet.Deployment {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range picks {
		d := w.all[w.random.IntN(len(w.all))]
		if w.bad[key(d)] == nil {
			return d
		}
	}
	return nil
}

func key(d *fleet.Deployment) string { return d.Namespace + "/" + d.Name }
