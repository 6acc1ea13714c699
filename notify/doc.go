// Package notify is undog's contract with its subscribers: the event, its
// JSON, its subject, and the interface of those who deliver it. It is also that
// with those who report verdicts to undog: the request, the answer, the subject.
//
// An [Event] is a CloudEvents 1.0 envelope in structured JSON mode, at most
// [MaxSize] bytes long. Its id is derived from what happened, so that the same
// happening has the same id on every undog and after every restart: a
// subscriber that drops ids it has seen sees each event once.
//
// [Kinds] lists every kind of event with the fields that it has. The schemas, the
// AsyncAPI document and the tables of docs/events.md are made from it and from
// the comments of the types; go generate writes them anew.
//
// Within version v1 of a type, fields are only added. Subscribers must ignore
// fields that they do not know, and machines must not read Data.Message: it is
// for people, and may be reworded at any time.
//
// The package imports the standard library only, so that a subscriber can use
// it at no cost. It must not know where events come from (package
// notify/outbox does) nor how they travel (package notify/nats does).
package notify
