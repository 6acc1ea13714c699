package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const hidden = "correct-horse-battery"

// greeter is a pod's application: a page for whoever knows the password.
func greeter(greeting string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if r.PostFormValue("password") == hidden {
				http.SetCookie(w, &http.Cookie{Name: "s", Value: "in", Path: "/"})
			}
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		if _, err := r.Cookie("s"); err != nil {
			_, _ = fmt.Fprint(w, `<form method="post"><input name="username"><input name="password" type="password"></form>`)
			return
		}
		_, _ = fmt.Fprintf(w, "<main><h1>%s</h1><p>%s</p></main>", greeting, hidden)
	}
}

// shop is a cluster with the Deployment shop/web, whose pods run here.
type shop struct {
	objects map[string]any
	// denied is what nobody may do.
	denied bool
}

// newShop has a pod of revision 2 that greets with now, and two of revision 1
// that greet with old; "" is none.
func newShop(t *testing.T, now, old string) *shop {
	t.Helper()
	const apps, core = "/apis/apps/v1/namespaces/shop/", "/api/v1/namespaces/shop/"
	meta := func(name, kind, owner string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID(name), Labels: map[string]string{"app": "web"}, OwnerReferences: controller(kind, owner, types.UID(owner))}
	}
	s := &shop{objects: map[string]any{
		apps + "deployments/web": appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "web", Labels: map[string]string{"app": "web"}},
			Spec:       appsv1.DeploymentSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
		},
		core + "secrets/persona": corev1.Secret{Data: map[string][]byte{"password": []byte(hidden)}},
	}}
	var sets appsv1.ReplicaSetList
	var pods corev1.PodList
	for number, greetings := range map[int][]string{1: {old, old}, 2: {now}} {
		set := appsv1.ReplicaSet{ObjectMeta: meta(fmt.Sprintf("web-%d", number), "Deployment", "web")}
		set.Annotations = map[string]string{"deployment.kubernetes.io/revision": strconv.Itoa(number)}
		set.Spec.Template = podTemplate(fmt.Sprintf("web:1.%d", number-1), "")
		sets.Items = append(sets.Items, set)
		for i, greeting := range greetings {
			if greeting == "" {
				continue
			}
			pod := corev1.Pod{ObjectMeta: meta(fmt.Sprintf("%s-%d", set.Name, i), "ReplicaSet", set.Name)}
			pod.Spec.Containers = []corev1.Container{{Name: "app", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: served(t, greeter(greeting))}}}}
			pod.Status = corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: "127.0.0.1",
				Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			}
			pods.Items = append(pods.Items, pod)
			s.objects[core+"pods/"+pod.Name] = pod
		}
		s.objects[apps+"replicasets/"+set.Name] = set
	}
	s.objects[apps+"replicasets"], s.objects[core+"pods"] = sets, pods
	return s
}

// served starts an application and returns its port.
func served(t *testing.T, h http.Handler) int32 {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return int32(server.Listener.Addr().(*net.TCPAddr).Port)
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	object, ok := s.objects[r.URL.Path]
	switch {
	case strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews"):
		object = authorizationv1.SelfSubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: !s.denied}}
		w.WriteHeader(http.StatusCreated)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		object = metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound, Message: r.URL.Path}
	}
	_ = json.NewEncoder(w).Encode(object)
}

const loginSteps = `    persona: admin
    steps:
      - request: {path: /}
      - submit: {fields: {username: "{{ .persona.username }}", password: "{{ .persona.password }}"}}
      - name: front page
        request: {path: /}
`

const somebody = `personas:
  - name: admin
    values: {username: admin}
    secret: {namespace: shop, name: persona}
`

// written is a file with one check.
func written(expect string) string {
	return "checks:\n  - name: greeting\n    match: {namespaces: [shop], selector: app=web}\n" + loginSteps + expect + somebody
}

func TestCheckRun(t *testing.T) {
	const expected = "        expect: {body: {contains: [\"Welcome admin!\"]}}\n"
	for name, tt := range map[string]struct {
		now, old string
		file     string
		args     string
		code     int
		first    string
	}{
		"passed": {"Welcome admin!", "Welcome admin!", written(expected), "", 0, "greeting on shop/web passed: revision 2 does what is expected"},
		"failed": {"Welcome !", "Welcome admin!", written(expected), "", 1, `greeting on shop/web failed at step "front page"`},
		"without expectation": {
			"Welcome !", "Welcome admin!", written(""), "", 1, "greeting on shop/web failed without an expectation: revision 2 lost what revision 1",
		},
		"against none":  {"Welcome !", "Welcome admin!", written(""), "--against none", 0, "greeting on shop/web passed on revision 2 alone"},
		"one revision":  {"Welcome admin!", "", written(expected), "", 0, "greeting on shop/web passed on revision 2 alone"},
		"by its number": {"Welcome admin!", "Welcome !", written(expected), "--against 1", 0, "greeting on shop/web passed: revision 2 does what is expected, and revision 1 does not"},
		"no Secret": {
			"Welcome admin!", "Welcome admin!", strings.Replace(written(expected), "name: persona", "name: nobody", 1), "", 3,
			"greeting on shop/web is inconclusive (Persona): persona admin: there is no Secret shop/nobody",
		},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t)
			server := httptest.NewServer(newShop(t, tt.now, tt.old))
			t.Cleanup(server.Close)
			args := append([]string{"check", "run", write(t, tt.file), "shop/web", "--reach", "podIP", "--kubeconfig", kubeconfigFor(t, server.URL)},
				strings.Fields(tt.args)...)
			code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), args...)
			if code != tt.code || !strings.HasPrefix(stdout, tt.first) || stderr != "" {
				t.Errorf("code %d, want %d, %s\n%s", code, tt.code, stderr, stdout)
			}
			if strings.Contains(stdout+stderr, hidden) {
				t.Errorf("the password is shown:\n%s", stdout)
			}
		})
	}
}

// A pod of the old revision is compared with the new one, just as well.
func TestCheckRunOnAPod(t *testing.T) {
	alone(t)
	server := httptest.NewServer(newShop(t, "Welcome admin!", "Welcome !"))
	t.Cleanup(server.Close)
	t.Setenv("UNDOG_REACH", "podIP")
	t.Setenv("UNDOG_KUBECONFIG", kubeconfigFor(t, server.URL))
	for _, pod := range []string{"web-1-1 -n shop", "shop/web-1-1"} {
		args := append([]string{"check", "run", write(t, written("")), "--pod"}, strings.Fields(pod)...)
		code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), args...)
		if code != exitError || !strings.Contains(stdout, "new  revision 1 (web:1.0): web-1-1\n  old  revision 2 (web:1.1): web-2-0\n") {
			t.Errorf("--pod %s: code %d, %s\n%s", pod, code, stderr, stdout)
		}
	}
}

// Several checks are counted together, and the worst one gives the exit code.
func TestCheckRunSeveral(t *testing.T) {
	alone(t)
	server := httptest.NewServer(newShop(t, "Welcome admin!", "Welcome admin!"))
	t.Cleanup(server.Close)
	file := write(t, `checks:
  - {name: fine, match: {}, steps: [{request: {path: /}}]}
  - {name: others, match: {namespaces: [another]}, steps: [{request: {path: /}}]}
  - {name: wrong, match: {}, steps: [{request: {path: /}, expect: {status: ["404"]}}]}
`)
	run := []string{"check", "run", file, "--deployment", "web", "-n", "shop", "--reach", "podIP", "--lines", "0", "--kubeconfig", kubeconfigFor(t, server.URL)}
	code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), run...)
	if code != exitInconclusive || !strings.HasSuffix(stdout, "\n2 checks: 1 passed, 0 failed, 1 inconclusive\n") || stderr != "" {
		t.Errorf("code %d, %s\n%s", code, stderr, stdout)
	}
	code, stdout, stderr = start(t.Context(), t, newProgram(nil, nil), append(run, "--check", "others")...)
	if code != exitOK || stderr != "undog: undog would not play check others on shop/web: its match is for others\n" {
		t.Errorf("code %d, %s\n%s", code, stderr, stdout)
	}
}

// What is wrong is said, and told apart from a check that failed.
func TestCheckRunBadInput(t *testing.T) {
	alone(t)
	s := newShop(t, "Welcome admin!", "Welcome admin!")
	s.denied = true
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("UNDOG_KUBECONFIG", kubeconfigFor(t, server.URL))
	file, empty, bad := write(t, written("")), write(t, "mode: observe\n"), write(t, "checks:\n  - nam: greeting\n")
	gone := file + ".gone"
	for args, tt := range map[string]struct {
		code int
		want string
	}{
		file:                                                      {2, "name one Deployment, as NAMESPACE/NAME or with --deployment, or one --pod; see 'undog check run --help'"},
		file + " --pod a --deployment b":                          {2, "name one Deployment, as NAMESPACE/NAME or with --deployment, or one --pod; see"},
		file + " shop/web --pod a":                                {2, "name one Deployment, as NAMESPACE/NAME or with --deployment, or one --pod; see"},
		file + " shop/web --deployment web":                       {2, "shop/web and --deployment web are both given; name the Deployment once"},
		file + " web":                                             {2, `"web" is not NAMESPACE/NAME`},
		file + " --pod shop/web-1-1 -n blog":                      {2, "--pod shop/web-1-1 is not in --namespace blog; name one namespace"},
		file + " --deployment web --lines -1":                     {2, "--lines is -1; write 0 to 10000; see 'undog check run --help'"},
		file + " --deployment a/web -n b":                         {2, "--deployment a/web is not in --namespace b; name one namespace"},
		file + " --deployment web --against 0":                    {2, `--against is "0"; write the number of a revision, or none`},
		file + " --deployment web --reach far":                    {2, `--reach is "far"; write podIP, portForward or auto`},
		gone + " --deployment shop/web":                           {2, "read configuration: open " + gone},
		bad + " --deployment shop/web":                            {2, bad + ":2: checks[0].nam"},
		empty + " --deployment shop/web":                          {2, empty + " has no checks"},
		file + " --deployment shop/wbe":                           {2, "there is no deployment shop/wbe; -n names the namespace"},
		file + " --deployment wbe":                                {2, "there is no deployment default/wbe; -n names the namespace"},
		file + " --deployment shop/web --check greting":           {2, `has no check "greting"; did you mean greeting?`},
		file + " --deployment shop/web --against 7 --reach podIP": {2, "--against 7: deployment shop/web has no ready pod of that revision"},
		file + " --deployment shop/web": {3, "there is no right to create pods/portforward in namespace shop; a Role with this rule grants it: " +
			`{apiGroups: [""], resources: [pods/portforward], verbs: [create]}; or reach pods at their addresses with --reach podIP`},
	} {
		code, stdout, stderr := start(t.Context(), t, newProgram(nil, nil), append([]string{"check", "run"}, strings.Fields(args)...)...)
		if code != tt.code || !strings.Contains(stderr, tt.want) || stdout != "" {
			t.Errorf("%s: code %d, want %d\n got %s\nwant %s", args, code, tt.code, stderr, tt.want)
		}
	}
}
