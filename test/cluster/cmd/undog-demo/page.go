package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/undog-dev/undog/test/cluster/site"
)

// sitePort is where the site listens.
const sitePort = 8000

// secret has what the persona must not show.
const secret = "undog-persona"

// checks are what undog plays in the story of the first name.
const checks = `
reach: podIP   # pods of scripted nodes have addresses of this machine
checks:
  - name: greeting
    match: {namespaces: [demo]}
    persona: admin
    steps:
      - request: {path: /login/}
      - name: log in
        submit:
          fields: {username: "{{ .persona.username }}", password: "{{ .persona.password }}"}
      - name: front page
        request: {path: /}
        expect:
          status: ["200"]
          body: {contains: ["Welcome {{ .persona.username }}!"]}
personas:
  - name: admin
    values: {username: admin}
    secret: {namespace: demo, name: undog-persona}
`

// served is a container with a port and a probe.
func served(image string) corev1.Container {
	return corev1.Container{
		Name: "app", Image: image, Ports: []corev1.ContainerPort{{ContainerPort: sitePort}},
		ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
			HTTPGet: &corev1.HTTPGetAction{Path: "/healthz", Port: intstr.FromInt32(sitePort)},
		}},
	}
}

// persona makes the Secret of who plays the check.
func persona(ctx context.Context, s *stage) error {
	fmt.Println("  it plays one check, as a user of the shop would:")
	for line := range strings.SplitSeq(strings.TrimSpace(checks), "\n") {
		fmt.Printf("      %s\n", dim(line))
	}
	if err := s.namespace(ctx); err != nil {
		return err
	}
	o := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: secret}, StringData: map[string]string{"password": site.Admin().Password}}
	if _, err := s.client.CoreV1().Secrets(namespace).Create(ctx, o, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("make secret %s: %w", secret, err)
	}
	return nil
}

// rightPage shows the page once the rollout is complete.
func rightPage(ctx context.Context, s *stage, began time.Time) error {
	page, err := s.page(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  %s admin logs in and reads: %s\n", since(began), green(page))
	return nil
}

// wrongPage shows that all is green, and the page.
func wrongPage(ctx context.Context, s *stage, _ string, began time.Time) error {
	d, err := s.complete(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  %s rolled out: %d of %d pods run %s and are ready; probes are green\n", since(began), d.Status.UpdatedReplicas, d.Status.Replicas,
		d.Spec.Template.Spec.Containers[0].Image)
	page, err := s.page(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  %s admin logs in and reads: %s\n", since(began), red(page))
	return nil
}

// complete waits until all pods are of the present template, and ready.
func (s *stage) complete(ctx context.Context) (*appsv1.Deployment, error) {
	w, err := s.client.AppsV1().Deployments(namespace).Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		return nil, fmt.Errorf("watch the Deployment: %w", err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		d, ok := e.Object.(*appsv1.Deployment)
		if !ok || d.Status.ObservedGeneration < d.Generation {
			continue
		}
		if st := d.Status; st.UpdatedReplicas == *d.Spec.Replicas && st.Replicas == st.UpdatedReplicas && st.AvailableReplicas == st.Replicas {
			return d, nil
		}
	}
	return nil, fmt.Errorf("wait for the rollout: %w", context.Cause(ctx))
}

var (
	tokenPattern   = regexp.MustCompile(`name="csrftoken" value="([^"]+)"`)
	headingPattern = regexp.MustCompile(`<h1>([^<]*)</h1>`)
)

// page logs in on a pod as admin, and returns the heading of the front page.
func (s *stage) page(ctx context.Context) (string, error) {
	pods, err := s.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + name})
	if err != nil {
		return "", fmt.Errorf("list pods: %w", err)
	}
	for i := range pods.Items {
		if pod := &pods.Items[i]; pod.DeletionTimestamp == nil && pod.Status.PodIP != "" {
			return logIn(ctx, "http://"+net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(sitePort)))
		}
	}
	return "", fmt.Errorf("find a pod of %s: there is none", name)
}

func logIn(ctx context.Context, base string) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", fmt.Errorf("make cookie jar: %w", err)
	}
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second}
	form, err := ask(ctx, client, http.MethodGet, base+"/login/", nil)
	if err != nil {
		return "", err
	}
	token := tokenPattern.FindStringSubmatch(form)
	if token == nil {
		return "", fmt.Errorf("log in at %s: the page has no form", base)
	}
	admin := site.Admin()
	front, err := ask(ctx, client, http.MethodPost, base+"/login/", url.Values{
		"csrftoken": {token[1]}, "username": {admin.Username}, "password": {admin.Password},
	})
	if err != nil {
		return "", err
	}
	heading := headingPattern.FindStringSubmatch(front)
	if heading == nil {
		return "", fmt.Errorf("log in at %s: the page has no heading", base)
	}
	return heading[1], nil
}

func ask(ctx context.Context, client *http.Client, method, target string, form url.Values) (string, error) {
	request, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", target, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return "", fmt.Errorf("ask %s: %w", target, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read %s: %w", target, err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask %s: status %d", target, response.StatusCode)
	}
	return string(body), nil
}
