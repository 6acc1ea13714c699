// Package play plays one check against one pod.
//
// Whoever calls it says how the pod is reached: Target.Dial makes every
// connection, to the pod's IP or through the API server, and no address is ever
// looked up here. A Host header, a redirect or a URL in a page therefore
// cannot lead to anything but that pod. Connections are kept open between the
// steps of one play and closed when it ends; no two plays share one.
//
// The persona behaves like a browser behind a proxy that ends TLS: cookies are
// kept and Secure ones sent, whatever the scheme to the pod is; a submitted
// form carries its hidden fields and a Referer. No script is run.
//
// Results are redacted: secrets of the persona, captured values, cookies.
// Request bodies are not kept at all. Only Exchange.Response is as the pod sent
// it; it is for package differ, in memory, and has no place in a log.
package play
