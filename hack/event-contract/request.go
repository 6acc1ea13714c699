package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/undog-dev/undog/hack/comments"
	"github.com/undog-dev/undog/notify"
)

// requests is the folder of the schemas of what is asked of undog and answered.
const requests = "requests/"

// verdictSchemas makes those of a reported verdict and of the answer to it.
func verdictSchemas(docs comments.Texts) ([]file, error) {
	request, err := standalone(docs, reflect.TypeFor[notify.VerdictRequest](), "verdict.request", "A verdict that is reported to undog")
	if err != nil {
		return nil, err
	}
	request.Others = new(bool)
	refineRequest(request.Properties)
	reply, err := standalone(docs, reflect.TypeFor[notify.VerdictReply](), "verdict.reply", "undog's answer to a verdict")
	if err != nil {
		return nil, err
	}
	var files []file
	for name, s := range map[string]schema{"verdict.request": request, "verdict.reply": reply} {
		b, err := marshal(s, "  ")
		if err != nil {
			return nil, fmt.Errorf("schema of %s: %w", name, err)
		}
		files = append(files, file{folder + requests + name + ".json", b})
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// standalone is the schema of a type with everything that it refers to.
func standalone(docs comments.Texts, t reflect.Type, name, title string) (schema, error) {
	r := reader{docs: docs}
	s, err := r.object(t)
	s.Dialect, s.ID, s.Title, s.Defs = dialect, base+requests+name+".json", title, r.defs
	return s, err
}

// refineRequest adds what a request is held to when it is read.
func refineRequest(fields properties) {
	for i := range fields {
		f := &fields[i]
		switch f.name {
		case "namespace", "name":
			f.Pattern = `^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`
		case "revision":
			f.Pattern = "^[!-~]{1,512}$"
		case "verdict":
			f.Enum = []string{notify.Good, notify.Bad}
		case "reason":
			f.Pattern = `\S`
		}
	}
}

// verdictExamples are a request and its answer.
func verdictExamples() (request, reply json.RawMessage, err error) {
	request, err = notify.EncodeVerdict(notify.VerdictRequest{
		Revision: "example.org/web:v1.1", Verdict: notify.Bad, Reason: "error budget burns 14 times too fast", By: "slo",
	})
	if err != nil {
		return nil, nil, fmt.Errorf("make an example: %w", err)
	}
	reply, err = json.Marshal(notify.VerdictReply{
		Accepted: true, Reason: "Accepted", Message: "revision 2 is judged with this report", Phase: "RollingBack",
		Revision: notify.Revision{
			UID: "0a3f5d5e-6c0f-4f0e-9d53-0d7a2a1b7c11", Name: "web-66d9f7c5b8", Hash: "66d9f7c5b8", Number: 2, Images: []string{"example.org/web:v1.1"},
		},
	})
	if err != nil {
		return nil, nil, fmt.Errorf("make an example: %w", err)
	}
	return request, reply, nil
}

// askVerdict adds to an AsyncAPI document what is asked of undog.
func askVerdict(channels, operations, messages object) error {
	request, reply, err := verdictExamples()
	if err != nil {
		return err
	}
	const ask, answer = "verdict.request", "verdict.reply"
	channels[ask] = object{
		"address": strings.Join([]string{notify.RequestPrefix, "{cluster}", "{namespace}", "deployment", "{name}", "verdict"}, "."),
		"parameters": object{
			"cluster":   object{"description": "The name that undog was given for the cluster."},
			"namespace": object{"description": "The Deployment's namespace."},
			"name":      object{"description": "The Deployment's name, '.' written as '_'."},
		},
		"messages": object{ask: ref("components/messages/" + ask)},
	}
	channels[answer] = object{
		"address": nil, "description": "The subject that the request names for its answer, as every NATS request does.",
		"messages": object{answer: ref("components/messages/" + answer)},
	}
	operations["receive.verdict"] = object{
		"action": "receive", "summary": "Somebody who knows better than undog can reports a verdict on a revision.",
		"channel": ref("channels/" + ask), "messages": []any{ref("channels/" + ask + "/messages/" + ask)},
		"reply": object{"channel": ref("channels/" + answer), "messages": []any{ref("channels/" + answer + "/messages/" + answer)}},
	}
	for name, m := range map[string]struct {
		summary string
		example json.RawMessage
	}{
		ask:    {fmt.Sprintf("A verdict, at most %d bytes long. Unknown and repeated keys are refused.", notify.MaxRequest), request},
		answer: {"Whether it counts, and if not, why. No answer means that nothing is known: ask again.", reply},
	} {
		messages[name] = object{
			"name": name, "title": name, "summary": m.summary, "contentType": "application/json",
			"payload": object{
				"schemaFormat": "application/schema+json;version=draft-2020-12",
				"schema":       object{"$ref": "schemas/v1/" + requests + name + ".json"},
			},
			"examples": []any{object{"payload": m.example}},
		}
	}
	return nil
}
