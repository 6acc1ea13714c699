// Package realnode adds a node with a real kubelet and containerd to a local
// control plane. It needs root and the programs that
// hack/install-node-deps.sh installs.
//
// It owns the node's supervisor process, its state folder, its credentials and
// the images on it. What happens inside the node is package supervisor's; this
// package must not import k8s.io/kubernetes, so that a test which uses it
// compiles in seconds.
//
// The node reaches the API server through the supervisor, and the machine
// reaches the node and its pods by their addresses. Several nodes can run on
// one machine, each with its own network.
package realnode
