// Package image writes container images without a registry and without a
// builder: one static program, packed as a docker-archive tar that
// `ctr images import` takes.
//
// It owns the build of those programs and the tar's content; loading a tar into
// a node belongs to package realnode.
package image
