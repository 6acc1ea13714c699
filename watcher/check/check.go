package check

import "time"

// Check is a script of requests against one pod, or a command run in it, or
// patterns in its log, or a metric. Exactly one of Steps, Exec, Log and Metric is
// given. The yaml tags are its key names wherever a check is written.
type Check struct {
	// Name is what results are known by.
	Name string `yaml:"name"`
	// Exec is a command that is run in the pod, instead of Steps.
	Exec *Exec `yaml:"exec"`
	// Log is what the pod's log must not hold, instead of Steps.
	Log *Log `yaml:"log"`
	// Metric is a question to Prometheus, instead of Steps.
	Metric *Metric `yaml:"metric"`
	// Port is a number or the name of a container's port; empty is the first.
	Port string `yaml:"port"`
	// Scheme is http or https; empty is http.
	Scheme string `yaml:"scheme"`
	// Host is the Host header of every request; empty is the pod's address.
	Host string `yaml:"host"`
	// ServerName is the name that the pod's certificate must be valid for. If it
	// is empty the certificate is not verified, as the kubelet does not for
	// its probes: pods bring certificates that nobody but a mesh knows.
	ServerName string `yaml:"serverName"`
	// Headers are sent with every request; a step's own win. An application
	// that expects a proxy in front of it may need X-Forwarded-Proto.
	Headers map[string]string `yaml:"headers"`
	// Persona names who plays; its values are {{ .persona.NAME }}.
	Persona string `yaml:"persona"`
	// Timeout is for all steps together; 0 is 30s.
	Timeout time.Duration `yaml:"timeout"`
	// BodyLimit is how many bytes of each body are read; 0 is 256 KiB.
	BodyLimit int `yaml:"bodyLimit"`
	// Steps are played in order until one fails.
	Steps []Step `yaml:"steps"`
}

// Exec is a command run in a container of the pod, without a shell and without
// input. It fails if it exits with another code or writes something else than
// expected; a command that cannot be started, or that the time ends, is
// inconclusive unless the old pod's answered at the same moment.
type Exec struct {
	// Container is its name; empty is the first.
	Container string `yaml:"container"`
	// Command is the program and its arguments.
	Command []string `yaml:"command"`
	// ExitCodes are those that are well; empty is 0.
	ExitCodes []int `yaml:"exitCodes"`
	// Output is what standard output and error together must be like; nothing is
	// filled into its texts.
	Output BodyExpect `yaml:"output"`
}

// Log is a look at what a container has written since the last look. A pod fails
// a look in which a line matches one of Patterns and none of Ignore.
type Log struct {
	// Container is its name; empty is the first.
	Container string `yaml:"container"`
	// Patterns are regular expressions of lines that must not be there.
	Patterns []string `yaml:"patterns"`
	// Ignore are regular expressions of lines that do not count.
	Ignore []string `yaml:"ignore"`
}

// Metric is a question to a Prometheus-compatible server about each revision.
// The queries may hold {{ .namespace }}, {{ .deployment }}, {{ .replicaset }},
// {{ .hash }} and {{ .pods }}, a regular expression of the names of its pods. No
// data is inconclusive, and so is every trouble of the server.
type Metric struct {
	// Query is one that gives a number, which Max and Min bound.
	Query string `yaml:"query"`
	// Max is the largest number that is well.
	Max *float64 `yaml:"max"`
	// Min is the smallest number that is well.
	Min *float64 `yaml:"min"`
	// Failures is a query that gives a counter since the pods started, of what
	// failed out of Total: how often the new revision fails is compared with how
	// often the old one does.
	Failures string `yaml:"failures"`
	// Total is a query that gives a counter since the pods started, of all that
	// Failures are a part of.
	Total string `yaml:"total"`
}

// Step is one request and what is done with its answer.
type Step struct {
	// Name is told in results; empty is "step N".
	Name string `yaml:"name"`
	// Timeout is for this step; 0 is 10s.
	Timeout time.Duration `yaml:"timeout"`
	// Request is what is sent. Exactly one of Request and Submit is given.
	Request *Request `yaml:"request"`
	// Submit sends a form of the page that the step before ended on.
	Submit *Submit `yaml:"submit"`
	// Captures keep parts of the answer for later steps.
	Captures []Capture `yaml:"captures"`
	// Expect is what the answer must be like.
	Expect Expect `yaml:"expect"`
}

// Request is an HTTP request. All values may hold placeholders.
type Request struct {
	// Method is empty for GET, or for POST if there is a body.
	Method string `yaml:"method"`
	// Path begins with a slash and may hold a query.
	Path string `yaml:"path"`
	// Headers are added to this request; a host header among them is this request's.
	Headers map[string]string `yaml:"headers"`
	// Form, JSON and Text are bodies; at most one is given. Placeholders in
	// JSON stand within its strings and are escaped as such.
	Form map[string]string `yaml:"form"`
	JSON string            `yaml:"json"`
	Text string            `yaml:"text"`
	// Redirects is how many are followed: 0 is five, -1 none.
	Redirects int `yaml:"redirects"`
}

// Submit fills in and sends a form. Hidden fields, the CSRF token among them,
// are sent as they are in the page.
type Submit struct {
	// Form is the id, name or action of the form; empty is the first that has
	// all of Fields.
	Form string `yaml:"form"`
	// Fields are the values of fields by name. A name that the form does not
	// have makes the step inconclusive.
	Fields map[string]string `yaml:"fields"`
	// Headers are added to the request.
	Headers map[string]string `yaml:"headers"`
	// Redirects is how many are followed: 0 is five, -1 none.
	Redirects int `yaml:"redirects"`
}

// Capture keeps a part of an answer as {{ .captures.NAME }}. Exactly one of
// Regex, JSON and Header is given.
type Capture struct {
	// Name is the NAME in {{ .captures.NAME }}.
	Name string `yaml:"name"`
	// Regex is searched in the body; its first group is kept, or all of it.
	Regex string `yaml:"regex"`
	// JSON is a path to a string, number or boolean.
	JSON string `yaml:"json"`
	// Header is the name of a header.
	Header string `yaml:"header"`
	// Reveal lets the value be shown; without it, it is treated as a secret.
	Reveal bool `yaml:"reveal"`
}

// Expect is what an answer must be like. All of it must hold.
type Expect struct {
	// Status are codes or classes: 200, 2xx. One of them must fit.
	Status []string `yaml:"status"`
	// Headers are conditions on headers.
	Headers []HeaderExpect `yaml:"headers"`
	// Body has conditions on the body as text.
	Body BodyExpect `yaml:"body"`
	// JSON are conditions on values of a JSON body.
	JSON []JSONExpect `yaml:"json"`
	// CEL are expressions over the response, each of which must be true.
	CEL []string `yaml:"cel"`
	// Within is how long the answer may take, to the end of its body; 0 is as
	// long as the step may.
	Within time.Duration `yaml:"within"`
}

// BodyExpect has texts and regular expressions. Texts may hold placeholders.
type BodyExpect struct {
	// Contains are texts that must be there.
	Contains []string `yaml:"contains"`
	// NotContains are texts that must not be there.
	NotContains []string `yaml:"notContains"`
	// Matches are regular expressions that must match.
	Matches []string `yaml:"matches"`
	// NotMatches are regular expressions that must not match.
	NotMatches []string `yaml:"notMatches"`
}

// HeaderExpect is a condition on one header. Without a condition it must be there.
type HeaderExpect struct {
	// Name is the header's.
	Name string `yaml:"name"`
	// Equals is the value.
	Equals string `yaml:"equals"`
	// Matches is a regular expression that must match the value.
	Matches string `yaml:"matches"`
	// NotMatches is a regular expression that must not match the value.
	NotMatches string `yaml:"notMatches"`
	// Absent demands that the header is not there.
	Absent bool `yaml:"absent"`
}

// JSONExpect is a condition on the value at a path. Without a condition the
// path must exist, with whatever value.
type JSONExpect struct {
	// Path is where the value is, such as $.items[0].name.
	Path string `yaml:"path"`
	// Equals is the value as text: a string without its quotes, a number, true,
	// false, null, or the JSON of a list or object.
	Equals *string `yaml:"equals"`
	// Matches is a regular expression on that text.
	Matches string `yaml:"matches"`
	// Type is string, number, boolean, null, array or object.
	Type string `yaml:"type"`
	// NotEmpty refuses null, "", [] and {}.
	NotEmpty bool `yaml:"notEmpty"`
	// Absent demands that there is nothing.
	Absent bool `yaml:"absent"`
}

// Label is what the step is called in results.
func (s *Step) Label(i int) string {
	if s.Name != "" {
		return s.Name
	}
	return "step " + itoa(i+1)
}
