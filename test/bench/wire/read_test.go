package wire

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Records are listed by their labels; what is not kept for that is refused, rather
// than answered with everything.
func TestListByLabels(t *testing.T) {
	s := New()
	for name, of := range map[string]string{"a1": "a", "a2": "a", "b1": "b"} {
		record := &appsv1.ControllerRevision{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, Labels: map[string]string{"of": of}}}
		if err := s.Records.Create(record); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		path string
		code int
		want int
	}{
		{"/apis/apps/v1/namespaces/shop/controllerrevisions?labelSelector=of%3Da", http.StatusOK, 2},
		{"/apis/apps/v1/namespaces/shop/controllerrevisions", http.StatusOK, 3},
		{"/apis/apps/v1/namespaces/blog/controllerrevisions?labelSelector=of%3Da", http.StatusOK, 0},
		{"/apis/apps/v1/namespaces/shop/deployments?labelSelector=of%3Da", http.StatusBadRequest, 0},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, http.NoBody)
		r.Header.Set("Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var list metav1.PartialObjectMetadataList
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
			t.Fatalf("%s: %v", c.path, err)
		}
		if w.Code != c.code || len(list.Items) != c.want {
			t.Errorf("%s: code %d and %d items, want %d and %d", c.path, w.Code, len(list.Items), c.code, c.want)
		}
	}
}
