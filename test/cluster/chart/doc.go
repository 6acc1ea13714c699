// Package chart renders deploy/helm/undog and the kustomizations with the
// programs that people would use, and reads what comes out.
//
// It owns the command lines of helm and kubectl; it must not change what they
// print, for what is tested is what people get.
package chart
