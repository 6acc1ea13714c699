package watcher

import "strings"

const (
	reasonPull        = "ErrImagePull"
	reasonPullBackOff = "ImagePullBackOff"
)

// behindBackOff finds the failed attempt behind an ImagePullBackOff. Kubelets
// since 1.32 quote it: `Back-off pulling image "x": ErrImagePull: not found`.
// Older ones name only the image; then the message is returned as it is.
func behindBackOff(message string) (reason, attempt string) {
	rest, ok := strings.CutPrefix(message, `Back-off pulling image "`)
	if !ok {
		return reasonPull, message
	}
	_, rest, ok = strings.Cut(rest, `": `)
	if !ok {
		return reasonPull, message
	}
	reason, attempt, ok = strings.Cut(rest, ": ")
	if !ok || !camelCase(reason) {
		return reasonPull, rest
	}
	return reason, attempt
}

// camelCase tells a reason from the beginning of a sentence.
func camelCase(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter || i == 0 && c >= 'a' {
			return false
		}
	}
	return s != ""
}
