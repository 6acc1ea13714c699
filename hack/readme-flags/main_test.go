package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undog-dev/undog/config"
)

func TestTableNamesEverySetting(t *testing.T) {
	var out bytes.Buffer
	if err := run(nil, &out); err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(rows) != len(config.Settings())+5 {
		t.Errorf("%d lines:\n%s", len(rows), out.String())
	}
	if want := "| `--nats-store-dir` folder | `UNDOG_NATS_STOREDIR` | `nats.storeDir` |  | "; !strings.Contains(out.String(), want) {
		t.Errorf("no row %s in\n%s", want, out.String())
	}
	for _, row := range rows[1 : len(rows)-1] {
		if strings.Count(row, "|")-strings.Count(row, `\|`) != 6 {
			t.Errorf("not five columns: %s", row)
		}
	}
}

func TestCheckAndWrite(t *testing.T) {
	name := filepath.Join(t.TempDir(), "README.md")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fails := func(want string, args ...string) {
		t.Helper()
		if err := run(args, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("run %v: %v, want %s", args, err, want)
		}
	}
	fails("no such file", "-check", name)
	put("# undog\n")
	fails("are not both there", "-check", name)
	fails("are not both there", "-write", name)
	put("# undog\n" + begin + "\nold\n" + end + "\nmore\n")
	fails("out of date", "-check", name)
	if err := run([]string{"-write", name}, nil); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-check", name}, nil); err != nil {
		t.Errorf("after -write: %v", err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if want := "# undog\n" + block() + "more\n"; string(text) != want {
		t.Errorf("wrote\n%s\nwant\n%s", text, want)
	}
	fails("give nothing", "-check", name, "-write", name)
}
