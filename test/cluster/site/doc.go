// Package site is a small web application with a bug that no probe sees. It has a
// login with a session and a token against forged requests, and greets whoever is
// logged in: version 1.0 by the username, version 1.1 by the first name, which not
// every user has.
//
// It is an ordinary http.Handler. The scripted kubelet serves it on pods' addresses,
// by the names of Handlers.
package site
