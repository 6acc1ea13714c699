package jsonpath_test

import (
	"encoding/json"
	"testing"

	"github.com/undog-dev/undog/watcher/check/jsonpath"
)

const document = `{"user": {"name": "alice", "first-name": null, "a b": 1}, "items": [{"id": 7}, {"id": 8}], "empty": []}`

func TestFind(t *testing.T) {
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"$.user.name": `"alice"`, "user.name": `"alice"`, "$['user'].first-name": "null", `$.user["a b"]`: "1",
		"$.items[0].id": "7", "items[-1]['id']": "8", "$.empty": "[]", "$.items[1]": `{"id":8}`,
		"$.user.none": "", "$.items[2]": "", "$.items[-3]": "", "$.user[0]": "", "$.items.id": "", "$.empty[0]": "", "[0]": "",
	} {
		p, err := jsonpath.Parse(path)
		if err != nil {
			t.Errorf("Parse(%q): %v", path, err)
			continue
		}
		got := ""
		if found, ok := p.Find(v); ok {
			b, _ := json.Marshal(found)
			got = string(b)
		}
		if got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	whole, err := jsonpath.Parse("$")
	if found, ok := whole.Find(v); err != nil || !ok || found == nil {
		t.Errorf("$ is %v, %v, %v", found, ok, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, path := range []string{"", "$.", "$..name", "$.items[*]", "$.items[0:2]", "$.items[?(@.id)]", "$.a[", "$.a b", "$['a", "$$", "$.1", "a..b"} {
		if _, err := jsonpath.Parse(path); err == nil {
			t.Errorf("Parse(%q) is accepted", path)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"$.user.name", "items[-1]['id']", "$..x", `$["a"]`} {
		f.Add(seed)
	}
	var v any
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, path string) {
		if p, err := jsonpath.Parse(path); err == nil {
			p.Find(v)
		}
	})
}
