package main

import "testing"

func TestShortened(t *testing.T) {
	const stream = "<!-- begin stream: written by make faults -->\n" +
		"| fault | expected | received | invented | seen again | undos meanwhile | told within |\n|---|--:|--:|--:|--:|---|---|\n" +
		"| NATS is down | 4 | 3 | 0 | 1 | 2 of 2, each 0s late | 1s |\n<!-- end stream -->\n"
	const undog = "<!-- begin undog: written by make faults -->\n" +
		"| undos meanwhile | fault | seen again | received | expected |\n|---|---|--:|--:|--:|\n| none | undog is killed | 7 | 8 | 9 |\n<!-- end undog -->\n"
	got, err := shortened("# Faults\n" + stream + "text\n" + undog)
	if err != nil {
		t.Fatal(err)
	}
	want := "| fault | events expected | received | duplicates by id | undos meanwhile, and how late |\n|---|--:|--:|--:|---|\n" +
		"| NATS is down | 4 | 3 | 1 | 2 of 2, each 0s late |\n| undog is killed | 9 | 8 | 7 | none |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, page := range map[string]string{
		"no marks":  "# Faults\n" + stream,
		"no rows":   "<!-- begin stream: written by make faults -->\n<!-- end stream -->\n<!-- begin undog: written by make faults -->\n<!-- end undog -->\n",
		"no column": stream + "<!-- begin undog: written by make faults -->\n| fault | expected |\n|---|--:|\n| x | 1 |\n<!-- end undog -->\n",
	} {
		if text, err := shortened(page); err == nil {
			t.Errorf("%s: got %q, want an error", name, text)
		}
	}
}
