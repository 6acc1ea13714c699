// Package sim plays random histories of small clusters in virtual time to
// undog's own parts, and checks after every step that undog keeps its promises.
//
// A seed names one history. It draws a cluster (package world), what its owners
// do, how many undogs watch it, and which faults they meet. The real
// watcher.State, policy.Engine, rollback.Executor and ledger.Store run in it,
// in one goroutine: the executor's requests go to a model of the API server
// that runs in the same process, and each of them is a step, before and after
// which anything else may happen.
//
// The faults: watch events that come late, twice, in another order, merged into
// a relist or not at all until one; caches that stand still and then jump; a
// start from an old list; an API server that is away for minutes; requests that
// fail, and writes that are made but answered with an error; owners who write
// between a decision and its deed; undogs that die at any request and start
// again; two undogs at once; undogs of which one is elected to act, that lose their
// turn at any request and get it again, and for a moment both have it.
//
// The promises are the invariants I1 to I7, one file each. That each of them
// can fail is shown by mutants: the same parts, wrapped in test code that
// breaks one of them.
//
//	go test ./test/sim -run TestSeeds -seed=N -v    plays one seed and prints its trace
//	go test ./test/sim -run TestSeeds -seeds=100000 looks further
//
// The package must not sleep, must not read a clock, and must not ask the
// product for more than it exports.
package sim
