// Package controlplane runs a Kubernetes control plane in this process: etcd,
// kube-apiserver, and the deployment, replicaset, namespace, quota, garbage
// collector, service account and root CA publisher controllers.
//
// It owns the whole process: it changes the working directory, and one process
// can hold one of it, because Kubernetes registers its metrics and feature
// gates globally. Only cmd/undog-cluster may import it; it links several
// hundred packages of k8s.io/kubernetes, and whoever wants a cluster in a test
// uses package cluster instead.
//
// There is no node lifecycle controller, no scheduler and no endpoint
// controller: the node (scripted or real) plays those parts itself.
package controlplane
