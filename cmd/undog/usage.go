package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/undog-dev/undog/config/spell"
)

// usageError is a command line that cannot be understood.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// usagef says what is wrong and where the manual is.
func usagef(cmd *cobra.Command, format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...) + fmt.Sprintf("see '%s --help'", cmd.CommandPath())}
}

// flagError tells the flag that was likely meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usagef(cmd, "%s; ", err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := spell.Closest(unknown.GetSpecifiedName(), names); near != "" {
		return usagef(cmd, "%s; did you mean --%s? ", err, near)
	}
	return usagef(cmd, "%s; ", err)
}
