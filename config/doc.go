// Package config turns one YAML file, the environment and the command line
// into a checked Config.
//
// The file is decoded here, not by viper: keys keep their case, unknown and
// repeated keys are errors, a bare number is not a duration, and every
// problem is reported at once with its path and line. viper layers what can
// be set in more than one place: defaults, then the file, then the
// environment (UNDOG_…), then flags. Policies, checks, personas and where
// metrics are asked for come from the file alone.
//
// What a check may say is for package check to judge; what it says is told with
// the file's lines. No value of a persona is ever repeated in a message.
//
// Weigh decides what a running undog makes of another file: the daemon and
// undog config check --against ask it alike.
//
// What must not be here: compiling. Selectors and expressions are checked and
// handed on as text, so that config stays the contract and its readers decide
// what a policy does.
package config
