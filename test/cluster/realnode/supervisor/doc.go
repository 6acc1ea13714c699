// Package supervisor is the first process of a real node: it makes the node's
// namespaces habitable, runs containerd, the kubelet and the scheduler in
// them, and is the reason that nothing of them survives.
//
// It runs as process 1 of a PID namespace with a mount namespace of its own;
// package realnode starts it so. When process 1 ends, the kernel kills every
// process of the namespace, containers and their shims included, and with the
// last of them go the mounts and the network namespace with its bridge. So
// even SIGKILL leaves no process, mount, address or route behind. It ends when
// its standard input does, which is when the parent ends or closes it.
//
//	the machine                      the node
//	───────────                      ────────
//	API server 127.0.0.1:P  ◄──────  forwarder 127.0.0.1:P and 10.96.0.1:443
//	undogN 10.210.N.254  ══ veth ══  uplink ─ cni0 10.210.N.1 ─ pods
//
// It owns the node's network, mounts, cgroup and processes. It must change
// nothing else on the machine: the kernel settings that a kubelet wants are
// masked, not set.
package supervisor
