package policy

import (
	"fmt"
	"slices"
)

// tagVeto holds when the revision to return to names its images as this one
// does, but one of the names means another image by now than when it was
// good: going back would not bring that image back.
func tagVeto(c *Case, _ Finding) Veto {
	v := Veto{Message: "the images of the revision to return to are not known to have moved"}
	target, ok := c.target()
	if !ok {
		return v
	}
	good := c.digests(target)
	for i, d := range good {
		if i > 0 && good[i-1].Container == d.Container && good[i-1].Digest != d.Digest {
			v.Holds = true
			v.Message = fmt.Sprintf("the image of container %s has meant two different images since revision %d was rolled out: its tag was moved",
				d.Container, target.Number)
			return v
		}
		if !slices.Equal(target.Images, c.Revision.Images) {
			continue
		}
		for _, now := range c.Revision.Digests {
			if now.Container == d.Container && now.Digest != d.Digest {
				v.Holds = true
				v.Message = fmt.Sprintf("the image of container %s is another one under the same tag than when revision %d was good: going back would not bring it back",
					d.Container, target.Number)
				return v
			}
		}
	}
	return v
}

// digests says which images a good revision ran, from its pods and its record,
// sorted by container and digest.
func (c *Case) digests(ref RevisionRef) []Digest {
	var list []Digest
	if rec, known := c.workload.record(ref); known {
		list = append(list, rec.Digests...)
	}
	for i := range c.Observation.Revisions {
		if r := &c.Observation.Revisions[i]; r.UID == ref.UID {
			list = append(list, r.Digests...)
		}
	}
	slices.SortFunc(list, compareDigests)
	return slices.Compact(list)
}
