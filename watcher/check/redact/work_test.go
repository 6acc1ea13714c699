package redact

import (
	"fmt"
	"strings"
	"testing"
)

// hard are parts of texts of which each but the last looks like the beginning of
// what goes on: a reader that starts anew at each of them would never end.
var hard = []string{
	"secret_key=k,", "token_key=a,", "&api_key=1&sig=2", "password=a,", "access_token=1&", "password ", "otp ", "token,", `"token",`, "password", "key=", "-u ",
	"mysql -p", "://", "://a:", "a:b@", "@", "a@:", "cookie=(\n", "cookie:\n", "Authorization: x=\"\n", "password=(", `password="`, `password='`, `password=\"`, `\`, `\"`, `\\\"`,
	"eyJ", "sk-", "-----BEGIN ", "-----BEGIN PRIVATE KEY", "bearer ", "bearer a", "basic ", "<password>", "hooks.slack.com/services/", "oracle:thin:", "invalid port \"",
	"a", "aB3", "0", " ", ",", "=", ":", "[", "]", "S", "SA", "%5D", "&quot;", "password&quot;", "value=", "token value", "token is ", "password of a b c d", "token !", "password: !a ",
	"\n", "token:\n", ";;", "token=a;;b", "token=a,b", "-token ", "--user a", "auth\":\"", "x-auth", "pass", "://a@", "://a:1/", "a/b@", "é",
}

// maxSteps is how many characters may be looked at for each that a text has.
const maxSteps = 40

func wantFewSteps(t *testing.T, s string) {
	t.Helper()
	g := guess{s: s}
	g.text()
	if limit := maxSteps * (len(s) + 2*maxName); g.steps > limit {
		t.Errorf("%d steps for %d bytes: %.60q", g.steps, len(s), s)
	}
}

func TestWorkIsLinear(t *testing.T) {
	for _, a := range hard {
		for _, size := range []int{100, 64 << 10} {
			wantFewSteps(t, strings.Repeat(a, size/len(a)))
		}
		for _, b := range hard {
			wantFewSteps(t, strings.Repeat(a+b, (8<<10)/len(a+b)))
			wantFewSteps(t, strings.Repeat(a, (4<<10)/len(a))+strings.Repeat(b, (4<<10)/len(b)))
		}
	}
}

// FuzzWork repeats parts of what it likes.
func FuzzWork(f *testing.F) {
	for i, a := range hard {
		f.Add(a, hard[(i+7)%len(hard)], uint8(i))
	}
	f.Fuzz(func(t *testing.T, a, b string, n uint8) {
		if len(a)+len(b) > 1<<10 {
			return
		}
		wantFewSteps(t, strings.Repeat(a+strings.Repeat(b, int(n%5)), 16+int(n)))
	})
}

func BenchmarkGuess(b *testing.B) {
	for name, part := range map[string]string{
		"pairs": "secret_key=k0,", "query": "api_key=1&sig=2&,", "words": "otp ", "brackets": "cookie=(\n", "users": "a:b@", "urls": "://a:",
		"log": `10.1.0.7 - "GET /api/v1/items?id=42 HTTP/1.1" 502 157 `,
	} {
		for _, size := range []int{100, 1 << 10, 8 << 10, 64 << 10} {
			s := strings.Repeat(part, size/len(part))
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					Guess(s)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(s)), "ns/byte")
			})
		}
	}
}
