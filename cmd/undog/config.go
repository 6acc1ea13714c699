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
	group.AddCommand(&cobra.Command{
		Use:   "check FILE",
		Short: "Check a configuration file and say what it means",
		Long: `Check a configuration file by itself, and say what it means: flags and variables
are not laid over it. FILE is - for the standard input. Everything that is wrong
is told at once, with its line; the exit code is then 1.`,
		Args: exactly("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := readConfig(cmd.Context(), cmd.InOrStdin(), args[0])
			if err != nil {
				return configError(err)
			}
			return meaning(p.out, file, p.now(), append(config.Unread(p.env), config.Warnings(&file.Config)...))
		},
	})
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

// readConfig reads the file that is to be checked.
func readConfig(ctx context.Context, stdin io.Reader, name string) (*config.File, error) {
	if name != "-" {
		file, err := config.ReadFile(name, compilers)
		if errors.Is(err, config.ErrNoFile) {
			err = fmt.Errorf("%w; write - for the standard input", err)
		}
		return file, err
	}
	data, err := drain(ctx, stdin)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return config.Parse("standard input", data, compilers)
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
