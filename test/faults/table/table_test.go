package table_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undog-dev/undog/test/faults/table"
)

func TestWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	const head, tail = "# Faults\n<!-- begin a: written by make faults -->\n", "<!-- end a -->\nthe end\n"
	if err := os.WriteFile(file, []byte(head+"old\n"+tail), 0o644); err != nil {
		t.Fatal(err)
	}
	var p table.Page
	p.Add(table.Row{Order: 2, Fault: "second", Expected: 4, Received: 3, Invented: 2, Again: 1, Undone: "2 of 2", Caught: "1s"})
	p.Add(table.Row{Order: 1, Fault: "first"})
	if err := p.Write(file, "a"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := head + "| fault | expected | received | invented | seen again | undos meanwhile | told within |\n|---|--:|--:|--:|--:|---|---|\n" +
		"| first | 0 | 0 | 0 | 0 |  |  |\n| second | 4 | 3 | 2 | 1 | 2 of 2 | 1s |\n" + tail
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	// What is not played the next time stays, what is new has its place.
	var next table.Page
	next.Add(table.Row{Order: 2, Fault: "second", Expected: 5})
	next.Add(table.Row{Order: 3, Fault: "third"})
	if err := next.Write(file, "a"); err != nil {
		t.Fatal(err)
	}
	if got, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	want = head + "| fault | expected | received | invented | seen again | undos meanwhile | told within |\n|---|--:|--:|--:|--:|---|---|\n" +
		"| first | 0 | 0 | 0 | 0 |  |  |\n| second | 5 | 0 | 0 | 0 |  |  |\n| third | 0 | 0 | 0 | 0 |  |  |\n" + tail
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if err := p.Write(file, "b"); err == nil {
		t.Error("a part that the page does not have was written")
	}
}
