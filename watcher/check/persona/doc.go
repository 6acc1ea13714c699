// Package persona finds out who plays a check: values of the configuration, of
// a Secret, and of a file or folder, in that order; later ones win. Those of the
// Secret and the file are secret.
//
// They are read anew for every play, or a few seconds old, so that a password
// that was changed is used. What is missing makes the play inconclusive; the
// error names the Secret, the key or the path, and never what is in it.
//
// # What it must not do
//
// It writes nothing, logs nothing, and keeps nothing on disk.
package persona
