package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/undog-dev/undog/notify"
)

// examples is where one event of each kind is kept.
const examples = folder + "examples/"

// object is a JSON object whose order does not matter: its keys are sorted.
type object = map[string]any

// asyncapi is the AsyncAPI document: where the events are, and what they look like.
func asyncapi(root string) (file, error) {
	channels, operations, messages := object{}, object{}, object{}
	for _, k := range notify.Kinds() {
		example, err := os.ReadFile(filepath.Join(root, examples+k.Name()+".json"))
		if err != nil {
			return file{}, fmt.Errorf("read the example of %s: %w", k.Name(), err)
		}
		channels[k.Name()] = channel(k)
		operations["send."+k.Name()] = object{
			"action": "send", "summary": k.When,
			"channel": ref("channels/" + k.Name()), "messages": []any{ref("channels/" + k.Name() + "/messages/" + k.Name())},
		}
		messages[k.Name()] = object{
			"name": k.Type(), "title": k.Name(), "summary": k.When, "contentType": notify.ContentType,
			"headers": object{"type": "object", "required": []string{"Nats-Msg-Id", "Content-Type"}, "properties": object{
				"Nats-Msg-Id":  object{"type": "string", "description": "The event's id; with a suffix where it had to be published anew."},
				"Content-Type": object{"type": "string", "const": notify.ContentType},
			}},
			"payload": object{
				"schemaFormat": "application/schema+json;version=draft-2020-12",
				"schema":       object{"$ref": "schemas/v1/" + k.Name() + ".json"},
			},
			"correlationId": object{"description": "Shared by all events of one rollout.", "location": "$message.payload#/correlationid"},
			"examples":      []any{object{"payload": json.RawMessage(example)}},
		}
	}
	if err := askVerdict(channels, operations, messages); err != nil {
		return file{}, err
	}
	b, err := marshal(object{
		"asyncapi": "3.0.0",
		"info": object{
			"title": "undog", "version": "1.0.0", "license": object{"name": "Apache 2.0"},
			"description": "The events of undog, the rollout watchdog: CloudEvents 1.0 in structured JSON, in the JetStream stream UNDOG; and the verdicts that it is told.",
		},
		"defaultContentType": notify.ContentType,
		"channels":           channels, "operations": operations, "components": object{"messages": messages},
	}, "  ")
	return file{"docs/asyncapi.json", b}, err
}

func channel(k notify.Kind) object {
	parameters := object{}
	for name, what := range map[string]string{
		"cluster":   "The name that undog was given for the cluster.",
		"namespace": "The workload's namespace.",
		"kind":      "The workload's kind in lower case; fleet for what is told of all workloads together.",
		"name":      "The workload's name, '.' written as '_'.",
	} {
		parameters[name] = object{"description": what}
	}
	return object{
		"address":    strings.Join([]string{notify.SubjectPrefix, "{cluster}", "{namespace}", "{kind}", "{name}", k.Noun, k.Verb}, "."),
		"parameters": parameters,
		"messages":   object{k.Name(): ref("components/messages/" + k.Name())},
	}
}

func ref(to string) object { return object{"$ref": "#/" + to} }
