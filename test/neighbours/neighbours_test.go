package neighbours

import (
	"context"
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	ctrlcache "sigs.k8s.io/controller-runtime/pkg/cache"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/slim"
)

// pods is how many there are.
const pods = 15_000

// fixture is the pods of a cluster, encoded, and one more that shows that
// everything before it has been taken in.
type fixture struct {
	initial, changed [][]byte
	last             []byte
	sets             []*appsv1.ReplicaSet
	deployments      []*appsv1.Deployment
}

func newFixture(b *testing.B) *fixture {
	b.Helper()
	f, n := &fixture{}, uint64(0)
	encode := func(kind watch.EventType, o *corev1.Pod) []byte {
		n++
		o.ResourceVersion = strconv.FormatUint(n, 10)
		raw, err := frame(kind, o)
		if err != nil {
			b.Fatal(err)
		}
		return raw
	}
	shape := fleet.Shape{Pods: pods}
	number := uint64(0)
	for _, d := range shape.Deployments() {
		rs := d.ReplicaSet(d.Revision(), d.Replicas, 1000)
		set := fleet.NewSet(rs)
		f.sets, f.deployments = append(f.sets, rs), append(f.deployments, d.Object(1000))
		for range d.Replicas {
			number++
			p := &fleet.Pod{Number: number, Node: int(number) % shape.Nodes(), Stage: fleet.Ready, Created: 1000, Started: 1002, Turned: 1005}
			f.initial = append(f.initial, encode(watch.Added, set.Object(p)))
			if number%16 == 0 {
				p.Stage, p.Turned = fleet.Running, 2000
				f.changed = append(f.changed, encode(watch.Modified, set.Object(p)))
			}
		}
		f.last = encode(watch.Added, set.Object(&fleet.Pod{Number: 1 << 40, Stage: fleet.Ready}))
	}
	return f
}

// begin starts something that takes in the pods of a stream, and returns how many
// it has.
type begin func(ctx context.Context, b *testing.B, f *fixture, s *stream) (has func() int)

// contenders are those that are compared.
var contenders = []struct {
	name   string
	codecs kruntime.NegotiatedSerializer
	begin  begin
}{
	{"undog", slim.Codecs(nil), undog},
	{"client-go", scheme.Codecs.WithoutConversion(), func(ctx context.Context, _ *testing.B, _ *fixture, s *stream) func() int {
		informer := cache.NewSharedIndexInformer(s, &corev1.Pod{}, 0, cache.Indexers{})
		go informer.RunWithContext(ctx)
		return func() int { return len(informer.GetStore().ListKeys()) }
	}},
	{"controller-runtime", scheme.Codecs.WithoutConversion(), controllerRuntime(nil)},
	{"controller-runtime-stripped", scheme.Codecs.WithoutConversion(), controllerRuntime(ctrlcache.TransformStripManagedFields())},
}

func undog(ctx context.Context, b *testing.B, f *fixture, s *stream) func() int {
	b.Helper()
	list := func(l kruntime.Object) cache.ListerWatcher {
		return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
			ListFunc:  func(metav1.ListOptions) (kruntime.Object, error) { return l, nil },
			WatchFunc: func(metav1.ListOptions) (watch.Interface, error) { return watch.NewFake(), nil },
		}, noStream{})
	}
	deployments, sets := &appsv1.DeploymentList{}, &appsv1.ReplicaSetList{}
	deployments.ResourceVersion, sets.ResourceVersion = "1", "1"
	for i := range f.sets {
		deployments.Items, sets.Items = append(deployments.Items, *f.deployments[i]), append(sets.Items, *f.sets[i])
	}
	w, err := watcher.New([]watcher.Source{{Deployments: list(deployments), ReplicaSets: list(sets), Pods: s, Spare: slim.Spare}}, watcher.Options{}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = w.Run(ctx) }()
	return func() int {
		w.Take(time.Now(), 0)
		return w.Stats().Pods
	}
}

// noStream is a client that cannot stream lists.
type noStream struct{}

func (noStream) IsWatchListSemanticsUnSupported() bool { return true }

func controllerRuntime(transform cache.TransformFunc) begin {
	return func(ctx context.Context, b *testing.B, _ *fixture, s *stream) func() int {
		b.Helper()
		mapper := meta.NewDefaultRESTMapper(nil)
		mapper.Add(corev1.SchemeGroupVersion.WithKind("Pod"), meta.RESTScopeNamespace)
		var informer cache.SharedIndexInformer
		c, err := ctrlcache.New(&rest.Config{Host: "http://127.0.0.1:1"}, ctrlcache.Options{
			Scheme: scheme.Scheme, Mapper: mapper, DefaultTransform: transform,
			NewInformer: func(_ cache.ListerWatcher, o kruntime.Object, resync time.Duration, indexers cache.Indexers) cache.SharedIndexInformer {
				informer = cache.NewSharedIndexInformer(s, o, resync, indexers)
				return informer
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		go func() { _ = c.Start(ctx) }()
		if _, err := c.GetInformer(ctx, &corev1.Pod{}, ctrlcache.BlockUntilSynced(false)); err != nil {
			b.Fatal(err)
		}
		return func() int { return len(informer.GetStore().ListKeys()) }
	}
}

// until waits for pods.
func until(b *testing.B, has func() int, n int) {
	b.Helper()
	enough, ticker := time.NewTimer(time.Minute), time.NewTicker(time.Millisecond)
	defer enough.Stop()
	defer ticker.Stop()
	for has() < n {
		select {
		case <-ticker.C:
		case <-enough.C:
			b.Fatalf("%d of %d pods", has(), n)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkPods reports the bytes that a pod costs once it is held, and the time
// and the allocations of a change of one, decoding included.
func BenchmarkPods(b *testing.B) {
	f := newFixture(b)
	for _, c := range contenders {
		b.Run(c.name, func(b *testing.B) {
			ctx, stop := context.WithCancel(b.Context())
			defer stop()
			s := newStream(c.codecs, f.initial)
			before := heap()
			has := c.begin(ctx, b, f, s)
			until(b, has, len(f.initial))
			held := heap() - before
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				s.changes <- f.changed[i%len(f.changed)]
			}
			s.changes <- f.last
			until(b, has, len(f.initial)+1)
			b.StopTimer()
			b.ReportMetric(float64(held)/float64(len(f.initial)), "bytes/pod")
			close(s.changes)
		})
	}
}
