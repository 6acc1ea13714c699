package config

import yaml "go.yaml.in/yaml/v3"

// followed returns the node that an alias stands for. An alias of an alias
// cannot be written, so one step is enough.
func followed(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// exampleOf repeats a plain value for a way out, or stands in for it.
func exampleOf(n *yaml.Node) string {
	if tag := n.ShortTag(); n.Kind == yaml.ScalarNode && (tag == "!!str" || tag == "!!int") && n.Value != "" {
		return clip(n.Value)
	}
	return "…"
}

// kindOf names what YAML read, in the words of its readers.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping (key: value)"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode, yaml.AliasNode, yaml.DocumentNode:
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "a text"
	case "!!int", "!!float":
		return "a number to YAML"
	case "!!bool":
		return "a boolean to YAML"
	case "!!timestamp":
		return "a date to YAML"
	case "!!null":
		return "empty"
	default:
		return "tagged " + clip(tag)
	}
}
