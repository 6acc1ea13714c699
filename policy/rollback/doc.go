// Package rollback carries out what the engine decided. It is the only code
// that writes to a workload.
//
// An Executor trusts nothing that was observed: it reads the workload from the
// API server, decides again on what it finds, and writes one JSON Patch whose
// test operations fence the write on the workload's UID and generation. The
// generation covers spec and annotations, so whatever an owner changes between
// the read and the write makes the server refuse. Two executors, a lost reply
// or a restart in the middle therefore make one change at most: the decision's
// id is written in the same patch as the template, and is looked for first.
//
// A target must have the template that its record names, whoever holds the copy,
// and everything that its pods cannot do without must be there: ConfigMaps,
// Secrets, the service account, claims. What undog may not read is taken to be
// there, and the outcome says so.
//
// Templates travel as raw JSON, because decoding would drop fields that this
// client does not know. Once the template is written, undog removes itself
// from the managed fields, so that the owner's next apply meets no conflict.
//
// The package must not judge revisions, must not retry for ever, and must
// never put a pod template into a log or a message.
package rollback
