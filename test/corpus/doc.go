// Package corpus judges undog: every scenario of the directory scenarios, played
// in virtual time in every cell of the matrix, and four simpler watchdogs on the
// same runs beside it.
//
//	make corpus       the table of docs/judgement.md, from the whole matrix (minutes)
//	make vetoes       each veto taken away: exactly its own scenarios must fail
//	go test ./test/corpus            a few cells of each scenario
//	go run ./test/corpus/cmd/corpus -run B08 -cell 3/rolling/1 -v    one run, with what happens
//
// Package scenario has the language, package world the cluster, package play
// how a scenario is played, package baseline the other watchdogs. A new scenario
// is a new file and nothing else.
package corpus
