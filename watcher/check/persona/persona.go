package persona

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/check/play"
)

// Source says where a persona's values come from.
type Source struct {
	Name string
	// Values may be shown.
	Values map[string]string
	// Secret is one of the cluster's; empty names are none.
	SecretNamespace, SecretName string
	// File is the path of a YAML file of names and values, or of a folder with
	// a file for each; "" is none.
	File string
}

// What a persona holds at most.
const (
	maxValues = 64
	maxValue  = 16 << 10
)

// fresh is how long what was read may be used.
const fresh = 5 * time.Second

// readTimeout is for reading a Secret.
const readTimeout = 5 * time.Second

// Store knows all personas.
type Store struct {
	sources map[string]Source
	secrets api.SecretsGetter

	mu    sync.Mutex
	known map[string]known
}

// known is a persona and when it was read.
type known struct {
	at      time.Time
	persona play.Persona
}

// New makes a Store. secrets may be nil if no source has a Secret.
func New(sources []Source, secrets api.SecretsGetter) *Store {
	s := &Store{sources: make(map[string]Source, len(sources)), secrets: secrets, known: map[string]known{}}
	for _, source := range sources {
		s.sources[source.Name] = source
	}
	return s
}

// Get returns the persona with this name; "" is nobody in particular. The
// maps must not be changed.
func (s *Store) Get(ctx context.Context, name string) (play.Persona, error) {
	if name == "" {
		return play.Persona{}, nil
	}
	source, ok := s.sources[name]
	if !ok {
		return play.Persona{}, fmt.Errorf("there is no persona %s; there is %s", name, strings.Join(slices.Sorted(maps.Keys(s.sources)), ", "))
	}
	s.mu.Lock()
	last, ok := s.known[name]
	s.mu.Unlock()
	now := time.Now()
	if ok && now.Sub(last.at) < fresh {
		return last.persona, nil
	}
	p, err := s.read(ctx, source)
	if err != nil {
		return play.Persona{}, fmt.Errorf("persona %s: %w", name, err)
	}
	s.mu.Lock()
	s.known[name] = known{now, p}
	s.mu.Unlock()
	return p, nil
}

func (s *Store) read(ctx context.Context, source Source) (play.Persona, error) {
	p := play.Persona{Values: source.Values, Secrets: map[string]string{}}
	if source.SecretName != "" {
		values, err := s.secret(ctx, source.SecretNamespace, source.SecretName)
		if err != nil {
			return play.Persona{}, err
		}
		maps.Copy(p.Secrets, values)
	}
	if source.File != "" {
		values, err := file(source.File)
		if err != nil {
			return play.Persona{}, err
		}
		maps.Copy(p.Secrets, values)
	}
	return p, nil
}

// secret reads a Secret of the cluster.
func (s *Store) secret(ctx context.Context, namespace, name string) (map[string]string, error) {
	if s.secrets == nil {
		return nil, fmt.Errorf("Secret %s/%s cannot be read without a cluster", namespace, name) //nolint:staticcheck // Secret is a name.
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	found, err := s.secrets.Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("there is no Secret %s/%s", namespace, name)
	case apierrors.IsForbidden(err):
		return nil, fmt.Errorf("undog may not read Secret %s/%s; grant it get on secrets with this name", namespace, name)
	case err != nil:
		return nil, fmt.Errorf("read Secret %s/%s: %w", namespace, name, err)
	}
	values, err := bounded(found.Data)
	if err != nil {
		return nil, fmt.Errorf("Secret %s/%s: %w", namespace, name, err) //nolint:staticcheck // Secret is a name.
	}
	return values, nil
}

// bounded makes texts of values, and refuses what is too much.
func bounded[T ~string | ~[]byte](data map[string]T) (map[string]string, error) {
	if len(data) > maxValues {
		return nil, fmt.Errorf("it has %d keys; a persona has at most %d", len(data), maxValues)
	}
	values := make(map[string]string, len(data))
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if len(data[key]) > maxValue {
			errs = append(errs, fmt.Errorf("key %s has %d bytes; at most %d are taken", key, len(data[key]), maxValue))
			continue
		}
		// Editors and shells leave a line's end that nobody means.
		values[key] = strings.TrimSuffix(strings.TrimSuffix(string(data[key]), "\n"), "\r")
	}
	return values, errors.Join(errs...)
}
