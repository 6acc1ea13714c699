package app

import (
	"errors"
	"fmt"
	"syscall"
)

// unheard says that undog cannot listen, and what to do where another program does.
func unheard(addr string, err error) error {
	err = fmt.Errorf("listen on http.addr %s: %w", addr, err)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: another program, or another undog, has it; choose another with --http-addr, port 0 for any", err)
	}
	return err
}
