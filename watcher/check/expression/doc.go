// Package expression compiles expressions of the Common Expression Language over
// the response of a pod.
//
//	status in [200, 204] && took < duration("500ms")
//	headers["content-type"].startsWith("application/json") && !("x-debug" in headers)
//	json.items.exists(i, i.sku == "a-1" && i.price > 0)
//
// # What an expression can name
//
//	status   the status, a number
//	headers  a map of names in lower case to values; the values of a header that
//	         is there more than once are joined by ", "
//	body     the body as text; what is no UTF-8 is replaced by U+FFFD
//	json     the body decoded. Whole numbers that fit are int, others double; the
//	         keys of an object are gone through in their order
//	took     from the request to the end of the body, a duration
//
// # What is promised
//
// A name that does not exist, a comparison of a number with a text, and a result
// that is not true or false are errors when the expression is compiled. What is
// in json is known only when it plays: write json.ok == true. A key that is not
// there, a body that is no JSON and a cost above the limit are errors then, and
// an error is inconclusive: it convicts nobody. has(json.user.name) asks first.
//
// # What it must not do
//
// An error tells nothing of what the pod answered: it is published.
package expression
