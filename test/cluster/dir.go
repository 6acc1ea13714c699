package cluster

import "path/filepath"

// Dir is the state folder of one control plane. The methods name the files in
// it; the child writes them and the parent reads them.
type Dir string

// AdminKubeconfig is the kubeconfig of a member of system:masters.
func (d Dir) AdminKubeconfig() string { return d.file("admin.kubeconfig") }

// SchedulerKubeconfig is the kubeconfig of system:kube-scheduler.
func (d Dir) SchedulerKubeconfig() string { return d.file("scheduler.kubeconfig") }

// ControllerKubeconfig is the kubeconfig of system:kube-controller-manager.
func (d Dir) ControllerKubeconfig() string { return d.file("controller-manager.kubeconfig") }

// KubeletKubeconfig is the kubeconfig of the node's kubelet.
func (d Dir) KubeletKubeconfig(node string) string { return d.file("kubelet-" + node + ".kubeconfig") }

// AuditLog is the API server's audit log, one JSON event a line.
func (d Dir) AuditLog() string { return d.file("audit.log") }

// AuditPolicy says what the audit log holds.
func (d Dir) AuditPolicy() string { return d.file("audit-policy.yaml") }

// Log is what the control plane process wrote to its standard error.
func (d Dir) Log() string { return d.file("control-plane.log") }

// CA is the certificate of the cluster's authority, for servers and clients alike.
func (d Dir) CA() string { return d.file("ca.crt") }

// CAKey is the private key of the cluster's authority.
func (d Dir) CAKey() string { return d.file("ca.key") }

// ServingCert is the API server's serving certificate.
func (d Dir) ServingCert() string { return d.file("apiserver.crt") }

// ServingKey is the key of ServingCert.
func (d Dir) ServingKey() string { return d.file("apiserver.key") }

// KubeletClientCert is what the API server shows to a kubelet for logs and exec.
func (d Dir) KubeletClientCert() string { return d.file("apiserver-kubelet-client.crt") }

// KubeletClientKey is the key of KubeletClientCert.
func (d Dir) KubeletClientKey() string { return d.file("apiserver-kubelet-client.key") }

// ServiceAccountPublicKey verifies service account tokens.
func (d Dir) ServiceAccountPublicKey() string { return d.file("service-account.pub") }

// ServiceAccountKey signs service account tokens.
func (d Dir) ServiceAccountKey() string { return d.file("service-account.key") }

// EtcdData is etcd's data folder.
func (d Dir) EtcdData() string { return d.file("etcd") }

func (d Dir) file(name string) string { return filepath.Join(string(d), name) }
