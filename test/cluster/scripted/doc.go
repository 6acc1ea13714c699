// Package scripted is a kubelet without containers: it registers nodes, binds
// pending pods to them and plays their statuses from a script (package
// script), so that real controllers see what a real kubelet would show.
//
// It owns its Node objects, their leases, the pods bound to them, and the HTTP
// servers of pods that ask for one. It needs only a rest.Config and no root,
// and runs in any process. One may run per cluster: it binds every pending pod.
//
// KWOK does the same by patching templated stages onto objects; its latest
// release, v0.8.0, builds against the Kubernetes 0.36 libraries and has no
// timelines across restarts or HTTP, so this package is written for ours.
package scripted
