// Package crowd fills a real control plane with the Deployments of package fleet
// and plays the life of a large cluster on it: pods that are deleted all the time,
// bad releases one after the other or many at once. The API server, etcd and the
// controllers are Kubernetes' own; the nodes are scripted.
//
// It serves what package load serves on an API server that is imitated. When
// something happened it learns from the API server's audit log alone, so that all
// times are of one clock. It must not know what undog is like inside.
package crowd
