// Package neighbours compares what undog keeps of pods with the caches that other
// programs are made with, as ratios of one run: client-go's informer of full pods,
// and controller-runtime's cache with and without its usual transform. All get the
// same pods from the same streamed list, in protobuf.
//
// It is a module of its own, so that undog's need not know controller-runtime.
package neighbours
