package scripted

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/stage"
)

// byNode is the index of pods by their node's name.
const byNode = "node"

// Kubelet plays all nodes. Make it with New and run it once.
type Kubelet struct {
	opts      Options
	client    kubernetes.Interface
	factory   informers.SharedInformerFactory
	pods      cache.SharedIndexInformer
	nodeInfo  cache.SharedIndexInformer
	queue     workqueue.TypedRateLimitingInterface[string]
	events    record.EventBroadcaster
	recorder  record.EventRecorder
	cast      *stage.Casting
	scheduler *stage.Scheduler
	addresses *addresses
	lookup    *lookup
	ready     chan struct{}

	mu     sync.Mutex
	states map[types.UID]*state
	names  map[string]types.UID // Of states, by namespace/name.
	nodes  map[string]*node
	away   map[string]bool // What applications depend on, by namespace/name.
}

// New makes a kubelet that authenticates with the configuration.
func New(config *rest.Config, opts Options) (*Kubelet, error) {
	if err := opts.complete(); err != nil {
		return nil, fmt.Errorf("make scripted kubelet: %w", err)
	}
	config = rest.CopyConfig(config)
	config.UserAgent = "scripted-kubelet"
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make scripted kubelet: make client: %w", err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	k := &Kubelet{
		opts: opts, client: client, factory: factory,
		pods:      factory.Core().V1().Pods().Informer(),
		nodeInfo:  factory.Core().V1().Nodes().Informer(),
		queue:     workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		cast:      stage.NewCasting(opts.Script),
		addresses: newAddresses(),
		lookup:    newLookup(client),
		ready:     make(chan struct{}),
		states:    map[types.UID]*state{},
		names:     map[string]types.UID{},
		nodes:     map[string]*node{},
		away:      map[string]bool{},
	}
	k.scheduler = stage.NewScheduler(k.listNodes)
	for _, n := range opts.Named {
		if _, err := k.newNode(n); err != nil {
			return nil, fmt.Errorf("make scripted kubelet: %w", err)
		}
	}
	if err := k.watch(); err != nil {
		return nil, fmt.Errorf("make scripted kubelet: %w", err)
	}
	return k, nil
}

func (k *Kubelet) watch() error {
	err := k.pods.AddIndexers(cache.Indexers{byNode: func(obj any) ([]string, error) {
		return []string{obj.(*v1.Pod).Spec.NodeName}, nil
	}})
	if err != nil {
		return fmt.Errorf("index pods: %w", err)
	}
	_, err = k.pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(obj any) {
			// Ordinals follow the order of creation, so they are dealt out
			// here, where events arrive in order.
			k.cast.Admit(obj.(*v1.Pod))
			k.enqueue(obj)
		},
		UpdateFunc: func(_, obj any) {
			// After a gap in the watch, a new pod of the same name looks like an update.
			k.cast.Admit(obj.(*v1.Pod))
			k.enqueue(obj)
		},
		DeleteFunc: func(obj any) { k.enqueue(obj) },
	})
	if err != nil {
		return fmt.Errorf("watch pods: %w", err)
	}
	return nil
}

// listNodes is every node that the scheduler may choose.
func (k *Kubelet) listNodes() []*v1.Node {
	var all []*v1.Node
	for _, obj := range k.nodeInfo.GetIndexer().List() {
		all = append(all, obj.(*v1.Node))
	}
	return all
}

func (k *Kubelet) enqueue(obj any) {
	key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(obj)
	if err != nil {
		k.opts.Log.Error("name pod", "reason", err)
		return
	}
	k.queue.Add(key)
}

// Ready is closed when the nodes are registered and pods are being played.
func (k *Kubelet) Ready() <-chan struct{} { return k.ready }

// Add plays the script's rules before those that are there, for containers of
// pods that the kubelet has not begun to play. The function takes them away.
func (k *Kubelet) Add(s *script.Script) (remove func(), err error) {
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("add script: %w", err)
	}
	if len(s.Nodes) > 0 {
		return nil, errors.New("add script: nodes: outages belong into Options.Script; call SetNodeDown instead")
	}
	return k.cast.Add(s), nil
}

// Run plays until ctx ends, and stops everything that it started. The Node
// objects stay.
func (k *Kubelet) Run(ctx context.Context) error {
	k.events = record.NewBroadcaster(record.WithContext(ctx))
	k.recorder = k.events.NewRecorder(scheme.Scheme, v1.EventSource{Component: "kubelet"})
	k.events.StartRecordingToSink(&typedv1.EventSinkImpl{Interface: k.client.CoreV1().Events("")})
	defer k.events.Shutdown()
	defer k.closeAll()

	for _, n := range k.allNodes() {
		if err := k.register(ctx, n); err != nil {
			return fmt.Errorf("run scripted kubelet: %w", err)
		}
	}
	k.factory.Start(ctx.Done())
	defer k.factory.Shutdown()
	if !cache.WaitForCacheSync(ctx.Done(), k.pods.HasSynced, k.nodeInfo.HasSynced) {
		return fmt.Errorf("run scripted kubelet: list pods: %w", context.Cause(ctx))
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer k.queue.ShutDown()
	for range k.opts.Workers {
		running.Go(func() { k.work(ctx) })
	}
	running.Go(func() { k.heartbeat(ctx) })
	running.Go(func() { k.playOutages(ctx) })
	close(k.ready)
	<-ctx.Done()
	return nil
}

func (k *Kubelet) work(ctx context.Context) {
	for {
		key, stop := k.queue.Get()
		if stop {
			return
		}
		k.handle(ctx, key)
		k.queue.Done(key)
	}
}

func (k *Kubelet) handle(ctx context.Context, key string) {
	wake, err := k.sync(ctx, key)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		k.opts.Log.Warn("play pod", "pod", key, "reason", err)
		k.queue.AddRateLimited(key)
		return
	}
	k.queue.Forget(key)
	if !wake.IsZero() {
		k.queue.AddAfter(key, max(time.Until(wake), 0))
	}
}

// closeAll ends the HTTP servers.
func (k *Kubelet) closeAll() {
	for _, n := range k.allNodes() {
		n.shut()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.states {
		s.closeServers()
	}
}
