package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

// maxFile bounds what is read; a real file is a few kilobytes.
const maxFile = 1 << 20

// File is one decoded file: the defaults, overlaid with what it says.
type File struct {
	Name   string
	Config Config
	// lines has the line of every path that the file sets.
	lines map[string]int
}

// Line returns the line that sets the path, and 0 if the file does not.
func (f *File) Line(path string) int { return f.lines[path] }

// Parse decodes and checks a file. name is for messages. The error is a
// Problems with everything that is wrong. An empty file is all defaults.
// c checks the expressions in it.
func Parse(name string, data []byte, c Compilers) (*File, error) {
	file, problems := parse(name, data, c)
	problems = file.faults(file.Config.NATS.rivals(), problems)
	if err := problems.err(); err != nil {
		return nil, err
	}
	return file, nil
}

func parse(name string, data []byte, c Compilers) (*File, Problems) {
	file := &File{Name: name, Config: Default(), lines: map[string]int{}}
	if len(data) > maxFile {
		return file, Problems{{File: name, Text: fmt.Sprintf("is larger than %d bytes; is it the right file?", maxFile)}}
	}
	root, problem := document(name, data)
	if problem != nil {
		return file, Problems{*problem}
	}
	d := decoder{file: file, visits: maxVisits, compilers: c}
	if root != nil {
		d.value(root, reflect.ValueOf(&file.Config).Elem(), path{})
	}
	if d.full {
		return file, d.problems
	}
	if d.visits <= 0 {
		return file, Problems{{File: name, Text: fmt.Sprintf("has more than %d values once its aliases are followed; write fewer", maxVisits)}}
	}
	d.policies()
	d.brake()
	d.evidence()
	d.election()
	d.plays()
	return file, d.problems
}

// document returns the root of the one document, nil if there is nothing in it.
func document(name string, data []byte) (*yaml.Node, *Problem) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root *yaml.Node
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		switch {
		case errors.Is(err, io.EOF):
			return root, nil
		case err != nil:
			return nil, syntax(name, err)
		case len(doc.Content) == 0 || isNull(doc.Content[0]):
			// A document of comments only says nothing and loses nothing.
		case root != nil:
			return nil, &Problem{File: name, Line: doc.Content[0].Line, Text: "a second YAML document begins here; undog reads one: remove the '---' or split the file"}
		default:
			root = doc.Content[0]
		}
	}
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line ([0-9]+): )?`)

// grammar recognises the messages of yaml's parser, apart from its scanner's.
var grammar = regexp.MustCompile(`^did not find expected (key|node content|'|',|<)`)

// syntax turns the parser's error into a problem.
func syntax(name string, err error) *Problem {
	text := err.Error()
	m := yamlLine.FindStringSubmatch(text)
	text = strings.TrimPrefix(text, m[0])
	line, convErr := strconv.Atoi(m[1])
	switch {
	case convErr != nil && strings.Contains(text, "anchor"):
		line = 0 // It names no line for these.
	case convErr != nil:
		line = 1 // It leaves out the first line's number.
	case grammar.MatchString(text):
		line++ // It counts from 0 for its grammar and from 1 for its words.
	}
	wayOut := "correct the YAML on this line or near it"
	switch {
	case strings.Contains(text, "cannot start any token"):
		wayOut = "indent with spaces, not tabs, and quote a value that begins with @, % or a back quote"
	case strings.Contains(text, "anchor"):
		wayOut = "quote a value that begins with * or write the anchor before it"
	}
	return &Problem{File: name, Line: line, Text: fmt.Sprintf("is not YAML: %s; %s", clip(text), wayOut)}
}
