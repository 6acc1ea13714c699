// Package faults plays what can go wrong between undog and those who read its
// events, and counts: each durable transition has to reach a subscriber that
// drops repeated ids exactly once, none missing and none invented, and no
// rollback may wait for it.
//
// Everything is in its tests. They take the outbox and the client that undog
// has, a real NATS server, and a stand-in for what the cluster remembers. Where
// nothing needs the network, the clock is virtual: an hour is over at once. The
// rows that need a real control plane and the real undog are played by the
// tests of module test/cluster; both write their part of one page with package
// table.
//
// The package must not stand in for NATS: what the server does is what is
// tested.
package faults
