// Package explain is what undog explain writes: how a Deployment is judged,
// and why, on one page for whoever is called at night.
//
// It lays out a policy.Explanation, wherever that came from, and asks a running
// daemon for one. It must not judge: every verdict, number and sentence about
// the evidence is the engine's.
package explain
