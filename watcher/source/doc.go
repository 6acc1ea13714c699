// Package source makes the ListerWatchers that a watcher.Watcher reads from.
//
// It is the one place where watching meets a client. It only ever lists and
// watches, and asks the server to leave out what would be thrown away.
package source
