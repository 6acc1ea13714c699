// Package subscribe receives undog's events: typed, from where the last run got
// to, each acknowledged once it was handled.
//
//	nc, err := subscribe.Connect(subscribe.Server{URL: "nats://127.0.0.1:4222", Name: "my-bot"})
//	…
//	err = subscribe.Run(ctx, subscribe.Options{Conn: nc, Durable: "my-bot", Handle: handle})
//
// Events come one by one, in the order of the stream. One that could not be
// handled is tried again, after a pause that grows, before the next: what one
// event says of a workload may depend on those before. Delivery is at least
// once; ids that were handled are dropped, so that the handler sees each event
// once as long as the [Store] remembers.
//
// The package is for those who receive events, undog itself does not use it. It
// must not change the stream: it is undog's.
package subscribe
