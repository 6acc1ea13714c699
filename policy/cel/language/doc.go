// Package language makes restricted dialects of the Common Expression Language:
// one for the conditions of policies, one for the responses that checks look at.
// It owns what they have in common: what is left out, what an expression may
// cost, and the words in which one that is wrong is explained.
//
// # What is promised
//
// An expression is type-checked when it is compiled. It has no loop without end,
// and what it may cost is bounded twice: by an estimate when it is compiled and
// by a count when it is evaluated. Nothing that it can call reads a clock, a
// file or a network.
//
// # What it must not do
//
// It must not know what the variables of a dialect mean.
package language
