package main

import (
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
)

// named is the namespace and the name that a flag gives, as NAME or as
// NAMESPACE/NAME, which must not contradict --namespace.
func named(cmd *cobra.Command, flag, value, namespace string) (in, name string, err error) {
	if !strings.Contains(value, "/") {
		return namespace, value, nil
	}
	in, name, _ = strings.Cut(value, "/")
	if len(validation.IsDNS1123Label(in)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return "", "", usagef(cmd, "%s %q is not NAMESPACE/NAME; write one such as shop/web; ", flag, value)
	}
	if namespace != "" && namespace != in {
		return "", "", usagef(cmd, "%s %s is not in --namespace %s; name one namespace; ", flag, value, namespace)
	}
	return in, name, nil
}

// namedOnce reads an argument NAMESPACE/NAME, as the other commands take it, or
// the flag --deployment in its place.
func namedOnce(cmd *cobra.Command, args []string, flag, namespace string) (in, name string, err error) {
	if len(args) == 0 {
		return named(cmd, "--deployment", flag, namespace)
	}
	if _, _, err := deployment(cmd, args[0]); err != nil {
		return "", "", err
	}
	if flag != "" {
		return "", "", usagef(cmd, "%s and --deployment %s are both given; name the Deployment once; ", args[0], flag)
	}
	return named(cmd, "Deployment", args[0], namespace)
}
