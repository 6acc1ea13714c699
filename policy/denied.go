package policy

import "strings"

// imageDenied marks messages of registries that know the asker too little.
var imageDenied = []string{
	"unauthorized", "authorization failed", "403 forbidden", "401 unauthorized", "insufficient_scope", "pull access denied",
	"authentication required", "no basic auth credentials",
}

// imageAbsent marks messages that say that the image itself is not there.
var imageAbsent = []string{"not found", "manifest unknown", "manifest_unknown", "name unknown", "name_unknown"}

// deniedAsBefore tells whether a registry denies an image for a reason that the
// release did not bring: it is known to have changed neither the repository nor
// what it is pulled with. Then the credentials have expired, or were taken away.
func (c *Case) deniedAsBefore(f Failure) bool {
	if f.Reason != "ErrImagePull" || !containsAny(f.Message, imageDenied) || containsAny(f.Message, imageAbsent) {
		return false
	}
	if !c.knowsChanges() || c.touched("spec.imagePullSecrets", "spec.serviceAccountName", "spec.containers[]") {
		return false
	}
	for _, change := range c.Changes() {
		if strings.HasSuffix(change.Path, "["+f.Container+"].image") {
			return repository(change.From) == repository(change.To)
		}
	}
	return true
}

// repository is an image's name without tag and digest.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if slash, colon := strings.LastIndexByte(image, '/'), strings.LastIndexByte(image, ':'); colon > slash {
		image = image[:colon]
	}
	return image
}
