package supervisor

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

func TestContainerdConfigIsComplete(t *testing.T) {
	values := newContainerdValues(slot(3), "native", true)
	content, err := values.render(containerdConfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`address = "/run/undog/containerd.sock"`,
		`sandbox_image = "undog.test/pause:1"`,
		`restrict_oom_score_adj = true`,
		`snapshotter = "native"`,
		`config_path = "/run/undog/data/registry"`,
	} {
		if !strings.Contains(string(content), want+"\n") {
			t.Errorf("the configuration lacks %s:\n%s", want, content)
		}
	}
}

func TestNetworkConfigKeepsPodsInTheSlot(t *testing.T) {
	content, err := newContainerdValues(slot(3), "native", true).render(networkConfig)
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Plugins []struct {
			Bridge string
			IPAM   struct{ Ranges [][]map[string]string }
		}
	}
	if err := json.Unmarshal(content, &config); err != nil {
		t.Fatalf("%v:\n%s", err, content)
	}
	plugin := config.Plugins[0]
	got := plugin.IPAM.Ranges[0][0]
	if plugin.Bridge != bridge || got["subnet"] != "10.210.3.0/24" || got["rangeStart"] != "10.210.3.2" ||
		got["rangeEnd"] != "10.210.3.250" || got["gateway"] != "10.210.3.1" {
		t.Errorf("got %+v", config)
	}
}

// TestKubeletSettingsSurviveEncoding holds the settings whose empty value would
// be left out, and so become the kubelet's default.
func TestKubeletSettingsSurviveEncoding(t *testing.T) {
	content, err := yaml.Marshal(kubeletSettings(slot(3), "/ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"cgroupRoot: /undog3", "failCgroupV1: false", "failSwapOn: false",
		"localStorageCapacityIsolation: false", "makeIPTablesUtilChains: false",
		"oomScoreAdj: 0", `resolvConf: ""`, "nodefs.available: 0%",
		"enforceNodeAllocatable:\n- none",
	} {
		if !strings.Contains(string(content), want) {
			t.Errorf("the configuration lacks %q:\n%s", want, content)
		}
	}
}
