// Package runner carries out policy.Play: it chooses the pods, reads them anew,
// finds out who plays, plays, and makes of it what package policy counts.
//
// # Which pods
//
// Each play asks one ready pod of the revision that is judged and two of the one
// it is compared with; the same one twice if that has only one, none if it has
// none. Those whose turn was longest ago come first, then those on a node
// whose turn was, so that every pod and every node gets its turn however
// often the application answers wrongly. A pod plays one check at a time; the
// next waits. A pod that is going, not ready, or another one of its name is
// never asked (package reach reads it right before).
//
// # When the old revision is gone
//
// While pods of the old revision answer, what two of them said is kept, as a
// differ.Baseline for each step, in memory and within Options.Baselines bytes.
// Without old pods the new one is held against that for a day. A workload whose
// releases leave no old pods (Options.AtOnce) never has both; there, what its own
// pods say while they are young is kept, for which they are asked once more every
// few minutes. Of one that was settled before undog came, and of what has become
// old, Lacks and Keep are for: whoever calls them says when, and has made sure that
// the revision is good. Until something is kept, only expectations convict.
// Nothing is sent to workloads that no check matches.
//
// # What it must not do
//
// It decides nothing: whether, when and how often is the engine's, and so is
// what a result is worth. It writes nothing to the cluster. It never loses a
// decision: what could not be played is answered with the reason.
package runner
