package daemon_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// repository is its root.
const repository = "../../../.."

// recipe runs the commands that docs/install.md has between the markers of a name, in
// a folder of their own, which it returns.
func (f *fixture) recipe(name string) (dir string) {
	f.t.Helper()
	page, err := os.ReadFile(filepath.Join(repository, "docs/install.md"))
	if err != nil {
		f.t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "<!-- "+name+" -->\n```sh\n")
	commands, _, ended := strings.Cut(rest, "```\n<!-- end of "+name+" -->\n")
	if !found || !ended {
		f.t.Fatalf("docs/install.md has no commands between its markers of %s", name)
	}
	dir = f.t.TempDir()
	deploy, err := filepath.Abs(filepath.Join(repository, "deploy"))
	if err != nil {
		f.t.Fatal(err)
	}
	if err := os.Symlink(deploy, filepath.Join(dir, "deploy")); err != nil {
		f.t.Fatal(err)
	}
	cmd := exec.CommandContext(f.ctx, "sh", "-eu", "-c", commands)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("UNDOG_BIN") + ":" + os.Getenv("PATH"), "KUBECONFIG=" + control.Kubeconfig()}
	if out, err := cmd.CombinedOutput(); err != nil {
		f.t.Fatalf("run the commands of docs/install.md: %v\n%s", err, out)
	}
	return dir
}

// The kubeconfig that docs/install.md makes is undog's own, holds nobody else's
// login, and is enough to undo a release.
func TestKubeconfigOfTheDocs(t *testing.T) {
	f := newFixture(t)
	path := filepath.Join(f.recipe("kubeconfig"), "undog.kubeconfig")
	for _, name := range []string{path, filepath.Join(filepath.Dir(path), "undog.token")} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s can be read by others: its mode is %v", filepath.Base(name), mode)
		}
	}
	made, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if user := made.AuthInfos["undog"]; len(made.AuthInfos) != 1 || user == nil || user.TokenFile == "" {
		t.Errorf("it has %d logins, want undog's alone", len(made.AuthInfos))
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	self, err := client.AuthenticationV1().SelfSubjectReviews().Create(f.ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := self.Status.UserInfo.Username; got != undogUser {
		t.Errorf("it logs in as %s, want %s", got, undogUser)
	}
	j := f.journal(f.undog(setup{kubeconfig: path}).NATSURL)
	f.proven(j, 2)
	f.release(app, "crash")
	j.await("rollback.done", app, "crash")
}

// The passwords that docs/install.md makes are four, and of letters and digits after a
// letter: as a part of the server's configuration anything else may be read as a number
// or a comment.
func TestNATSPasswordsOfTheDocs(t *testing.T) {
	f := newFixture(t)
	f.recipe("kubeconfig") // which makes the namespace
	f.recipe("nats passwords")
	secrets := admin.CoreV1().Secrets("undog")
	t.Cleanup(func() {
		if err := secrets.Delete(context.WithoutCancel(f.ctx), "undog-nats-users", metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	made, err := secrets.Get(f.ctx, "undog-nats-users", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, key := range []string{"UNDOG_PASSWORD", "SUBSCRIBER_PASSWORD", "REPORTER_PASSWORD", "ADMIN_PASSWORD"} {
		password := string(made.Data[key])
		if !regexp.MustCompile("^[a-z][a-z0-9]{40,}$").MatchString(password) || seen[password] {
			t.Errorf("%s is %q", key, password)
		}
		seen[password] = true
	}
}
