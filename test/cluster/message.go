package cluster

import (
	"encoding/json"
	"fmt"
)

// Message is one line that the control plane process writes to its standard
// output: a step it begins or, once, the URL of its ready API server.
type Message struct {
	Step   string `json:"step,omitempty"`
	Server string `json:"server,omitempty"`
}

// Encode is the message as a line without its end.
func (m Message) Encode() string {
	out, err := json.Marshal(m)
	if err != nil {
		// Two strings always encode.
		panic(err)
	}
	return string(out)
}

func decodeMessage(line []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(line, &m); err != nil {
		return Message{}, fmt.Errorf("decode control plane message %q: %w", line, err)
	}
	return m, nil
}
