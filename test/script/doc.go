// Package script is the language in which a test says how pods behave: a
// timeline of exits, readiness, failures to start, evictions and HTTP answers
// for the containers that a rule matches.
//
//	seed: 7
//	backOff: {base: 1s}             # the kubelet's 10s would make a test long
//	rules:
//	  - name: v1.1 crashes twice, then runs
//	    match: {namespaces: [demo], image: "*:v1.1"}
//	    play:
//	      exits: [{after: 1s, code: 3, times: 2}]
//	      then: run
//	  - name: v1.2 does not exist
//	    match: {image: "*:v1.2"}
//	    play: {fail: {reason: ErrImagePull}}
//	  - name: every second replica serves errors
//	    match: {labels: {app: web}, ordinals: "1-"}
//	    play:
//	      http: {port: 8080, routes: [{path: /*, status: 500, chance: 0.2}, {path: /*}]}
//
// A pod can carry its own play in the annotation script.undog.dev/play of its
// template; it wins over the rules.
//
// The package owns the words, their defaults and their errors, and is pure: it
// reads no clock and calls no API. What a container then does is package
// lifecycle.
package script

// Annotation holds a pod's own play, as YAML.
const Annotation = "script.undog.dev/play"
