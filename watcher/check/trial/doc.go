// Package trial plays one check on a pod of the new revision and on two of the
// old one at the same moment, and says what that shows: the expectations as
// check.Judge weighs them, and what package differ finds without any.
//
// Where there is only one old pod it is given twice: what differs between two
// plays on it is noise as well, and it counts once. Where there is none, only
// expectations count, and a stored differ.Baseline of each step.
//
// A check that a persona plays is played on one pod after the other, in another
// order each time (turns.go): sessions of one user may end each other.
//
// # Two answers
//
// Trial.Result is for people: what the new revision is to be told. Trial.Sample
// is for counting, and the same questions are put to each pod, so that noise
// speaks against neither side more often (sample.go):
//
//   - an expectation that does not hold counts on the side on which it failed,
//     also where it failed on both;
//   - a pod that does not answer has failed if any other of the trial passed;
//   - each pod is held against the other two, the old ones as well as the new.
//
// A trial is one sample. It does not retry, wait or remember.
package trial
