// Package corpus plays the scenarios of test/corpus on a real control plane,
// in real time: with the real API server and controllers, the scripted kubelet
// and the real undog program, which has the rights of deploy/rbac.yaml.
//
//	make corpus-real    all scenarios, each in one cell; an hour and more
//	go test ./suite/corpus    a few that are over soon
//
// What undog did is read from the Deployment and from the API server's audit
// log: who patched what, and when. Its reason for an undo is read from its
// ledger, and its reason for holding, which is nowhere else, from the event
// stream. Whether that was right, package play says, as it does of virtual time.
//
// Scenarios are played side by side in namespaces of their own, and share one
// undog whose fleet brake is off: so many bad releases at once would engage it.
// A scenario that stalls or restarts undog, or that fails what others have in
// common, has an undog of its own, and one that changes nodes a control plane
// of its own.
//
// A scenario ends when its time is over, or sooner: a while after everything
// that is expected was undone, or when what is there now was found good.
package corpus
