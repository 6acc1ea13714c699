package redact_test

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check/redact"
)

// TestForms is how programs write secrets. S stands for one.
func TestForms(t *testing.T) {
	for in, want := range map[string]string{
		`{"name":"DB_PASSWORD","value":"S"}`:                               `{"name":"DB_PASSWORD","value":[redacted]}`,
		`{"name": "DB_PASSWORD", "type": "x", "value": "S"}`:               `{"name": "DB_PASSWORD", "type": "x", "value": [redacted]}`,
		`{Name:DB_PASSWORD Value:S ValueFrom:nil}`:                         `{Name:DB_PASSWORD Value:[redacted] ValueFrom:nil}`,
		`{"token":{"value":"S","n":{}}} after`:                             `{"token":[redacted]} after`,
		`cookies={'sid': 'S'} n=1`:                                         `cookies=[redacted] n=1`,
		`<add key="Password" value="S"/>`:                                  `<add key="Password" value=[redacted]/>`,
		`password == S`:                                                    `password == [redacted]`,
		`Settings(password=SecretStr('S x'), n=1)`:                         `Settings(password=[redacted], n=1)`,
		`Authorization: Digest username="a b", response="S"`:               `Authorization: [redacted]`,
		`{"h":"Authorization: Basic S","n":1}`:                             `{"h":"Authorization: [redacted]","n":1}`,
		`{\"h\":\"Cookie: sid=S\",\"n\":1}`:                                `{\"h\":\"Cookie: [redacted]\",\"n\":1}`,
		`curl -H 'Authorization: Bearer S' https://h/x`:                    `curl -H 'Authorization: [redacted]' https://h/x`,
		`Cookie: ["a=x", "b=S"] 200`:                                       `Cookie: [redacted] 200`,
		`password='it''s S' n=1`:                                           `password=[redacted] n=1`,
		`PASSWORD: !!str S`:                                                `PASSWORD: [redacted]`,
		`user[password]=S&n=1`:                                             `user[password]=[redacted]&n=1`,
		`user%5Bpassword%5D=S&n=1`:                                         `user%5Bpassword%5D=[redacted]&n=1`,
		`&quot;password&quot;:&quot;S&quot; n`:                             `&quot;password&quot;:[redacted]; n`,
		`{"auths":{"r.io":{"auth":"YTpTZWNyZXQ="}}}`:                       `{"auths":{"r.io":{"auth":[redacted]}}}`,
		`<password>S</password><n>1</n>`:                                   `<password>[redacted]</password><n>1</n>`,
		`<ns:apiToken>S x</ns:apiToken>`:                                   `<ns:apiToken>[redacted]</ns:apiToken>`,
		`Incorrect API key provided: S3cr3tzz. See https://x`:              `Incorrect API key provided: [redacted] See https://x`,
		`invalid token "s3cr3tzz"`:                                         `invalid token [redacted]`,
		`Password for user app: "S"`:                                       `Password for user app: "S"`,
		`Password for user app: "s3cr3tzz"`:                                `Password for user app: [redacted]`,
		`creds=S pw=S n=1`:                                                 `creds=[redacted] pw=[redacted] n=1`,
		`X-Auth: S`:                                                        `X-Auth: [redacted]`,
		`X-Vault-Token: S`:                                                 `X-Vault-Token: [redacted]`,
		`curl -u a:S https://h`:                                            `curl -u [redacted] https://h`,
		`curl --user 'a:S' https://h`:                                      `curl --user [redacted] https://h`,
		`mysql -uroot -pS shop`:                                            `mysql -uroot -p[redacted] shop`,
		`sshpass -p S ssh h`:                                               `sshpass -p [redacted] ssh h`,
		`dial app:S@/db`:                                                   `dial [redacted]@/db`,
		`jdbc:oracle:thin:scott/S@//h:1521/x`:                              `jdbc:oracle:thin:[redacted]@//h:1521/x`,
		`dckr_pat_abcdefghij-klmnop pushed`:                                `[redacted] pushed`,
		`POST https://hooks.slack.com/services/T0/B0/abc 404`:              `POST https://hooks.slack.com/services/[redacted] 404`,
		"password:\n  S\nnext":                                             "password:\n  [redacted]\nnext",
		"cookie: a=S; b=S\nnext line":                                      "cookie: [redacted]\nnext line",
		`{\"password\":\"a\\\"S\\\"b\",\"n\":1}`:                           `{\"password\":[redacted],\"n\":1}`,
		`secret_key=k0,secret_key=k1;token=k2&n=3`:                         `secret_key=[redacted],secret_key=[redacted];token=[redacted]&n=3`,
		`https://h/x?api_key=1&sig=2&,`:                                    `https://h/x?api_key=[redacted]&sig=[redacted]&,`,
		`dbPass=S db_pass: S compass=north`:                                `dbPass=[redacted] db_pass: [redacted] compass=north`,
		`Server=h;User Id=a;Password=S;Pooling=true`:                       `Server=h;User Id=a;Password=[redacted];Pooling=true`,
		`AccountKey=Zm9v==;EndpointSuffix=core`:                            `AccountKey=[redacted];EndpointSuffix=core`,
		"-----BEGIN PRIVATE KEY-----\nS\n-----END PRIVATE KEY-----\nafter": "[redacted]\nafter",
		`nats://a:S@h1:4222,nats://b:S@h2:4222`:                            `nats://[redacted]@h1:4222,nats://[redacted]@h2:4222`,
		`token: [redacted] x`:                                              `token: [redacted] x`,
	} {
		got := redact.Guess(in)
		if got != want {
			t.Errorf("Guess(%q)\n= %q, want\n  %q", in, got, want)
		}
		if again := redact.Guess(got); again != got {
			t.Errorf("Guess twice: %q, then %q", got, again)
		}
	}
}

// ordinary are lines of which nothing may be cut out.
var ordinary = []string{
	`java.lang.IllegalStateException: Failed to load ApplicationContext for [WebMergedContextConfiguration@5d6f64b1]`,
	`	at org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext.onRefresh(ServletWebServerApplicationContext.java:165)`,
	`Caused by: java.net.UnknownHostException: db.shop.svc.cluster.local: Name or service not known`,
	`	... 47 common frames omitted`,
	`10.244.1.7 - - [02/Jan/2026:15:04:05 +0000] "GET /api/v1/items?id=42&sort=asc HTTP/1.1" 502 157 "-" "Mozilla/5.0 (X11; Linux x86_64)" "10.0.0.1"`,
	`2026/01/02 15:04:05 [error] 29#29: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: _, upstream: "http://10.96.0.12:8080/"`,
	`nginx: [emerg] host not found in upstream "shop-backend" in /etc/nginx/conf.d/default.conf:12`,
	`panic: runtime error: invalid memory address or nil pointer dereference`,
	`[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6b2f4a]`,
	`goroutine 1 [running]:`,
	`	/go/pkg/mod/github.com/jackc/pgx/v5@v5.5.0/pgxpool/pool.go:212 +0x2a5`,
	`main.main() /src/cmd/shop/main.go:42 +0x1d`,
	`FATAL:  password authentication failed for user "app"`,
	`ERROR:  relation "orders" does not exist at character 15`,
	`FATAL:  database "shop" does not exist`,
	`pq: SSL is not enabled on the server`,
	`back-off 5m0s restarting failed container=app pod=web-7d4b9c6f5d-x2x9z_shop(5d41402a-bc4b-4a76-b971-9d911017c592)`,
	`Back-off pulling image "registry.example/shop/web@sha256:9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de"`,
	`failed to pull and unpack image "docker.io/library/web:v2": failed to resolve reference "docker.io/library/web:v2": unexpected status from HEAD request: 401 Unauthorized`,
	`failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.docker.io/token?scope=repository%3Alibrary%2Fweb%3Apull&service=registry.docker.io: 401 Unauthorized`,
	`failed to fetch oauth token: Post "https://auth.example/token": dial tcp: lookup auth.example: no such host`,
	`pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
	`Head "https://1234.dkr.ecr.eu-west-1.amazonaws.com/v2/web/manifests/v2": no basic auth credentials`,
	`Error: secret "db-password" not found`,
	`couldn't find key DB_PASSWORD in Secret shop/db-credentials-1`,
	`MountVolume.SetUp failed for volume "db-password" : secret "db-password" not found`,
	`MountVolume.SetUp failed for volume "kube-api-access-x2x9z" : failed to sync configmap cache: timed out waiting for the condition`,
	`MountVolume.SetUp failed for volume "tls-secret" : references non-existent secret key: tls.key`,
	`container has runAsNonRoot and image will run as root (pod: "web-1_shop(5d41402a-bc4b-4a76-b971-9d911017c592)", container: app)`,
	`Readiness probe failed: Get "http://10.244.1.7:8080/healthz": dial tcp 10.244.1.7:8080: connect: connection refused`,
	`0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }. preemption: 0/3 nodes are available`,
	`The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 512Mi. Container app was using 2Gi, request is 0, has larger consumption of ephemeral-storage.`,
	`SyntaxError: Unexpected token '}' in JSON at position 12`,
	`Error: Cannot find module '/app/node_modules/@babel/core/lib/index.js'`,
	`Traceback (most recent call last): File "/app/main.py", line 3, in <module>`,
	`KeyError: 'SHOP_URL'`,
	`time="2026-01-02T15:04:05Z" level=fatal msg="session store: dial tcp 10.0.0.3:6379: i/o timeout" attempt=3`,
	`level=INFO msg="listening" addr=:8080 version=1.4.2 commit=3f9a0c1`,
	`secret "shop-tls" not found; token is expired; key: not found; auth: failed`,
	`exec /app: exec format error`,
	`pods "web-1" is forbidden: error looking up service account shop/web: serviceaccount "web" not found`,
}

func TestOrdinaryLines(t *testing.T) {
	for _, line := range ordinary {
		if got := redact.Guess(line); got != line {
			t.Errorf("%q\nbecame %q", line, got)
		}
	}
	all := strings.Join(ordinary, "\n")
	if got := redact.Guess(all); got != all {
		t.Errorf("joined, the lines become\n%s", got)
	}
}

// Nothing is allocated where nothing is cut out.
func TestOrdinaryLinesCostNothing(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() {
		for _, line := range ordinary {
			redact.Guess(line)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// A key and its value may be on two lines.
func TestLinesOfAValue(t *testing.T) {
	got := redact.Lines([]string{"token:", "", "S", "next", "- name: DB_PASSWORD", "  value: S", "value: 3", "Authorization:", "Bearer S"}, 100)
	want := "token:||[redacted]|next|- name: DB_PASSWORD|value: [redacted]|value: 3|Authorization:|[redacted]"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}

// What is too long is cut first, and no half of a secret is left.
func TestHead(t *testing.T) {
	const limit = 64 << 10
	for _, secret := range []string{"postgres://app:S3cr3t@db/x", "app:S3cr3t@tcp(db)", "password=S3cr3t", "eyJS3cr3tS3cr3tS3cr3t", `password="S3cr3t S3cr3t"`, "Cookie: a=S3cr3t S3cr3t"} {
		for cut := range len(secret) + 1 {
			// What is cut out makes room for what stands near the limit.
			in := `password="` + strings.Repeat("x", limit-cut-14) + `" n ` + secret + strings.Repeat(" more", 9)
			if got := redact.Line(in, 200); strings.Contains(got, "S3") {
				t.Errorf("%q was cut after %d bytes: %q", secret, cut, got)
			}
		}
	}
	if got := redact.Head("one two", 5); got != "one "+redact.Mask {
		t.Errorf("got %q", got)
	}
}
