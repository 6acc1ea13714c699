// Package cgroup makes and removes the cgroup that all pods of one node live
// in, on cgroup v1, v2 and the hybrid of them.
//
// It owns the folders of that name and nothing else; limits are the kubelet's.
package cgroup
