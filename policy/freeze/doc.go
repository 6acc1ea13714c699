// Package freeze says when undog only observes: windows of the week, such as
// every night from 22:00 to 06:00, and windows of the calendar, such as the
// days around New Year, each in a time zone of its own.
//
// # Clocks that are put forward and back
//
// A window is what a clock on the wall shows, so it is computed anew for every
// day. A time that a wall clock skips when it is put forward is the moment at
// which it is; a time that it shows twice when it is put back begins a window
// at the first and ends it at the second. In doubt it is frozen. Consequently a
// night may be an hour longer or shorter than its name says, and a window that
// lies within the skipped hour does not happen.
//
// The time zones are part of the binary, since a container image may have none.
//
// # What it must not do
//
// It must not read a clock, nor know the configuration file.
package freeze
