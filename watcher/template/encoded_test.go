package template

import (
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/watcher/template/templatetest"
)

func encoded(t testing.TB, p *corev1.PodTemplateSpec) []byte {
	t.Helper()
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestEncodedHashIsTheDecodedOne checks that it makes no difference who reads a template.
func TestEncodedHashIsTheDecodedOne(t *testing.T) {
	for seed := range int64(500) {
		p := templatetest.Usual(seed)
		raw := encoded(t, p)
		got, ok := SumOfEncoded(raw)
		if !ok {
			t.Fatalf("template %d has to be decoded:\n%v", seed, p)
		}
		if want := SumOf(p); got != want {
			t.Fatalf("template %d: %s encoded, %s decoded:\n%v", seed, got, want, p)
		}
		delete(p.Labels, "pod-template-hash")
		if got := SumOf(p); got != SumOf(p.DeepCopy()) {
			t.Fatalf("template %d has two hashes", seed)
		}
		if again, ok := SumOfEncoded(encoded(t, p)); !ok || again != got {
			t.Fatalf("template %d: %s with the controller's label, %s without", seed, got, again)
		}
	}
}

// TestEncodedNumbers checks those at the ends of what a field can hold.
func TestEncodedNumbers(t *testing.T) {
	for _, n := range []int64{math.MinInt64, math.MinInt32, -1, 0, math.MaxInt32, math.MaxInt64} {
		p := &corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			Priority: new(int32(n)), TerminationGracePeriodSeconds: &n, //nolint:gosec // some number
			Containers: []corev1.Container{{
				Ports:           []corev1.ContainerPort{{ContainerPort: int32(n)}}, //nolint:gosec // some number
				SecurityContext: &corev1.SecurityContext{RunAsUser: &n},
			}},
			SecurityContext: &corev1.PodSecurityContext{SupplementalGroups: []int64{n, 0, n}},
		}}
		if got, ok := SumOfEncoded(encoded(t, p)); !ok || got != SumOf(p) {
			t.Errorf("%d: %s, %v, want %s", n, got, ok, SumOf(p))
		}
	}
}

// TestEncodedOddly checks that what types would not have encoded so is decoded.
func TestEncodedOddly(t *testing.T) {
	label := func(key, value string) []byte {
		pair := protowire.AppendTag(nil, 1, protowire.BytesType)
		pair = protowire.AppendString(pair, key)
		pair = protowire.AppendTag(pair, 2, protowire.BytesType)
		pair = protowire.AppendString(pair, value)
		labels := protowire.AppendTag(nil, 11, protowire.BytesType)
		return protowire.AppendBytes(labels, pair)
	}
	in := func(number protowire.Number, parts ...[]byte) []byte {
		var all []byte
		for _, p := range parts {
			all = append(all, p...)
		}
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), all)
	}
	text := func(number protowire.Number, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), s)
	}
	quantity := func(s string) []byte {
		// spec.containers.resources.limits
		return in(2, in(2, in(8, in(1, text(1, "cpu"), in(2, text(1, s))))))
	}
	for name, tt := range map[string]struct {
		raw  []byte
		want bool
	}{
		"nothing":                {nil, true},
		"labels in order":        {in(1, label("a", "1"), label("b", "2")), true},
		"labels out of order":    {in(1, label("b", "1"), label("a", "2")), false},
		"a label twice":          {in(1, label("a", "1"), label("a", "2")), false},
		"a label without a key":  {in(1, in(11, text(2, "x"))), false},
		"metadata twice":         {append(in(1, label("a", "1")), in(1, label("b", "2"))...), false},
		"spec before metadata":   {append(in(2), in(1, label("b", "2"))...), false},
		"a name":                 {in(2, in(2, text(1, "app"))), true},
		"a name twice":           {in(2, in(2, text(1, "app"), text(1, "other"))), false},
		"a name of another type": {in(2, in(2, protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 5))), false},
		"a bool of 2":            {in(2, protowire.AppendVarint(protowire.AppendTag(nil, 11, protowire.VarintType), 2)), false},
		"a bool of 1":            {in(2, protowire.AppendVarint(protowire.AppendTag(nil, 11, protowire.VarintType), 1)), true},
		"a long zero":            {in(2, append(protowire.AppendTag(nil, 11, protowire.VarintType), 0x80, 0)), false},
		"a number of 40 bits":    {in(2, in(2, in(6, protowire.AppendVarint(protowire.AppendTag(nil, 3, protowire.VarintType), 1<<40)))), false},
		"a quantity":             {quantity("500m"), true},
		"the same otherwise":     {quantity("0.5"), false},
		"no quantity":            {quantity("much"), false},
		"a time":                 {in(1, in(8, protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 5))), false},
		"an empty time":          {in(1, in(8)), true},
		"cut off":                {in(2, in(2, text(1, "app")))[:6], false},
	} {
		t.Run(name, func(t *testing.T) {
			sum, ok := SumOfEncoded(tt.raw)
			if ok != tt.want {
				t.Fatalf("got %v, want %v", ok, tt.want)
			}
			var p corev1.PodTemplateSpec
			if err := p.Unmarshal(tt.raw); ok && (err != nil || SumOf(&p) != sum) {
				t.Errorf("%s encoded, %s decoded, %v", sum, SumOf(&p), err)
			}
		})
	}
}

// FuzzEncoded looks for a template that has another hash when it is decoded.
func FuzzEncoded(f *testing.F) {
	for seed := range int64(8) {
		f.Add(encoded(f, templatetest.Any(seed)))
		f.Add(encoded(f, templatetest.Usual(seed)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		sum, ok := SumOfEncoded(raw)
		var p corev1.PodTemplateSpec
		if err := p.Unmarshal(raw); err != nil || !ok {
			return
		}
		if want := SumOf(&p); sum != want {
			t.Errorf("%s encoded, %s decoded", sum, want)
		}
	})
}
