package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/config/schema"
)

func newConfig(p *program) *cobra.Command {
	group := &cobra.Command{
		Use:   "config",
		Short: "Look at configuration files",
		Args:  onlyCommands,
		RunE:  showHelp,
	}
	group.AddCommand(newConfigCheck(p))
	group.AddCommand(&cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file, for editors",
		Long: `Print the JSON Schema (draft 2020-12) of the configuration file. Editors that
know YAML schemas use it to complete and to check while you write:

  undog config schema > undog.schema.json

and, as the first line of the file,

  # yaml-language-server: $schema=undog.schema.json

undog config check knows more than a schema can say.`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			if _, err := p.out.Write(schema.JSON()); err != nil {
				return fmt.Errorf("print the schema: %w", err)
			}
			return nil
		},
	})
	return group
}

func newConfigCheck(p *program) *cobra.Command {
	var against, output string
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration file and say what it means, or what a reload of it does",
		Long: `Check a configuration file by itself, and say what it means: flags and variables
are not laid over it, but those variables are told that say otherwise. FILE is -
for the standard input. Everything that is wrong is told at once, with its line;
the exit code is then 1.

With --against OLD, say instead what an undog that runs by OLD makes of FILE: the
keys that differ, and from when on each counts. undog takes a file whole or not at
all. The exit code is 0 if it takes FILE, 1 if one of the two is wrong, and 3 if
FILE changes what counts from the next start on, for which undog does not take it.
Not asked is the cluster, whether undog has the rights for mode enforce.`,
		Example: `  undog config check undog.yaml
  kubectl get configmap undog -n undog -o jsonpath='{.data.undog\.yaml}' | undog config check new.yaml --against -`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stdin := cmd.Context(), cmd.InOrStdin()
			if err := checkOutput(cmd, output); err != nil {
				return err
			}
			switch {
			case !cmd.Flags().Changed("against") && output == outputJSON:
				return usagef(cmd, "--output json goes with --against; ")
			case !cmd.Flags().Changed("against"):
				file, err := readConfig(ctx, stdin, args[0])
				if err != nil {
					return configError(err)
				}
				return meaning(p.out, file, p.now(), append(p.elsewhere(file), config.Warnings(&file.Config)...))
			case against == "":
				return usagef(cmd, "--against is empty; name a file or leave it out; ")
			case against == "-" && args[0] == "-":
				return usagef(cmd, "FILE and --against are both the standard input; name a file for one; ")
			}
			a, diff, err := weigh(ctx, stdin, args[0], against)
			if err != nil {
				return configError(err)
			}
			return p.reload(a, diff, output)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&against, "against", "", "`file` that undog runs by: say what a reload of FILE does")
	f.StringVarP(&output, "output", "o", outputText, "text or, with --against, json")
	return cmd
}

// elsewhere is what the variables say to a file: those that are not read, and what
// of the file counts for nothing where they are set.
func (p *program) elsewhere(file *config.File) []string {
	warnings := config.Unread(p.env)
	for _, o := range file.Overridden(config.Options{Env: p.env}) {
		warnings = append(warnings, o.String()+", here at least")
	}
	return warnings
}

// readConfig reads the file that is to be checked.
func readConfig(ctx context.Context, stdin io.Reader, name string) (*config.File, error) {
	data, from, err := readContent(ctx, stdin, name)
	if err != nil {
		return nil, err
	}
	return config.Parse(from, data, compilers)
}

// readContent reads a file, or the standard input; from is its name in messages.
func readContent(ctx context.Context, stdin io.Reader, name string) (data []byte, from string, err error) {
	if name == "-" {
		if data, err = drain(ctx, stdin); err != nil {
			return nil, "", fmt.Errorf("read standard input: %w", err)
		}
		return data, "standard input", nil
	}
	if data, err = config.Read(name); err != nil {
		err = fmt.Errorf("read configuration: %w", err)
	}
	if errors.Is(err, config.ErrNoFile) {
		err = fmt.Errorf("%w; write - for the standard input", err)
	}
	return data, name, err
}

// maxInput is more than Parse accepts, so that it sees what is too much.
const maxInput = 2 << 20

// drain reads until the end or until ctx ends. Nothing can interrupt a read of
// the standard input; one that is given up ends with the process.
func drain(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(r, maxInput))
		read <- result{data, err}
	}()
	select {
	case got := <-read:
		return got.data, got.err
	case <-ctx.Done():
		// Not ctx's own error: nothing was checked, so this is no success.
		return nil, errors.New("stopped before its end")
	}
}
