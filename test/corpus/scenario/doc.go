// Package scenario is the language of the corpus: one small declarative file
// per scenario says what a Deployment looks like, what its pods do, what
// happens to whom when, and what undog must make of it. The same file is played
// in virtual time (package play) and on a real control plane.
//
//	id: B08
//	title: A bad config value crashes it after a minute
//	why: Every pod of the new revision exits in the same way, and none of the old.
//	class: crash
//	old: {plays: [{play: {ready: {after: 2s}}}]}
//	new: {plays: [{play: {exits: [{after: 60s, code: 1}], ready: {after: 3s}}}]}
//	expect: [{verdict: rollback, reasons: [CrashLoop], latest: 8m}]
//
// # Workloads and revisions
//
// Unless workloads are given there is one, web, whose revisions v1 and v2 are
// old and new. A revision is the default pod (one container, app, with the image
// registry.example/web:v1 and a readiness probe every 5s) with a strategic merge
// patch of the pod template (patch), and the plays of its pods in the language
// of test/script; a play's match may name a container, ordinals, a node and a
// chance. The label app.kubernetes.io/version tells revisions apart; a revision
// that is like another one has its image, label and plays, and differs by its
// patch only.
//
// # Checks
//
// checks and personas are those of undog's configuration, without namespaces:
//
//	checks: [{name: front, steps: [{request: {path: /}, expect: {status: ["200"]}}]}]
//	new: {plays: [{play: {http: {routes: [{status: 500, chance: 0.2}, {body: Hello}]}}}]}
//
// They are really played, against what the pods' plays say of http.
//
// # Timeline
//
// v1 is created long enough before 0s to prove itself (lead). At 0s v2 is
// applied, unless the timeline releases something to that workload itself. Each
// step says at which time, or how long after undog's rollback (since: rollback),
// one thing happens:
//
//	release: v2          kubectl apply of a revision (by: names another field manager)
//	restart, undo        kubectl rollout restart, kubectl rollout undo
//	scale: 10 or x2      a number of pods, or a multiple of what the cell says
//	pause, resume        kubectl rollout pause and resume
//	annotate: {…}        annotations of the Deployment
//	delete               the Deployment
//	plays: […]           from now on containers that are started anew in a new pod play this
//	configMap, secret    created or changed; gone: true deletes it
//	quota: {free: 0}     a ResourceQuota that leaves room for so many pods; {} lifts it
//	webhook: down, deny, up   an admission webhook for pods cannot be reached, denies, is gone
//	podSecurity: baseline     the namespace enforces a Pod Security Standard
//	node: {name: node-1, …}   down, up, cordon, uncordon, drain, add
//	disrupt: {reason: …, pods: 2}   the control plane takes pods away
//	watch: {stale: 40s}  undog's watches stand still, then relist
//	away: db, back: db   what routes may be without (without: db) is away, is back
//	undog: restart       undog dies and starts again at once; stop and start
//	forget: true         somebody deletes undog's ControllerRevisions
//
// Every step is an API call, or something that the scripted kubelet plays.
//
// # Matrix
//
// A scenario is played with 1, 3, 10 and 50 replicas, three strategies and
// several seeds. matrix leaves cells out, and must say because. expect is a
// list: an entry with cells overrules an earlier one for those cells, where the
// truth differs.
//
// # Verdicts
//
// rollback: undog undoes exactly once (or undos), the first time not later than latest after the release.
// hold: undog undoes nothing, and says that it holds for one of the reasons
// (or convicts and refuses to act, Refused/NoTarget).
// none: undog undoes nothing; where reasons are given it may hold for those,
// else it must not hold either. Beside that, held and told ask for a hold and for kinds of events. The template at the end must be that of final.
//
// The package reads no clock and calls no API.
package scenario
