package metric

// Parse reads an answer.
var Parse = parse
