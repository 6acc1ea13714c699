package differ

// KeepSalted is Keep with a salt that does not change from run to run: with
// another one, one in thousands of words would pass for another word.
var KeepSalted = keep
