package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker for releases (-X main.version=v1.2.3).
var version string

// build is what the binary knows about itself.
type build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"`
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Kubernetes is the version of the client libraries.
	Kubernetes string `json:"kubernetesLibraries,omitempty"`
}

// readBuild asks the linker's record, as far as there is one.
func readBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describe(info, version)
}

func describe(info *debug.BuildInfo, linked string) build {
	b := build{Version: linked, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, dep := range info.Deps {
		if dep.Path != "k8s.io/client-go" {
			continue
		}
		if dep.Replace != nil {
			dep = dep.Replace
		}
		b.Kubernetes = dep.Version
	}
	return b
}

func newVersion(p *program) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Tell the version of this binary",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := readBuild()
			switch output {
			case "":
				return b.write(p)
			case "json":
				if err := json.NewEncoder(p.out).Encode(b); err != nil {
					return fmt.Errorf("write the version: %w", err)
				}
				return nil
			default:
				return usagef(cmd, "--output %q is not known; write json or leave it out; ", output)
			}
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "`json` for programs")
	return cmd
}

func (b build) write(p *program) error {
	modified := ""
	if b.Modified {
		modified = " with changes"
	}
	text := fmt.Sprintf("undog %s %s %s\n", b.Version, b.Go, b.Platform)
	if b.Commit != "" {
		text += fmt.Sprintf("commit %s%s of %s\n", b.Commit, modified, b.Date)
	}
	if b.Kubernetes != "" {
		text += fmt.Sprintf("Kubernetes libraries %s\n", b.Kubernetes)
	}
	if _, err := fmt.Fprint(p.out, text); err != nil {
		return fmt.Errorf("write the version: %w", err)
	}
	return nil
}
