// Package differ compares what two pods of the old revision and one of the new
// answered to the same request at the same moment, without anybody saying what
// is expected. It finds the page that is 200 and wrong.
//
// # How
//
// HTML, JSON and text become a tree of elements, runs of inline text and
// values (html.go, json.go). Old against old shows the noise: words, elements
// and attributes that differ there (times, tokens, ids, order) are marked and
// count as equal to anything but nothing (mask.go). Then old is aligned with new
// (align.go, compare.go): children by likeness, what is left over by likeness
// anywhere in the page, since releases move things.
//
// # What convicts
//
// Only what is a loss, and that nobody does on purpose. A release is meant to
// change pages, so that every other difference is told and not held against it.
//
//   - Status: a worse status class than on both old pods.
//   - ErrorPage, StackTrace: a title or heading that names an error, a stack
//     trace in the text, a JSON document that is nothing but an error.
//   - Empty: an element, table, list or value with text on both old pods and
//     none in the new, where the element is still there.
//   - Hole: a value that went missing within a sentence (below).
//   - Null: None, null, undefined or NaN where there was a value.
//   - LostForm, LostLink: a form or link of the page's own content that is gone
//     with nothing in its place, while what stood around it is still there.
//
// # Holes
//
// "Welcome alice!" may become "Welcome!" or "Hello alice!" on purpose. It
// becomes "Welcome !" only because a template was filled in with nothing. The
// difference is in what is left: an author who takes a word out takes its space
// along, a template does not. A hole is therefore a deletion whose two
// neighbours are unchanged, after which the space on both sides of the missing
// words is there byte for byte, and which leaves a scar (hole.go): a space
// before closing punctuation, an empty pair of brackets, a label or separator
// with nothing after it, a currency sign without an amount. Scars that nobody
// sees in a browser, such as two spaces in a row, count only if a value is
// missing: something the persona is known to have, a number, an address. If the
// sentence was reworded too ("Hello !"), the scar counts only if what is missing
// is known to be the persona's.
//
// A language or a page that puts a space before its punctuation anyway loses
// that scar. What turns up elsewhere in the new page was moved, not lost.
//
// # When the old revision is gone
//
// Baseline keeps the marked tree of the old revision without its words: a word
// is 12 bits of a salted hash, which tells equal from different and fits
// thousands of words, so that it betrays none (baseline.go).
//
// # What it must not do
//
// It does no I/O and reads no clock. It never says that a page is right. What
// goes out (excerpts) is bounded and passes Options.Redact first.
package differ
