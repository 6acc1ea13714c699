// Package body holds texts against what a check expects of them: the body of an
// answer, the output of a command. It knows what cannot be told of a text that
// was not read to its end.
package body
