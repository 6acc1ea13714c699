# undog: build, test and try it. `make help` lists the targets.

SHELL       := /bin/bash
space       := $(subst ,, )
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-builtin-rules

GO      ?= go
BIN     := $(CURDIR)/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
IMAGE   ?= undog-dev/undog:$(VERSION)
CLUSTER := test/cluster
KUBE    := v1.37.2
KUBEPKG := k8s.io/component-base/version
KUBELD  := -s -w $(foreach p,$(KUBEPKG) k8s.io/client-go/pkg/version,-X $(p).gitVersion=$(KUBE) -X $(p).gitMajor=1 -X $(p).gitMinor=37 -X $(p).gitTreeState=clean)
# What links Kubernetes' own servers: compiling those once more for the race
# detector would take longer than everything else together.
KUBEPKGS := ./cmd/undog-cluster/... ./cmd/undog-node/... ./controlplane/...
NODES   ?= scripted
KEEP    ?=
# -arch=arm64 for another machine; -check builds the image twice and compares.
IMAGEFLAGS ?=
TESTFLAGS ?= -race -shuffle=on
# Rows of the table of faults that take minutes: make faults plays them too.
LONGFAULTS := ^(TestFaultKilledAtEachRequest|TestFaultThousandAtStart|TestFaultSilentWatches)$$

# Rows that need root, for the file systems that they fill: make e2e plays them.
ROOTFAULTS := ^(TestDiskReallyFull|TestFaultFullDisk)$$

export UNDOG_BIN := $(BIN)

.PHONY: help
help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-14s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build cluster ## a good release, a bad one, the undo and its event, on a real control plane (STORY=first-name: a bug that probes miss; KEEP=1 leaves it up)
	@$(BIN)/undog-demo $(if $(STORY),--story=$(STORY)) $(if $(KEEP),--keep)

.PHONY: build
build: ## bin/undog
	@$(call progress,building undog)
	@hack/progress $(GO) build -v -ldflags '-s -w -X main.version=$(VERSION)' -o $(BIN)/undog ./cmd/undog

.PHONY: image
image: ## bin/undog-image.tar, an OCI image and docker-archive of undog, and what it is made of (IMAGE=name:tag)
	@$(call progress,building the image $(IMAGE))
	@$(GO) run ./hack/image -o $(BIN)/undog-image.tar -name $(IMAGE) $(IMAGEFLAGS)

.PHONY: cluster
cluster: ## the local control plane, the scripted kubelet and the demo (the first build takes minutes)
	@$(call progress,building the control plane; the first time takes minutes)
	@hack/progress $(GO) build -C $(CLUSTER) -v -ldflags '$(KUBELD)' -o $(BIN)/ ./cmd/undog-cluster ./cmd/undog-demo

.PHONY: node
node: ## what a real node needs: kubelet, scheduler, kubectl, helm
	@$(call progress,building kubelet and scheduler)
	@hack/progress $(GO) build -C $(CLUSTER) -v -ldflags '$(KUBELD)' -o $(BIN)/ ./cmd/undog-node

.PHONY: clients
clients: ## kubectl and helm, for the tests that play a workload's owner
	@$(call progress,building kubectl and helm)
	@hack/progress $(GO) build -C $(CLUSTER) -v -ldflags '$(KUBELD)' -o $(BIN)/ k8s.io/kubernetes/cmd/kubectl
	@hack/progress $(GO) build -C hack/tools/helm -v -ldflags '-s -w' -o $(BIN)/ helm.sh/helm/v4/cmd/helm

.PHONY: test
test: unit integration ## all tests that need no root

.PHONY: unit
unit: ## the main module: no cluster, no network
	$(GO) test $(TESTFLAGS) ./...

.PHONY: integration
integration: build cluster clients ## everything on a real API server
	$(GO) -C $(CLUSTER) test -shuffle=on $(KUBEPKGS)
	$(GO) -C $(CLUSTER) test $(TESTFLAGS) -count=1 -p 1 -timeout 20m -skip '$(LONGFAULTS)' \
		$$($(GO) -C $(CLUSTER) list ./... | grep -v -E '/($(subst $(space),|,$(patsubst ./%/...,%,$(KUBEPKGS))))(/|$$)')

.PHONY: e2e
e2e: IMAGE = undog-dev/undog:e2e
e2e: IMAGEFLAGS = -check
e2e: build image cluster node clients ## the story on a real kubelet (root; installs containerd, runc, Django and Prometheus where missing)
	hack/install-node-deps.sh python3-django prometheus
	$(GO) -C $(CLUSTER) test -tags e2e -count=1 -p 1 -v -timeout 25m ./realnode/... ./e2e/...
	$(GO) test -tags e2e -count=1 -v ./test/faults -run '$(ROOTFAULTS)'
	$(GO) -C $(CLUSTER) test -tags e2e -count=1 -v ./suite/daemon -run '$(ROOTFAULTS)'

.PHONY: cluster-up
cluster-up: cluster $(if $(filter real,$(NODES)),node) ## a cluster to play with (NODES=scripted|real); prints a KUBECONFIG
	@$(if $(filter real,$(NODES)),hack/install-node-deps.sh)
	@$(BIN)/undog-cluster up --nodes $(NODES)

.PHONY: cluster-down
cluster-down: ## stop it
	@$(BIN)/undog-cluster down

.PHONY: bench
ifdef TIER
bench: build cluster ## benchmarks of the engine, the watcher and the events, and undog in a small real cluster; TIER=S|M|L|XL: undog in a cluster of that size, for docs/performance.md (minutes)
	@$(GO) build -C $(CLUSTER) -o $(BIN)/ ./cmd/undog-bench
	$(BIN)/undog-bench -tier $(TIER) -docs docs
else
bench: build cluster
	$(GO) test -run '^$$' -bench . -benchmem -benchtime 1s ./policy/... ./watcher/... ./notify/...
	@$(GO) build -C $(CLUSTER) -o $(BIN)/ ./cmd/undog-bench
	$(BIN)/undog-bench -tier S
endif

.PHONY: neighbours
neighbours: ## what a pod costs in undog, in client-go's informer and in controller-runtime's cache; for docs/performance.md
	$(GO) test -C test/neighbours -run '^$$' -bench . -benchtime 20000x . | tee docs/bench/neighbours.txt
	$(GO) run ./hack/performance-page -write

.PHONY: faults
faults: FAULTTAGS = $(if $(filter 0,$(shell id -u)),-tags e2e)
faults: build cluster ## every fault of NATS and of undog, and what a subscriber got; writes the tables of docs/faults.md and docs/events.md (minutes; the full disks need root)
	$(GO) test $(FAULTTAGS) -count=1 ./test/faults -page $(CURDIR)/docs/faults.md
	$(GO) -C $(CLUSTER) test $(FAULTTAGS) -count=1 -timeout 20m ./suite/daemon -run '^TestFault' -faults $(CURDIR)/docs/faults.md
	$(GO) run ./hack/event-contract -write

.PHONY: stress
stress: build cluster ## one story under every fault of the API server, compared with the same without; writes the table of docs/stress.md (minutes)
	$(GO) -C $(CLUSTER) test -count=1 -timeout 30m ./suite/daemon -run '^TestStress$$' -stress $(CURDIR)/docs/stress.md

.PHONY: soak
soak: build cluster ## an hour (DURATION=20m: less) of releases and outages on a real control plane: undog keeps its size; writes docs/soak.md
	$(GO) -C $(CLUSTER) test -count=1 -timeout 24h ./suite/daemon -v -run '^TestSoakStaysFlat$$' -soak $(or $(DURATION),1h) -soak-docs $(CURDIR)/docs

.PHONY: falsealarms
falsealarms: ## the false-alarm rate of the sequential tests, 10,000 healthy rollouts per cell (minutes)
	$(GO) test ./policy/eprocess -run 'TestFalseAlarms|TestMistakes' -rollouts=10000 -timeout 1h -v
	$(GO) test ./policy -run "TestSequentialFalseAlarms|TestCheckFalseAlarms" -rollouts=10000 -timeout 1h -v

.PHONY: corpus
corpus: ## every scenario in every cell, in virtual time; writes the table of docs/judgement.md (minutes)
	$(GO) run ./test/corpus/cmd/corpus -page docs/judgement.md

.PHONY: corpus-real
corpus-real: build cluster ## every scenario once on a real control plane, in real time; writes its table into docs/judgement.md (two hours)
	$(GO) -C $(CLUSTER) run ./cmd/corpus-real -page ../../docs/judgement.md

.PHONY: vetoes
vetoes: ## each veto taken away: exactly the scenarios written for it must fail
	$(GO) run ./test/corpus/cmd/corpus -vetoes

.PHONY: manifests
manifests: cluster clients ## render the chart into deploy/kustomize
	$(GO) -C $(CLUSTER) test -count=1 ./suite/install -run TestKustomizeIsTheChart -update

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME
	hack/fuzz $(or $(FUZZTIME),10s)

.PHONY: lint
lint: $(BIN)/golangci-lint ## linters, formats, import rules, generated parts, tidy modules
	$(BIN)/golangci-lint run ./...
	cd $(CLUSTER) && $(BIN)/golangci-lint run --config ../../.golangci.yml ./...
	$(GO) run ./hack/readme-flags -check README.md
	$(GO) run ./hack/event-contract -check
	$(GO) run ./hack/metrics-page -check
	$(GO) run ./hack/alerts-page -check
	$(GO) run ./hack/performance-page -check
	$(GO) run ./hack/config-schema -check
	$(GO) run ./hack/doc-links
	hack/verify-tidy

.PHONY: vulncheck
vulncheck: ## known weaknesses in what both modules are built with (asks the Go vulnerability database: needs the network)
	$(GO) build -C hack/tools/vuln -o $(BIN)/govulncheck golang.org/x/vuln/cmd/govulncheck
	$(BIN)/govulncheck ./...
	cd $(CLUSTER) && $(BIN)/govulncheck ./...

$(BIN)/golangci-lint: hack/tools/lint/go.mod
	@$(call progress,building golangci-lint)
	@$(GO) build -C hack/tools/lint -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: fmt
fmt: $(BIN)/golangci-lint ## format the code
	$(BIN)/golangci-lint fmt ./...
	cd $(CLUSTER) && $(BIN)/golangci-lint fmt --config ../../.golangci.yml ./...

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN)

progress = printf '\033[1m==>\033[0m %s\n' '$(1)' >&2
