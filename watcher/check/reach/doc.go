// Package reach connects to one pod, and to nothing else.
//
// [Reach.Live] reads a pod anew and tells whether it may be asked: it is the one
// that was meant (name, UID, owner), it runs, is ready and not being terminated.
// [Reach.Target] makes it a play.Target for a port of its own, whose connections
// end with a context.
//
// There are two ways. [PodIP] connects to the address in the pod's status, as
// another pod of the cluster would. [PortForward] goes through the API server, as
// kubectl port-forward does, which works from anywhere and needs the right to
// create pods/portforward. Without a choice it is PodIP inside a cluster and
// PortForward outside.
//
// # What it must not do
//
// It looks up no name and takes no proxy to a pod. The only address is the one
// that the kubelet wrote into the pod's status; addresses that cannot be a pod's
// (unspecified, multicast, link-local, where clouds keep their credentials) are
// refused, and loopback ones too unless Options.Loopback says that pods run on
// this very machine. A pod with hostNetwork has its node's address: whoever may
// write a check with a port number can reach that port of the node, as the pod
// itself can.
package reach
