package redact

import (
	"regexp"
	"strings"
)

// A value is taken for a secret if it is called one, or looks like one. What
// is cut out in vain costs a reader little; what is missed cannot be taken back.
var (
	// named is a key that says what its value is: password=x, "apiToken": "x",
	// Authorization: Bearer x. The value ends with its quotes, or at a separator.
	named = regexp.MustCompile(`(?i)([a-z0-9_.-]*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|` +
		`authorization|credential|cookie|session(?:[_-]?id)?|signature|otp|csrf)[a-z0-9_.-]*["']?\s*(?:=>|[:=])\s*)` +
		`(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:bearer|basic|digest|token|negotiate)\s+)?[^\s,;&"']+)`)
	// scheme is a credential as headers carry it.
	scheme = regexp.MustCompile(`(?i)\b(bearer|basic|negotiate)\s+[a-z0-9+/._~=-]{6,}`)
	// userinfo is what stands before the host of a URL.
	userinfo = regexp.MustCompile(`://[^/\s@"']+@`)
	// known are tokens that tell by themselves what they are: JWTs, keys of
	// common services, PEM blocks.
	known = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,4}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\b(?:gh[opsur]|xox[abprs]|sk|pk|rk|glpat)[_-][A-Za-z0-9_-]{10,}|` +
		`-----BEGIN [A-Z ]*PRIVATE KEY-----.*`)
	// long are runs of letters and digits that nobody writes by hand.
	long = regexp.MustCompile(`[A-Za-z0-9+/_=-]{24,}`)
)

// Guess cuts out of a text what looks like a credential: values of keys that are
// called password, token and the like, what follows Bearer and Basic, what
// stands before the host of a URL, keys of known form, and long runs of digits and
// letters. It is for texts of which nobody knows the secrets, and cannot find all.
// It must be asked before a text is shortened.
func Guess(s string) string {
	s = known.ReplaceAllString(s, Mask)
	s = userinfo.ReplaceAllString(s, "://"+Mask+"@")
	s = named.ReplaceAllString(s, "${1}"+Mask)
	s = scheme.ReplaceAllString(s, "${1} "+Mask)
	return long.ReplaceAllStringFunc(s, func(run string) string {
		if random(run) {
			return Mask
		}
		return run
	})
}

// random tells whether a run looks drawn rather than written: hexadecimal
// throughout, or digits, small and capital letters in turn. Paths, and names
// in which words are joined, do not.
func random(run string) bool {
	if strings.Trim(run, "0123456789abcdefABCDEF") == "" {
		return strings.ContainsAny(run, "0123456789") && len(run) >= 32
	}
	var digits, small, capital, turns int
	last := byte(0)
	for i := range len(run) {
		kind := byte(0)
		switch c := run[i]; {
		case c >= '0' && c <= '9':
			kind, digits = 'd', digits+1
		case c >= 'a' && c <= 'z':
			kind, small = 's', small+1
		case c >= 'A' && c <= 'Z':
			kind, capital = 'c', capital+1
		}
		if kind != last {
			turns++
		}
		last = kind
	}
	return digits > 0 && small > 0 && capital > 0 && turns*3 >= len(run)
}
