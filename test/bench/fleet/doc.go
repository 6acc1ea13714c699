// Package fleet makes the objects of a large cluster, in the shape of
// ClusterLoader2's load test: of the pods of a namespace a quarter is in
// Deployments of 250, a quarter in Deployments of 30 and half in Deployments of
// 5, with old ReplicaSets, ConfigMaps and Nodes beside them. Objects are as long
// as real ones: managed fields, environment, volumes, probes and statuses are
// all there.
//
// It makes objects from a few numbers each and keeps none of them. It must not
// know how they are served, or what becomes of them.
package fleet
