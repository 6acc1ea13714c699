// Package install tests what deploy/ ships on a real API server: that the chart
// and the kustomizations are accepted as they are rendered, that they grant the
// same rights and no more, that the admission policy keeps undog's service
// account to what it is for, and that what they say undog can run with.
//
// It must not hold manifests of its own that undog is installed with.
package install
