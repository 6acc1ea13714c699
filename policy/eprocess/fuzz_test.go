package eprocess_test

import (
	"encoding/binary"
	"math"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy/eprocess"
)

// FuzzNumbers feeds anything to everything and expects numbers back.
func FuzzNumbers(f *testing.F) {
	f.Add([]byte{})
	f.Add(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.SmallestNonzeroFloat64)), math.Float64bits(math.MaxFloat64)))
	f.Add(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, 1<<30), 1<<30))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e eprocess.Events
		var trials eprocess.Trials
		var r eprocess.Ranks
		var l eprocess.Limiter
		for ; len(data) >= 16; data = data[16:] {
			a, b := binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint64(data[8:])
			x, y := math.Float64frombits(a), math.Float64frombits(b)
			e.Observe(a%2 == 0, x, y)
			e.ObserveTogether(int(a), int(b), y, x)
			trials.Observe(eprocess.Block{New: int(a), NewFail: int(a) / 2, Old: int(b), OldFail: int(b) / 3})
			trials.Observe(eprocess.Block{New: int(a % 9), NewFail: int(b % 9), Old: int(b % 7), OldFail: int(a % 7)})
			r.Observe(int(a), int(b%5), int(b))
			r.Observe(int(a%100), int(b%5), int(b%100))
			l.Allow(string(data[:2]), string(data[3:4]), time.UnixMilli(int64(b)))
			all := eprocess.Mean(eprocess.Part{Weight: x, Log: e.Log()}, eprocess.Part{Weight: 1, Log: trials.Log()}, eprocess.Part{Weight: 2, Log: r.Log()})
			for _, v := range []float64{e.Log(), e.Value(), trials.Log(), trials.Value(), r.Log(), r.Value(), all} {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%v from %+v, %+v, %+v", v, e, trials, r)
				}
			}
			if e.Value() < 0 || trials.Value() < 0 || r.Value() < 0 || l.Used > len(l.Marks) {
				t.Fatal("an e-value below zero, or a limiter that grows")
			}
		}
	})
}
