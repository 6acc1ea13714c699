// Package access issues the credentials of a local test cluster: a certificate
// authority, serving and client certificates, service account keys, and the
// kubeconfig files that carry them.
//
// It owns nothing that runs and knows no file layout: callers say where the
// material goes. It must stay light, because tests import it.
package access
