// Package scripted is a kubelet without containers: it registers nodes, binds
// pending pods to them and plays their statuses from a script (package
// script), so that real controllers see what a real kubelet would show.
//
// It owns its Node objects, their leases, the pods bound to them, the HTTP
// servers of pods that ask for one, and what of a kubelet's own server the API
// server needs for logs. It needs only a rest.Config and no root,
// and runs in any process. One may run per cluster: it binds every pending pod.
//
// KWOK does the same by patching templated stages onto objects. Its latest
// release, v0.8.0, is made for the Kubernetes 0.36 libraries and builds with
// ours, but a stage knows one pod at a time: it has no timeline across restarts
// with the kubelet's back-off, no play for a whole revision, does not look
// whether a ConfigMap exists and serves no HTTP. That is most of this package.
package scripted
