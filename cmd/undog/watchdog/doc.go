// Package watchdog watches undog itself.
//
// It owns a table of beats. A beat belongs to one component that is to make
// progress (the loop, an informer, the publisher, the writer), and knows since
// when it has made none. One that has made none for too long is stalled: that is
// logged once, with what it is stuck in and, at debug, with what every goroutine
// does; counted; and shown to whoever asks.
//
// The package judges nobody's reasons and restarts nothing: whether a restart
// helps is a word in the table, and the one who restarts is the kubelet.
package watchdog
