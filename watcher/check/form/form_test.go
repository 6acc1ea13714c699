package form_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check/form"
)

func TestAll(t *testing.T) {
	const page = `<form id=login method=post action=" /login "><input type=hidden name=csrf value="a&amp;b">
<input name=user><input type=password name=pw><input type=checkbox name=keep checked><input type=checkbox name=not value=1>
<textarea name=note>hi
there</textarea><select name=lang><option value=de>D<option selected>en</select><select name=size><option value=s>S<option value=m>M</select>
<input name=off value=1 disabled><button name=go value=1>Go</button><input value=nameless></form>
<input form=login name=outside value=o><form name=search enctype="multipart/form-data"><input name=q></form>`
	var got strings.Builder
	for _, f := range form.All([]byte(page)) {
		fmt.Fprintf(&got, "%s|%s|%s|%s|%v\n", f.ID, f.Name, f.Action, f.Method, f.Multipart)
		for _, field := range f.Fields {
			fmt.Fprintf(&got, " %s %s %q %v\n", field.Name, field.Type, field.Value, field.Sent)
		}
	}
	const want = `login||/login|POST|false
 csrf hidden "a&b" true
 user text "" true
 pw password "" true
 keep checkbox "on" true
 not checkbox "1" false
 note textarea "hi\nthere" true
 lang select "en" true
 size select "s" true
 off text "1" false
 go submit "1" false
 outside text "o" true
|search||GET|true
 q text "" true
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func FuzzAll(f *testing.F) {
	f.Add([]byte(`<form id=a><select name=b><option selected></form><input form=a name=c>`))
	f.Fuzz(func(t *testing.T, page []byte) {
		for _, found := range form.All(page) {
			for _, field := range found.Fields {
				if !found.Has(field.Name) {
					t.Errorf("%q is lost", field.Name)
				}
			}
		}
	})
}
