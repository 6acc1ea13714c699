// Package smalldisk makes file systems that are full when a test wants them to
// be. It needs root, and Linux. It must not touch any other file system.
package smalldisk
