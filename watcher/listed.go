package watcher

import "k8s.io/client-go/tools/cache"

// Transformer keeps what is listed from piling up until the list is complete: of the
// first list, while nobody judges, the State takes in each object as it comes, and the
// list has its UID. Any other list is taken in as a whole: half of it would
// be judged by together with what is gone, and where it breaks off the next may come from
// a server that is behind, which would take the State back in time. What a list has it
// names by the object as it came, not by what is made of it here.
func (s *sink) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) {
		r, ok := s.feed.reduced(obj).(record)
		switch {
		case !ok:
			return obj, nil
		case s.HasSynced() || s.feed.judged():
			return r, nil
		}
		s.feed.take(r)
		return r.id().uid, nil
	}
}

// Replace takes in everything there is. What the State holds and is not there any
// more has been deleted, also where its name is another object's by now.
func (s *sink) Replace(list []any, _ string) error {
	there := make(map[uid]struct{}, len(list))
	for i, obj := range list {
		if u, ok := obj.(uid); ok {
			there[u], list[i] = struct{}{}, nil
			continue
		}
		list[i] = s.feed.reduce(obj)
		if r, ok := list[i].(record); ok {
			there[r.id().uid] = struct{}{}
		}
	}
	var gone []*identity
	s.feed.held(func(id *identity) {
		if _, still := there[id.uid]; !still {
			gone = append(gone, new(*id))
		}
	})
	for _, id := range gone {
		s.feed.drop(id)
	}
	s.feed.objects.Store(int64(len(list)))
	for i, obj := range list {
		if obj != nil {
			s.feed.take(obj)
		}
		list[i] = nil
	}
	s.feed.source.listing.Store(false)
	s.begin.Do(func() { close(s.synced) })
	return nil
}
