# Shared by the lab's scripts; meant to be sourced. It sets no state outside the cache folder.
# shellcheck shell=bash disable=SC2034

shopt -s inherit_errexit

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_CACHE=${SOFTVERBS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/softverbs}
LAB_SUITE=${SOFTVERBS_DEBIAN_SUITE:-bookworm}
LAB_KEYRING=${SOFTVERBS_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
# Package lists older than this are fetched again, so that a cached guest follows security updates.
LAB_LISTS_MAX_AGE_MINUTES=${SOFTVERBS_LISTS_MAX_AGE_MINUTES:-1440}

log() { printf 'lab: %s\n' "$*" >&2; }

die() {
  printf 'lab: %s\n' "$*" >&2
  exit 1
}

# Prints the comment block at the top of the calling script.
show_help() { sed -n '2,/^$/{s/^# \{0,1\}//;p;}' "$0"; }

require_commands() {
  local missing=() command
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  ((${#missing[@]} == 0)) || die "missing commands: ${missing[*]}; .ci/run shows the Debian packages"
}

require_root() { ((EUID == 0)) || die "$(basename "$0") needs root"; }

# The first docker client that really reaches an engine: a machine may have an old or a dummy one first.
docker_client() {
  local client
  for client in "${SOFTVERBS_DOCKER:-docker}" /usr/bin/docker /usr/local/bin/docker; do
    if command -v "$client" >/dev/null && "$client" version --format '{{.Server.Version}}' \
      >/dev/null 2>&1; then
      printf '%s\n' "$client"
      return
    fi
  done
  die "no docker client reaches a container engine; is dockerd running?"
}

# Base URI of a suite: an override, then what this machine's apt is configured with, then Debian's own.
mirror_of() { # SUITE OVERRIDE DEFAULT
  local uri=$2
  if [[ -z $uri ]] && command -v apt-get >/dev/null; then
    # shellcheck disable=SC2016 # apt-get expands these
    uri=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
      'Created-By: Packages' 2>/dev/null |
      awk -v suite="$1" '$1 == suite && $2 == "main" { print $3; exit }') || uri=
  fi
  printf '%s\n' "${uri:-$3}"
}

debian_mirror() { mirror_of "$LAB_SUITE" "${SOFTVERBS_DEBIAN_MIRROR:-}" http://deb.debian.org/debian; }

security_mirror() {
  mirror_of "$LAB_SUITE-security" "${SOFTVERBS_DEBIAN_SECURITY_MIRROR:-}" \
    http://deb.debian.org/debian-security
}

# apt-get with its own sources and state, so that the host's release and packages play no part.
lab_apt_get() {
  local root=$LAB_CACHE/apt-$LAB_SUITE
  apt-get -o Dir::State="$root" -o Dir::State::status="$root/status" -o Dir::Cache="$root/cache" \
    -o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o APT::Sandbox::User=root \
    -o APT::Install-Recommends=false -o APT::Update::Post-Invoke::= "$@"
}

refresh_package_lists() {
  local root=$LAB_CACHE/apt-$LAB_SUITE
  [[ -r $LAB_KEYRING ]] || die "missing $LAB_KEYRING (package debian-archive-keyring)"
  mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/cache/none/partial"
  : >"$root/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$LAB_KEYRING" "$(debian_mirror)" "$LAB_SUITE" \
    "$LAB_KEYRING" "$(security_mirror)" "$LAB_SUITE-security" >"$root/sources.list.new"
  if [[ -n $(find "$root/updated" -mmin "-$LAB_LISTS_MAX_AGE_MINUTES" 2>/dev/null) ]] &&
    cmp -s "$root/sources.list" "$root/sources.list.new"; then
    return
  fi
  mv "$root/sources.list.new" "$root/sources.list"
  if lab_apt_get update -qq >&2; then
    touch "$root/updated"
  elif [[ -e $root/updated ]]; then
    log "package lists could not be fetched; going on with those of $(date -r "$root/updated" -Im)"
  else
    die "package lists could not be fetched"
  fi
}

# One line per package file that an installation of the given packages needs: URI FILE SIZE HASH.
resolve_packages() { # PACKAGE...
  exclusively apt refresh_package_lists
  # With an empty archive folder, because what is already fetched would not be listed.
  lab_apt_get -o Dir::Cache::archives=none/ install -qq --print-uris -y "$@" | sort -k 2
}

# Runs a command while holding one of the cache's locks. The kernel drops the lock of a killed holder.
exclusively() { # LOCK COMMAND...
  local lock=$LAB_CACHE/$1.lock
  shift
  mkdir -p "$LAB_CACHE"
  (
    flock 9
    "$@"
  ) 9>"$lock"
}

# Builds an artefact folder once: into a temporary folder, then renamed, so that it is whole or absent.
# What a killed build left behind is removed by the next one, which holds the lock.
build_once() { # NAME KEY BUILDER: calls BUILDER FOLDER
  local target=$LAB_CACHE/$1-$2
  [[ -d $target ]] || exclusively "$1" build_folder "$1" "$target" "$3"
  touch "$target"
  printf '%s\n' "$target"
}

build_folder() { # NAME TARGET BUILDER
  [[ ! -d $2 ]] || return 0
  rm -rf --one-file-system "$LAB_CACHE/.building-$1".*
  local folder
  folder=$(mktemp -d "$LAB_CACHE/.building-$1.XXXXXX")
  chmod 755 "$folder"
  "$3" "$folder" >&2
  mv "$folder" "$2"
}

short_hash() { sha256sum | cut -c 1-16; }
