package api

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
)

// object is a pointer to a type of object that there are lists of.
type object[O any] interface {
	*O
	runtime.Object
	metav1.Object
}

// list is a pointer to a type of list.
type list[L any] interface {
	*L
	runtime.Object
}

// objects asks for objects of type O in a namespace, or in all if that is "", and for
// lists of them.
type objects[O, L any, T object[O], Ts list[L]] struct {
	group               rest.Interface
	resource, namespace string
}

// to completes a request about all objects, one of them if a name is given.
func (o objects[O, L, T, Ts]) to(r *rest.Request, name string, opts runtime.Object) *rest.Request {
	r = r.UseProtobufAsDefault().NamespaceIfScoped(o.namespace, o.namespace != "").Resource(o.resource)
	if name != "" {
		r = r.Name(name)
	}
	return r.VersionedParams(opts, ParameterCodec)
}

// Get reads the object of a name.
func (o objects[O, L, T, Ts]) Get(ctx context.Context, name string, opts metav1.GetOptions) (T, error) {
	out := T(new(O))
	return out, o.to(o.group.Get(), name, &opts).Do(ctx).Into(out)
}

// List reads all objects that the options select.
func (o objects[O, L, T, Ts]) List(ctx context.Context, opts metav1.ListOptions) (Ts, error) {
	out := Ts(new(L))
	return out, o.to(o.group.Get(), "", &opts).Timeout(timeout(opts)).Do(ctx).Into(out)
}

// Watch follows all objects that the options select.
func (o objects[O, L, T, Ts]) Watch(ctx context.Context, opts metav1.ListOptions) (watch.Interface, error) {
	opts.Watch = true
	return o.to(o.group.Get(), "", &opts).Timeout(timeout(opts)).Watch(ctx)
}

// Create makes an object.
func (o objects[O, L, T, Ts]) Create(ctx context.Context, obj T, opts metav1.CreateOptions) (T, error) {
	out := T(new(O))
	return out, o.to(o.group.Post(), "", &opts).Body(obj).Do(ctx).Into(out)
}

// Update replaces the object of the same name.
func (o objects[O, L, T, Ts]) Update(ctx context.Context, obj T, opts metav1.UpdateOptions) (T, error) {
	out := T(new(O))
	return out, o.to(o.group.Put(), obj.GetName(), &opts).Body(obj).Do(ctx).Into(out)
}

// Patch changes the object of a name.
func (o objects[O, L, T, Ts]) Patch(ctx context.Context, name string, kind types.PatchType, data []byte, opts metav1.PatchOptions, subresources ...string) (T, error) {
	out := T(new(O))
	return out, o.to(o.group.Patch(kind), name, &opts).SubResource(subresources...).Body(data).Do(ctx).Into(out)
}

// timeout is how long the server is told to take, and waited for.
func timeout(opts metav1.ListOptions) time.Duration {
	if opts.TimeoutSeconds == nil {
		return 0
	}
	return time.Duration(*opts.TimeoutSeconds) * time.Second
}
