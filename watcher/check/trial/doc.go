// Package trial plays one check on a pod of the new revision and on two of the
// old one at the same moment, and says what that shows: the expectations as
// check.Judge weighs them, and what package differ finds without any.
//
// Where there is only one old pod it is given twice: what differs between two
// plays on it is noise as well. Where there is none, only expectations count,
// and a stored differ.Baseline of each step.
//
// A trial is one sample. It does not retry, wait or remember.
package trial
