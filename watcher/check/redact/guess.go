package redact

import (
	"regexp"
	"strings"
)

// secretive are the words in the names of what must not be shown.
const secretive = `passw(?:or)?d|passphrase|passcode|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|signing[_-]?key|encryption[_-]?key|` +
	`private[_ -]?key|authorization|credential|cookie|session(?:[_-]?id)?|signature|otp|csrf|jwt|connection[_-]?string`

// separator stands between a key and its value, also as URLs and JSON escape it.
const separator = `(?:=>|:=|[:=]|%3[ad]|\\u003[ad])`

// A value is taken for a secret if it is called one, or looks like one. What
// is cut out in vain costs a reader little; what is missed cannot be taken back.
var (
	// header is a header whose whole value is a secret.
	header = regexp.MustCompile(`(?i)((?:authorization|cookie)\\*["']?\s*[:=]\s*[\[{(]*)` +
		`(?:\\+["'][^"'\\]*(?:\\+["'])?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^"'\r\n]+)`)
	// named is a key that says what its value is: password=x, "apiToken": "x",
	// {\"secret\":\"x\"}. Where the value ends without quotes, bare says.
	named = regexp.MustCompile(`(?i)([a-z0-9_.-]*(?:` + secretive + `)[a-z0-9_.-]*\\*["']?\s*` + separator + `\s*[\[{(]*)` +
		`(\\+["'][^"'\\]*(?:\\+["'])?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|(?:(?:bearer|basic|digest|token|negotiate)\s+)?[^\s"']+)`)
	// brief is a key too short to be looked for in the middle of words: what is
	// called key or auth in a sentence is no secret, what is set to something is.
	brief = regexp.MustCompile(`(?i)((?:^|[^a-z0-9])(?:[a-z0-9]+[_.-])*(?:(?:pass|dsn)["']?\s*` + separator + `\s*|(?:key|auth|sig|sas|pin|pat|hmac|bearer)=))` +
		`("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s"']+)`)
	// argument is a flag or a member of a list that is followed by its value.
	argument = regexp.MustCompile(`(?i)(--?[a-z0-9_.-]*(?:` + secretive + `)["']?[\s,]+|["'][a-z0-9_.-]*(?:` + secretive + `)["']\s*,\s*)("[^"]*"?|'[^']*'?|[^\s"',\]})]+)`)
	// spoken is a value in a sentence: the password is x1, using token x1.
	spoken = regexp.MustCompile(`(?i)((?:` + secretive + `)\s+(?:is\s+)?)("[^"]*"?|'[^']*'?|[^\s"',;]+)`)
	// scheme is a credential as headers carry it.
	scheme = regexp.MustCompile(`(?i)\b(bearer|basic|negotiate)\s+[a-z0-9+/._~=-]{6,}`)
	// userinfo is what stands before the host of a URL, also of one that cannot
	// be parsed because its password was not escaped.
	userinfo = regexp.MustCompile(`://(?:[^\s/]+@|[^\s/?#@:]*:[^\s@]*@)`)
	// login is userinfo without a URL, as some drivers of databases take it.
	login = regexp.MustCompile(`[A-Za-z0-9_.-]+:[^\s:@/"']+@[A-Za-z0-9\[(][A-Za-z0-9]*:?`)
	// port is how Go complains of a password that it took for a port.
	port = regexp.MustCompile(`(invalid port )"[^"]*"?`)
	// known are tokens that tell by themselves what they are: JWTs, keys of
	// common services, PEM blocks.
	known = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,4}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|` +
		`\b(?:gh[opsur]|github_pat|xox[abeprs]|xapp|sk|pk|rk|glpat|npm|dop_v1|shpat|whsec|hf)[_-][A-Za-z0-9_-]{10,}|\bAIza[A-Za-z0-9_-]{30,}|` +
		`\bSG\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+|\bya29\.[A-Za-z0-9_-]{10,}|\bhv[sb]\.[A-Za-z0-9_-]{10,}|\bS[ACNOUX][A-Z2-7]{54,}|AGE-SECRET-KEY-1[A-Z0-9]+|` +
		`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*`)
	// long are runs of letters and digits that nobody writes by hand.
	long = regexp.MustCompile(`[A-Za-z0-9+/_=-]{24,}`)
)

// Guess cuts out of a text what looks like a credential: values of keys that are
// called password, token and the like, what follows Bearer and Basic, what
// stands before the host of a URL, keys of known form, and long runs of digits and
// letters. It is for texts of which nobody knows the secrets, and cannot find all.
// It must be asked before a text is shortened, and one line at a time: Lines is
// for secrets of several.
func Guess(s string) string {
	s = known.ReplaceAllString(s, Mask)
	s = replace(userinfo, s, func(m []string) string {
		if _, rest, found := strings.Cut(m[0][len("://"):], ":"); found && digitsThenPath(rest) {
			return m[0]
		}
		return "://" + Mask + "@"
	})
	s = port.ReplaceAllString(s, `${1}"`+Mask+`"`)
	s = replace(login, s, func(m []string) string {
		if strings.HasSuffix(m[0], "@sha256:") || strings.HasSuffix(m[0], "@sha512:") {
			return m[0] // An image and its digest.
		}
		return Mask + m[0][strings.LastIndexByte(m[0], '@'):]
	})
	s = header.ReplaceAllString(s, "${1}"+Mask)
	for _, re := range []*regexp.Regexp{named, brief} {
		s = replace(re, s, func(m []string) string {
			if strings.HasPrefix(m[2], Mask[1:]) {
				return strings.TrimSuffix(m[1], Mask[:1]) + bare(Mask[:1]+m[2])
			}
			return m[1] + bare(m[2])
		})
	}
	s = argument.ReplaceAllString(s, "${1}"+Mask)
	s = replace(spoken, s, func(m []string) string {
		quoted := strings.IndexByte(`"'`, m[2][0]) >= 0
		if quoted && !strings.HasSuffix(strings.TrimSpace(m[1]), " is") || !quoted && !mixed(m[2]) {
			return m[0] // Such as: secret "shop-tls" not found.
		}
		return m[1] + Mask
	})
	s = scheme.ReplaceAllString(s, "${1} "+Mask)
	return long.ReplaceAllStringFunc(s, func(run string) string {
		if random(run) {
			return Mask
		}
		return run
	})
}

// replace is ReplaceAllStringFunc with the groups of each match.
func replace(re *regexp.Regexp, s string, with func(groups []string) string) string {
	var b strings.Builder
	end := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		groups := make([]string, len(at)/2)
		for i := range groups {
			if at[2*i] >= 0 {
				groups[i] = s[at[2*i]:at[2*i+1]]
			}
		}
		b.WriteString(s[end:at[0]] + with(groups))
		end = at[1]
	}
	return b.String() + s[end:]
}

// next is what follows a value: another key, or the end of a list.
var next = regexp.MustCompile(`^[,;&]+(?:$|[\]})]|[A-Za-z0-9_.-]+\s*` + separator + `)`)

// bare is what remains of a value: all of it is secret up to where a next one
// begins. A comma that nothing of the kind follows is part of it.
func bare(value string) string {
	if strings.IndexByte(`"'\`, value[0]) >= 0 {
		return Mask
	}
	for i := range len(value) {
		if strings.IndexByte(",;&", value[i]) >= 0 && next.MatchString(value[i:]) {
			// It was matched as one value, so that what follows is looked at here.
			return Mask + value[i:i+1] + Guess(value[i+1:])
		}
	}
	return Mask
}

// digitsThenPath tells a port from a password: digits up to a slash.
func digitsThenPath(s string) bool {
	rest := strings.TrimLeft(s, "0123456789")
	return len(rest) < len(s) && strings.IndexByte("/?#", rest[0]) >= 0
}

// mixed tells a word of a sentence from what is no word.
func mixed(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
}

// random tells whether a run looks drawn rather than written: hexadecimal
// throughout, or digits, small and capital letters in turn. Paths, and names
// in which words are joined, do not.
func random(run string) bool {
	if strings.Trim(run, "0123456789abcdefABCDEF") == "" {
		return strings.ContainsAny(run, "0123456789") && len(run) >= 32
	}
	digits, small, capital, turns := kinds(run)
	if digits > 0 && small > 0 && capital > 0 && turns*3 >= len(run) {
		return true
	}
	// Without capitals it is a name, unless nothing joins words in it.
	for part := range strings.FieldsFuncSeq(run, func(r rune) bool { return strings.ContainsRune("+/_=-", r) }) {
		if digits, _, _, turns := kinds(part); len(part) >= 24 && digits > 2 && turns*4 >= len(part) {
			return true
		}
	}
	return false
}

// kinds counts the characters of each kind, and how often the kind changes.
func kinds(run string) (digits, small, capital, turns int) {
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
	return digits, small, capital, turns
}
