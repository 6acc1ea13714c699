package config

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
)

// LeaderElection is how it is decided which of several undogs acts.
type LeaderElection struct {
	// Enabled is auto, true or false; auto is true in a cluster.
	Enabled string `yaml:"enabled"`
	// Namespace and Name are the Lease's; an empty Namespace is undog's own.
	Namespace string `yaml:"namespace"`
	Name      string `yaml:"name"`
	// LeaseDuration is after what silence of the one that acts another takes its
	// place.
	LeaseDuration Duration `yaml:"leaseDuration"`
	// RenewDeadline is after what silence of the API server the one that acts
	// ceases to.
	RenewDeadline Duration `yaml:"renewDeadline"`
	// RetryPeriod is the time between two renewals.
	RetryPeriod Duration `yaml:"retryPeriod"`
}

// Whether there is an election.
const (
	ElectAuto   = "auto"
	ElectAlways = "true"
	ElectNever  = "false"
)

func defaultElection() LeaderElection {
	return LeaderElection{
		Enabled: ElectAuto, Name: "undog",
		LeaseDuration: Duration(15 * time.Second), RenewDeadline: Duration(10 * time.Second), RetryPeriod: Duration(2 * time.Second),
	}
}

// Held tells whether an undog takes part, which runs in a cluster or does not.
func (l LeaderElection) Held(inCluster bool) bool {
	return l.Enabled == ElectAlways || l.Enabled == ElectAuto && inCluster
}

func checkOptionalNamespace(value string) string {
	if value == "" {
		return ""
	}
	return checkNamespace(value)
}

func checkLease(value string) string {
	if len(validation.IsDNS1123Subdomain(value)) == 0 {
		return ""
	}
	return fmt.Sprintf("%s is not the name of a Lease; write lower-case letters, digits, '-' or '.', beginning and ending with a letter or digit", quote(value))
}

// election checks what no single value of the election shows.
func (d *decoder) election() {
	l := d.file.Config.LeaderElection
	lease, deadline, retry := time.Duration(l.LeaseDuration), time.Duration(l.RenewDeadline), time.Duration(l.RetryPeriod)
	if lease < 2*time.Second || lease%time.Second != 0 {
		d.at("leaderElection.leaseDuration", fmt.Sprintf("%s is not what a Lease can hold; write whole seconds, at least 2s", l.LeaseDuration))
	}
	if deadline <= 0 || deadline >= lease {
		d.at("leaderElection.renewDeadline", fmt.Sprintf("%s is not shorter than leaseDuration, %s: one undog would still act while the next one does; write about two thirds of it",
			l.RenewDeadline, l.LeaseDuration))
	}
	if retry <= 0 || 2*retry > deadline {
		d.at("leaderElection.retryPeriod", fmt.Sprintf("%s leaves no second try within renewDeadline, %s; write about a fifth of it", l.RetryPeriod, l.RenewDeadline))
	}
}

// lonely says why several undogs would not know of each other's events, "" if
// they would.
func (c *Config) lonely() string {
	if c.LeaderElection.Enabled != ElectAlways || c.NATS.URL != "" {
		return ""
	}
	return "leaderElection.enabled is true, and each undog has a NATS server inside: what one tells, subscribers of the other never see; " +
		"run a NATS server of your own and set nats.url, or run one undog"
}
