// Package follow notices that a file holds something else.
//
//	f, err := follow.New(follow.Options{Path: path, Hangup: hangups, Read: config.Read, Changed: func(data []byte, err error, asked bool) (again bool) {...}})
//	f.Run(ctx)
//
// Files change in many ways: an editor writes in place or renames a new file over
// the old one, Kubernetes turns a symbolic link beside a ConfigMap's files, a
// deployment tool turns a link further away. The folder of the file is watched for
// the first three. Notifications get lost, and say nothing about links: the file is
// also read every few seconds, and when a SIGHUP comes.
//
// What was read counts once it stays the same for a moment: nobody acts on a file
// that is half written. One that never stays the same is told of. Of what does not
// change nothing is told twice, a file that cannot be read included.
//
// It must not know what the file means.
package follow
