package slim

import (
	"crypto/rand"
	"reflect"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/undog-dev/undog/watcher/template"
)

// Ten old ReplicaSets stand beside each that has pods. Of their templates little is
// looked at but whether they are the same as another: that is told of the encoded
// template, of which then only the rest is decoded.

var replicaSet = appsv1.SchemeGroupVersion.WithKind("ReplicaSet")

// summed is what is kept of a ReplicaSet whose template has been hashed.
var summed = func() *fields {
	var paths []string
	for _, list := range []string{"containers", "initContainers"} {
		of := "spec.template.spec." + list + "."
		paths = append(paths, of+"image", of+"restartPolicy")
		for _, probe := range []string{"startupProbe.", "readinessProbe."} {
			for _, number := range []string{"initialDelaySeconds", "periodSeconds", "successThreshold", "failureThreshold"} {
				paths = append(paths, of+probe+number)
			}
		}
	}
	paths = append(paths, slices.DeleteFunc(slices.Clone(replicaSetPaths), func(p string) bool { return p == "spec.template" })...)
	return keeping(appsv1.ReplicaSet{}, paths...)
}()

var fieldTemplate, _, _ = find(reflect.TypeFor[appsv1.ReplicaSetSpec](), "template")

// sumOf hashes the template of an encoded ReplicaSet. It is false where the template
// has to be decoded for that.
func sumOf(kind schema.GroupVersionKind, object []byte) (template.Sum, bool) {
	if kind != replicaSet {
		return template.Sum{}, false
	}
	spec, ok := only(object, fieldSpec)
	if !ok {
		return template.Sum{}, false
	}
	encoded, ok := only(spec, uint64(fieldTemplate)) //nolint:gosec // a field's number
	if !ok {
		return template.Sum{}, false
	}
	return template.SumOfEncoded(encoded)
}

// only is the one field of a number that a message has; false if there is none, or
// another.
func only(message []byte, number uint64) (value []byte, ok bool) {
	found := 0
	err := each(message, func(n uint64, v []byte) {
		if n == number {
			found++
			value = v
		}
	})
	return value, err == nil && found == 1
}

// sumMark stands before a hash where an object carries it: in its selfLink, which is of
// no use and is not kept. Whatever somebody writes there, it is not this.
var sumMark = "template " + rand.Text() + " "

// mark notes the hash in an object that was read.
func mark(rs *appsv1.ReplicaSet, sum template.Sum) { rs.SetSelfLink(sumMark + string(sum[:])) }

// TemplateSum is template.SumOf of the template of a ReplicaSet that a serializer of
// Codecs read. It is false if the ReplicaSet has its whole template.
func TemplateSum(rs *appsv1.ReplicaSet) (sum template.Sum, ok bool) {
	text, ok := strings.CutPrefix(rs.GetSelfLink(), sumMark)
	return sum, ok && copy(sum[:], text) == len(sum)
}
