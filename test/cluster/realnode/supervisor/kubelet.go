package supervisor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletconfig "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// kubeletSettings are a kubelet's defaults but for what this node lacks: a
// second cgroup version, iptables, DNS, and a machine of its own.
func kubeletSettings(s slot, clientCA string) *kubeletconfig.KubeletConfiguration {
	data := wire.DataDir(wire.StateDir)
	return &kubeletconfig.KubeletConfiguration{
		TypeMeta: metav1.TypeMeta{
			APIVersion: kubeletconfig.SchemeGroupVersion.String(),
			Kind:       "KubeletConfiguration",
		},
		ContainerRuntimeEndpoint: "unix://" + wire.Socket,
		PodLogsDir:               filepath.Join(data, "pod-logs"),
		VolumePluginDir:          filepath.Join(data, "volume-plugins"),
		Authentication: kubeletconfig.KubeletAuthentication{
			X509:      kubeletconfig.KubeletX509Authentication{ClientCAFile: clientCA},
			Webhook:   kubeletconfig.KubeletWebhookAuthentication{Enabled: new(true)},
			Anonymous: kubeletconfig.KubeletAnonymousAuthentication{Enabled: new(false)},
		},
		Authorization: kubeletconfig.KubeletAuthorization{Mode: kubeletconfig.KubeletAuthorizationModeWebhook},

		CgroupDriver:                  "cgroupfs",
		CgroupRoot:                    "/" + s.name(),
		FailCgroupV1:                  new(false),
		FailSwapOn:                    new(false),
		LocalStorageCapacityIsolation: new(false),
		EnforceNodeAllocatable:        []string{"none"},
		MakeIPTablesUtilChains:        new(false),
		OOMScoreAdj:                   new(int32(0)),
		ResolverConfig:                new(""),

		// The machine's disk is not the node's to judge: no evictions, and no
		// imported image is removed to make room.
		EvictionHard:                evictNever(),
		ImageGCHighThresholdPercent: new(int32(100)),
		ImageGCLowThresholdPercent:  new(int32(99)),
		ImageMinimumGCAge:           metav1.Duration{Duration: 24 * time.Hour},
	}
}

// evictNever names each signal: those left out would keep their defaults.
func evictNever() map[string]string {
	return map[string]string{
		"memory.available":   "0%",
		"nodefs.available":   "0%",
		"nodefs.inodesFree":  "0%",
		"imagefs.available":  "0%",
		"imagefs.inodesFree": "0%",
	}
}

// startKubelet writes what the kubelet reads and runs it.
func (n *node) startKubelet(config *wire.Config) error {
	data := wire.DataDir(wire.StateDir)
	clientCA := filepath.Join(data, "client-ca.crt")
	settings, err := yaml.Marshal(kubeletSettings(n.slot, clientCA))
	if err != nil {
		return fmt.Errorf("encode kubelet configuration: %w", err)
	}
	files := map[string][]byte{
		clientCA:                                  config.ClientCA,
		filepath.Join(data, "kubelet.yaml"):       settings,
		filepath.Join(data, "kubelet.kubeconfig"): config.KubeletKubeconfig,
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("configure kubelet: %w", err)
		}
	}
	return n.keepKubelet("--config="+filepath.Join(data, "kubelet.yaml"),
		"--kubeconfig="+filepath.Join(data, "kubelet.kubeconfig"),
		"--root-dir="+filepath.Join(data, "kubelet"),
		"--cert-dir="+filepath.Join(data, "pki"),
		"--hostname-override="+config.NodeName,
		"--node-ip="+n.slot.node().String())
}

// keepKubelet runs the kubelet, and another one each time it is asked for one.
func (n *node) keepKubelet(args ...string) error {
	const name = "kubelet"
	launch := func() (*exec.Cmd, <-chan unix.WaitStatus, error) {
		cmd := selfCommand(append([]string{name}, args...)...)
		ended, err := n.launch(name, cmd)
		return cmd, ended, err
	}
	cmd, ended, err := launch()
	if err != nil {
		return err
	}
	go func() {
		for {
			select {
			case status := <-ended:
				n.failed(name, status)
				return
			case <-n.restarts:
			}
			// It fails when the kubelet has just ended by itself.
			_ = cmd.Process.Kill()
			<-ended
			if cmd, ended, err = launch(); err != nil {
				n.fail(fmt.Errorf("start the kubelet again: %w", err))
				return
			}
			_ = wire.Write(os.Stdout, wire.Message{Restarted: true})
		}
	}()
	return nil
}

// selfCommand runs this program as another one. Its file may be in a folder
// that is hidden by now.
func selfCommand(args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Args[0] = "undog-node"
	return cmd
}

// startScheduler runs the scheduler, the only one of the cluster.
func (n *node) startScheduler(config *wire.Config) error {
	kubeconfig := filepath.Join(wire.DataDir(wire.StateDir), "scheduler.kubeconfig")
	if err := os.WriteFile(kubeconfig, config.SchedulerKubeconfig, 0o600); err != nil {
		return fmt.Errorf("configure scheduler: %w", err)
	}
	return n.start("scheduler", selfCommand("scheduler",
		"--kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
		"--leader-elect=false", "--bind-address=127.0.0.1"))
}
