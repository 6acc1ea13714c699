// Package world is a cluster in virtual time, as faithful as a watchdog can
// tell: an API server's objects, the Deployment and ReplicaSet controllers, a
// scheduler, the node life cycle, admission that refuses pods, and kubelets that
// play pods from a script. It keeps real API objects and writes them as the real
// components do, with their messages.
//
// Whoever owns a cluster changes it with the methods of owner.go, which are API
// calls. All that is random is drawn from a seed.
//
// It differs from test/sim/world in that its pods are played by the same
// script, life cycle and scheduler as those of the scripted kubelet on a real
// control plane, and that it has nodes, admission and ConfigMaps. The package
// must not know undog, and reads no clock but its own.
package world
