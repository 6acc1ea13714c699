// Package metric asks a Prometheus-compatible server about both revisions and says
// what its numbers show.
//
//	client, err := metric.NewClient(metric.Options{URL: …})  // once
//	c, err := metric.New(check, client)                      // once for each check
//	sample := c.Sample(ctx, at, workload, fresh, old)        // old may have no pods
//
// {{ .pods }} becomes a regular expression of the names of a revision's pods, at
// most 256 of them, which stands between any kind of PromQL quotes.
//
// # A bound
//
// Query gives one number for each revision. Beyond Max or Min the revision has
// failed; for the new one that needs no baseline, unless the old one is beyond as
// well. A server has new numbers only when it has scraped, and a rate over minutes
// hardly moves: looks are no independent evidence. Sample asks for fifteen
// seconds between them, and says the same for all pods of the revision at once.
//
// # Counters
//
// Failures and Total are counters since the pods started; do not write rate or
// increase around them. What counts is by how much they grew since the look
// before, in the pods that were there both times, the same ones at both ends. The
// first look only begins to count, and so does one after a counter fell:
// somewhere a container restarted. No series of failures at all are none failed,
// as long as Total has one.
//
// Requests come in bursts that fail together, and a hundred thousand of them are
// not that much evidence. One look weighs at most twenty trials a side, of which
// so many failed as did in all; what is less than one is carried over to the
// next. How many trials there are does not depend on how they went.
//
// # What tells nothing
//
// No data, several series where one is asked for, a number that is none (NaN, a
// division by zero), a query the server refuses, a server that is away, slow or
// overloaded, that redirects, or that answers with warnings: all are
// inconclusive, whatever the other revision gave. They are never evidence.
//
// # What it must not do
//
// The server is named in the configuration; no query and no answer leads to
// another. Redirects are not followed and the environment's proxy is not asked.
// Answers are read up to 1 MiB. The token is read for each question, and sent
// nowhere else; neither it nor labels of series are told to anybody.
package metric
