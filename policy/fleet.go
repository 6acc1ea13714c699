package policy

// fleet is what goes on in many workloads at once.
type fleet struct {
	// heard holds the newest summary of each other process.
	heard map[string]Fleet
}

// hear takes what another process sees.
func (f *fleet) hear(in Fleet) {
	if f.heard == nil {
		f.heard = map[string]Fleet{}
	}
	f.heard[in.Source] = in
}
