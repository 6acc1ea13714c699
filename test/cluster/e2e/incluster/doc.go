// Package incluster installs undog the way its users do, with the chart, on a
// real kubelet: undog and NATS are pods, with the service account and the rights
// that are shipped. It needs root; `make e2e` runs it with the build tag e2e.
//
// What happened is read from the cluster, its audit log and the stream. There
// is no DNS and no kube-proxy: undog is told NATS's address.
package incluster
