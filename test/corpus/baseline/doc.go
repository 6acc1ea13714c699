// Package baseline holds four simple watchdogs, each from a published source,
// that look at the same objects as undog. They do not act.
package baseline
