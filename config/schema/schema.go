// Package schema has the JSON Schema of the configuration file, for editors and
// other programs. config.Parse is what decides: it knows more than a schema can
// say. go run ./hack/config-schema -write makes it.
package schema

import _ "embed"

//go:embed config.json
var text []byte

// JSON is the schema, draft 2020-12.
func JSON() []byte { return append([]byte(nil), text...) }
