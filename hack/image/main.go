// Command image builds undog's container image from the repository, without a
// registry and without a container engine: the same sources give the same bytes.
//
//	go run ./hack/image -o bin/undog-image.tar -name undog-dev/undog:0.1.0
//	go run ./hack/image -o ... -name ... -check    builds it twice and compares
//
// The file is an OCI layout and a docker-archive in one: docker load, ctr images
// import, skopeo and crane all take it. The image holds one static program that
// runs as user 65532, and a list of what it was made of at /sbom.cdx.json, which
// is also written beside the file. It holds no certificates of public
// authorities: what undog talks to beyond the cluster it is told to trust by
// nats.tls.ca and prometheus.caFile.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

// options is what an image is made with.
type options struct {
	output, name, version, arch string
	check                       bool
	created                     time.Time
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	made, err := o.make(".")
	if err != nil {
		return err
	}
	if o.check {
		again, err := o.elsewhere()
		if err != nil {
			return err
		}
		if made.digest != again.digest {
			return fmt.Errorf("two builds differ: %s here, %s in another folder", made.digest, again.digest)
		}
	}
	sbom := strings.TrimSuffix(o.output, ".tar") + ".cdx.json"
	if err := os.WriteFile(sbom, made.sbom, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", sbom, err)
	}
	if err := os.WriteFile(o.output, made.archive, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", o.output, err)
	}
	fmt.Printf("%s  %s  %s\n", made.digest, o.name, o.output)
	return nil
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("image", flag.ContinueOnError)
	flags.StringVar(&o.output, "o", "", "`file` to write, which ends in .tar")
	flags.StringVar(&o.name, "name", "", "`name:tag` of the image")
	flags.StringVar(&o.version, "version", "", "`version` that undog says it has; the tag if empty")
	flags.StringVar(&o.arch, "arch", runtime.GOARCH, "`architecture`, amd64 or arm64")
	flags.BoolVar(&o.check, "check", false, "build it once more from a copy of the sources, and compare")
	if err := flags.Parse(args); err != nil {
		return o, fmt.Errorf("read flags: %w", err)
	}
	_, tag, tagged := strings.Cut(o.name[strings.LastIndex(o.name, "/")+1:], ":")
	var errs []error
	if flags.NArg() > 0 {
		errs = append(errs, fmt.Errorf("%q is no flag: all that is said is said by flags", flags.Arg(0)))
	}
	if !strings.HasSuffix(o.output, ".tar") {
		errs = append(errs, fmt.Errorf("-o is %q: name a file that ends in .tar", o.output))
	}
	if !tagged || tag == "" {
		errs = append(errs, fmt.Errorf("-name is %q: write NAME:TAG, such as undog-dev/undog:0.1.0", o.name))
	}
	if o.arch != "amd64" && o.arch != "arm64" {
		errs = append(errs, fmt.Errorf("-arch is %q: write amd64 or arm64", o.arch))
	}
	if o.version == "" {
		o.version = tag
	}
	// The convention of https://reproducible-builds.org/specs/source-date-epoch.
	o.created = time.Unix(0, 0).UTC()
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		seconds, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil || seconds < 0 {
			errs = append(errs, fmt.Errorf("SOURCE_DATE_EPOCH is %q: write seconds since 1970", epoch))
		}
		o.created = time.Unix(seconds, 0).UTC()
	}
	return o, errors.Join(errs...)
}
