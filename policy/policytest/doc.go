// Package policytest plays scenarios against the policy engine. A scenario is
// a text file: a command and its arguments, a line of dashes, and what the
// engine said. `go test ./policy -rewrite` writes the answers anew; commit only
// a difference that you understand.
//
// The world is one Deployment, web in namespace shop. Commands that change it
// print nothing until it is shown to the engine:
//
//	settings [mode=] [action=] [bake=] [within=] [provisional=] [checks=A+B] [every=] [freeze=]   a new engine with these settings
//	deploy rev=N image=I [template=T] [replicas=N] a new current revision
//	changes                                        what the next Compare finds, one per line: PATH FROM TO, - for nothing
//	pods rev=N [n=] [nodes=] [scheduled=] [started=] [ready=] [since=] [all=] [waiting=D+D…] [slowest=] [probes=] [unsteady=] [fell=]
//	           [desired=] [lost=] [disrupted=] [init=D+D…] [slowestInit=]
//	fail rev=N reason=R [container=] [init] [code=] [nodes=] [pods=] [count=] [max=] [repeated=]; its message is the next line
//	incident rev=N [pods=] [nodes=] [wasReady]     so many pods, on so many nodes, failed now for the first time
//	refuse rev=N                                   its pods cannot be created; the message is the next line, none ends it
//	heal rev=N                                     no failures any more
//	other rev=N to=N | rev=N good                  what another undog writes: an undo, or a verdict
//	status updated=N total=N available=N           what its controller says
//	set [paused=] [pausedBy=] [mode=] [progressing=Reason] [deadline=] [deleting]
//	    [manager=] [editedBy=]                     _ in a manager is a space; whoever edited did it now
//	at T                                           the time since the beginning
//	observe                                        show the world to the engine
//	wake                                           tell the engine that time has passed
//	answer [result=] [reason=] [message=]          how the oldest open decision ended
//	result check=A [n=] [new=] [newFailed=] [old=] [oldFailed=] [pods=P@NODE+P…] [failing=P+P…] [absolute]
//	       [reason=] [step=] [retry=] [differs=KIND@WHERE+…]   what the play of A that is asked for gave;
//	       its message is the next line. n such results, each when the
//	       engine asks again, until it decides something
//	report revision=R good|bad [by=] [fresh]       a verdict from outside, the reason in the next line; fresh has the state with it
//	lead, stand                                    the engine leads, or stands by while another does
//	reload [as settings] | rejected                the engine that runs gets other settings, or hears that they are not used
//	fleet n=N                                      so many other Deployments, 50 to a namespace, all healthy
//	churn until=T [every=D] [takes=D]              time goes by until T; every so often a pod of one of the others is moved
//	outage n=N | over                              so many of the others are no longer ready, every one again
//	explain                                        what is said of the checks, and where they stand
//	restart                                        a new engine, same world, same ledger
//
// In waiting and init, D is since when one pod has been waited for. A container
// called - stands for the whole pod. What is not said of a revision's pods stays,
// except for waiting, fell, init, lost and disrupted, which are none then.
//
// A play is answered with result, everything else with answer. Without pods all
// results are from one pod; failing names those of them that failed. With n
// only the first and last words of the engine's are printed in full.
//
// answer result=Done (the default) changes the world as the write would have.
package policytest
