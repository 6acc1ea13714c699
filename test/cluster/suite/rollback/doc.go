// Package rollback tests policy/rollback and policy/ledger against a real API
// server with the real deployment, replica set and garbage controllers. What
// happened is read from the cluster and its audit log, not from the outcome
// alone.
package rollback
