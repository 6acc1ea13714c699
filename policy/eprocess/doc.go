// Package eprocess measures the evidence that a new revision is worse than the
// old one, in a way that lets one look after every single event.
//
// # What an e-process is
//
// Somebody who doubts that "new is no worse than old" puts up a stake of 1 and
// bets against it, event by event. The odds are such that, if the statement is
// true, no bet wins on average, whatever happened before. The stake is the
// e-value. A statement that is true will hardly ever make a sceptic rich: the
// probability that the stake is ever multiplied by 1,000, at any time, however
// long one plays, is at most 1/1,000. That is Ville's inequality, and it is
// why one may look after every observation and stop at the best moment. A
// p-value allows one look; Fisher's test at 5 % looked at after each of 500
// checks convicts up to one good revision in five.
//
// E-values of several tests of the same revision may be averaged, whatever they
// have to do with each other ([Mean]); they may be stored and gone on with. A
// test that is forgotten and starts at 1 again is a new test, and the budget
// counts for each. So store what you play with, or count the restarts.
//
// # What the budget bounds
//
// [Threshold] turns the budget into the stake that convicts. For a revision
// that is no worse than the one it is compared with, the budget bounds the
// probability that these tests ever convict it, provided that what they are
// given is what they ask for, below. It does not bound
//
//   - verdicts of other layers: a revision that cannot start is convicted by
//     its reasons, and with few pods, say three or fewer, there are too few
//     events for a test, so a plain count decides;
//   - anything said of many revisions together: of 1,000 good releases one may
//     be convicted;
//   - blame: a new revision may do worse because its node is bad or because a
//     database went away as it came. Vetoes look into that.
//
// What it takes: at a budget of 0.001 twelve pods must fail, and none of the
// old ones, if both revisions are at risk alike; six with three old pods to a
// new one; three where History plays 20 old lives beside each new pod.
//
// Nor is a small e-value a proof that the revision is good.
//
// # Four tests
//
//   - [Events]: rare events (crashes, OOM kills, restarts, lost readiness).
//   - [Trials]: checks that pass or fail, made on both revisions at a time.
//   - [Ranks]: a gauge, one number for each pod.
//   - [Limiter] says which events count, [Weigh] and [History] what they are
//     compared with.
//
// # What Events must be given
//
// An event that fell on the new revision is evidence only as far as it could
// have fallen on the old one instead, at that moment. Everything depends on the
// share of the new revision in what was at risk. The simulation shows what
// becomes of the bound if it is wrong (TestMistakes):
//
//   - At risk is what could have had the next counted event. Pods that the
//     Limiter holds back are not at risk; leave them out.
//   - It is the share at the moment, not of pod-seconds so far. A day of the
//     old revision's history makes a cumulative share tiny, while the next
//     crash in the middle of a rollout is still as likely to fall on one half
//     as on the other. History needs the old failures as well, each at its
//     turn: that is what [History] is for.
//   - Pods that crashed crash again, and pods on one node crash together. The
//     Limiter makes one event of each, and Weigh takes care that new nodes with
//     new pods alone are not overlooked.
//   - Young pods fail more often than settled ones. Side by side, compare pods
//     of like age, or else use History, which does so at every event.
//   - If all pods crash at once for a reason outside, side by side is fair and
//     History is not.
//
// # References
//
//   - J. Ville, Étude critique de la notion de collectif, 1939.
//   - G. Shafer, V. Vovk, Game-Theoretic Foundations for Probability and
//     Finance, 2019: betting as the ground of probability.
//   - M. Lindon, A. Malek, Anytime-Valid Inference for Multinomial Count Data,
//     NeurIPS 2022; and arXiv:2410.09282 for two Poisson processes: [Events].
//   - R. Turner, A. Ly, P. Grünwald, Generic E-variables for exact sequential
//     k-sample tests that allow for optional stopping, Journal of Statistical
//     Planning and Inference 2024, arXiv:2106.02693: [Trials].
//   - V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random World,
//     2005, on conformal test martingales: [Ranks].
//   - V. Vovk, R. Wang, E-values: calibration, combination and applications,
//     Annals of Statistics 2021: [Mean].
//
// # What it must not do
//
// It must not import anything but the standard library, read a clock, draw a
// random number or know what a pod is beyond a name: what is evidence, and
// whose fault it is, is for package policy to say.
package eprocess
