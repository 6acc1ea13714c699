// Package image writes container images without a registry and without a
// builder, as a docker-archive tar that `ctr images import` takes: one static
// program, or folders over Debian packages that this machine has installed.
//
// It owns the build of those programs and the tar's content; loading a tar into
// a node belongs to package realnode, installing packages to
// hack/install-node-deps.sh.
package image
