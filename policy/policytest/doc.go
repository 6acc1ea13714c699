// Package policytest plays scenarios against the policy engine. A scenario is
// a text file: a command and its arguments, a line of dashes, and what the
// engine said. `go test ./policy -rewrite` writes the answers anew; commit only
// a difference that you understand.
//
// The world is one Deployment, web in namespace shop. Commands that change it
// print nothing until it is shown to the engine:
//
//	settings [mode=] [action=] [bake=] [within=]   a new engine with these settings
//	deploy rev=N image=I [template=T] [replicas=N] a new current revision
//	pods rev=N [n=] [nodes=] [started=] [ready=] [since=] [all=] [waiting=D,D…] [slowest=] [probes=]
//	fail rev=N reason=R [container=] [code=] [nodes=] [pods=] [count=] [max=] [repeated=]; its message is the next line
//	heal rev=N                                     no failures any more
//	status updated=N total=N available=N           what its controller says
//	set [paused=] [pausedBy=] [mode=] [progressing=Reason] [deadline=] [deleting]
//	at T                                           the time since the beginning
//	observe                                        show the world to the engine
//	wake                                           tell the engine that time has passed
//	answer [result=] [reason=] [message=]          how the oldest open decision ended
//	restart                                        a new engine, same world, same ledger
//
// answer result=Done (the default) changes the world as the write would have.
package policytest
