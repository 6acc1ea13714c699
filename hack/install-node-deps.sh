#!/usr/bin/env bash
# Installs what the real node of the local cluster needs from the distribution's
# packages (Debian, Ubuntu): containerd, runc and the CNI plugins, and the packages
# given, from which tests make their images or take a program. It does nothing
# where they are already there. The distribution's own services are neither started
# nor enabled: the tests run their own.
set -euo pipefail

readonly cni_dir=/usr/lib/cni
readonly policy=/usr/sbin/policy-rc.d

missing_packages() {
  local package plugin
  for package in "$@"; do
    installed "$package" || echo "$package"
  done
  command -v containerd >/dev/null && command -v ctr >/dev/null &&
    command -v containerd-shim-runc-v2 >/dev/null || echo containerd
  command -v runc >/dev/null || echo runc
  for plugin in bridge host-local loopback; do
    if [[ ! -x $cni_dir/$plugin ]]; then
      echo containernetworking-plugins
      return
    fi
  done
}

installed() {
  [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# retry runs a command up to five times: a mirror may be busy, and on a fresh
# machine another apt may hold the lock.
retry() {
  local attempt
  for attempt in 1 2 3 4 5; do
    "$@" && return
    echo "install-node-deps: '$*' failed (attempt $attempt of 5)" >&2
    sleep $((attempt * 2))
  done
  return 1
}

remove_policy() { rm -f "$policy"; }

main() {
  # A plain user's PATH may lack them.
  PATH=$PATH:/usr/sbin:/sbin
  local packages
  mapfile -t packages < <(missing_packages "$@")
  if [[ ${#packages[@]} -eq 0 ]]; then
    return
  fi
  echo "install-node-deps: installing ${packages[*]}"
  if [[ $(id -u) -ne 0 ]]; then
    echo "install-node-deps: must be root to install ${packages[*]}: run it with sudo, or install them yourself" >&2
    exit 1
  fi
  if ! command -v apt-get >/dev/null; then
    echo "install-node-deps: no apt-get here: install ${packages[*]} with this machine's package manager (CNI plugins into $cni_dir)" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  # dpkg asks this file before it starts a service; 101 means no.
  if [[ ! -e $policy ]]; then
    trap remove_policy EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  retry apt-get -o DPkg::Lock::Timeout=60 update -qq
  retry apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends "${packages[@]}"
  # Not started is not enough: an enabled service starts at the next boot.
  local service
  for service in containerd prometheus; do
    if [[ " ${packages[*]} " == *" $service "* ]] && command -v systemctl >/dev/null; then
      systemctl disable --quiet "$service.service"
    fi
  done
  mapfile -t packages < <(missing_packages "$@")
  if [[ ${#packages[@]} -ne 0 ]]; then
    echo "install-node-deps: still missing after the installation: ${packages[*]}" >&2
    exit 1
  fi
}

main "$@"
