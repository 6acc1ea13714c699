package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/cmd/undog/app"
	"github.com/undog-dev/undog/config/spell"
)

// program is what the commands share: where they write, and what they start.
type program struct {
	out, err io.Writer
	// in is nil for the standard input.
	in io.Reader
	// now and env are the clock and the variables for config check.
	now   func() time.Time
	env   []string
	watch func(context.Context, app.Options) error
}

func newProgram(out, err io.Writer) *program {
	return &program{out: out, err: err, now: time.Now, env: os.Environ(), watch: app.Run}
}

func newRoot(p *program) *cobra.Command {
	var told bool
	root := &cobra.Command{
		Use:   "undog",
		Short: "undog watches rollouts, undoes bad ones and tells why",
		Long: `undog watches the rollouts of Deployments. A new revision that is bad by
evidence, and by its own fault, is rolled back to the newest one proven good,
and every subscriber of the event stream is told why.`,
		// run reports errors, so that one of the command line is told from others.
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          onlyCommands,
		RunE: func(cmd *cobra.Command, args []string) error {
			if told {
				return readBuild().write(p)
			}
			return showHelp(cmd, args)
		},
	}
	root.Flags().BoolVar(&told, "version", false, "tell the version of this binary, as undog version does")
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newRun(p), newEvents(p), newExplain(p), newHistory(p), newVerdict(p), newConfig(p), newCheck(p), newResume(p), newVersion(p))
	return root
}

// showHelp is what a command does that only has commands of its own.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// onlyCommands rejects what is no command, and tells the nearest one.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	hint := ""
	if near := spell.Closest(args[0], names); near != "" {
		hint = "did you mean " + near + "? "
	}
	return usagef(cmd, "unknown command %q; %s", args[0], hint)
}

// exactly asks for the arguments that are named, and for no others. One in
// brackets may be left out.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		needed := len(names)
		for needed > 0 && strings.HasPrefix(names[needed-1], "[") {
			needed--
		}
		switch {
		case len(args) < needed:
			return usagef(cmd, "%s is missing; ", strings.Join(names[len(args):needed], " "))
		case len(args) > len(names):
			return usagef(cmd, "%s", fmt.Sprintf("argument %q is one too many; ", args[len(names)]))
		}
		return nil
	}
}
