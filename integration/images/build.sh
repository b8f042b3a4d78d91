#!/usr/bin/env bash
# Makes the images of the container tests that are missing: build.sh [name...]; without names, every folder beside this
# file. Each ends as dormer-test/<name>:local, whichever way it came:
#   1. DORMER_<NAME>_IMAGE names an image of yours: it is pulled if missing, and nothing is built.
#   2. Where a registry answers, the official image that <name>/official names.
#   3. Else an image from Debian's packages: <name>/packages says which, <name>/Dockerfile adds the entry point.
# Exit code 3: mmdebstrap is needed and missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
suite=bookworm

say() { printf 'images: %s\n' "$*"; }
die() { printf 'images: %s\n' "$*" >&2; exit 1; }

have() { docker image inspect "$1" >/dev/null 2>&1; }

# label prints one label of an image, nothing when there is no such image.
label() { docker image inspect --format "{{index .Config.Labels \"$2\"}}" "$1" 2>/dev/null || true; }

# fingerprint is what an image was made from: when a file of the folder changes, the image is made anew.
fingerprint() { (cd "$1" && shift && { printf '%s\n' "$suite"; cat "$@"; } | sha256sum | cut -c1-16); }

# registry_answers waits a few seconds at most: without a network some resolvers never say no.
registry_answers() { timeout 6 docker manifest inspect "$1" >/dev/null 2>&1 </dev/null; }

# bootstrap makes the layer of Debian and the packages, by far the slowest part, apart from the entry point.
bootstrap() {
    local name=$1 base=$2 print=$3 packages work
    command -v mmdebstrap >/dev/null || { say "mmdebstrap is missing"; exit 3; }
    packages=$(paste -sd, "$here/$name/packages")
    work=$(mktemp -d "${TMPDIR:-/tmp}/dormer-image.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    say "$name: bootstrapping $suite with $packages, about half a minute"
    mmdebstrap --variant=essential --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --customize-hook="$here/$name/customize" \
        "$suite" "$work/rootfs.tar" >"$work/log" 2>&1 </dev/null || { tail -n 30 "$work/log" >&2; die "$name: mmdebstrap failed"; }
    docker import --change "LABEL dormer.base=$print" "$work/rootfs.tar" "$base" >/dev/null
    rm -rf "$work"
    trap - EXIT
}

build() {
    local name=$1 image base print override official
    [ -f "$here/$name/Dockerfile" ] || die "no image is called $name"
    image=dormer-test/$name:local
    base=dormer-test/$name-base:local

    override=DORMER_$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')_IMAGE
    if [ -n "${!override:-}" ]; then
        have "${!override}" || docker pull -q "${!override}" || die "$override: cannot pull ${!override}"
        say "$name: ${!override}, as $override says"
        return
    fi

    official=$(cat "$here/$name/official")
    print=$(fingerprint "$here/$name" packages customize Dockerfile entrypoint.sh)
    if [ "$(label "$image" dormer.source)" = "$print" ]; then
        say "$name: there already"
        return
    fi
    if have "$official" || { registry_answers "$official" && docker pull -q "$official" >/dev/null; }; then
        docker tag "$official" "$image"
        say "$name: $official"
        return
    fi

    say "$name: no registry answers"
    local base_print
    base_print=$(fingerprint "$here/$name" packages customize)
    if [ "$(label "$base" dormer.base)" != "$base_print" ]; then
        bootstrap "$name" "$base" "$base_print"
    fi
    # Clients without buildx print a page about it; only a failure is worth reading.
    local log
    log=$(docker build -q --build-arg "BASE=$base" --label "dormer.source=$print" -t "$image" "$here/$name" 2>&1) || {
        printf '%s\n' "$log" >&2
        die "$name: docker build failed"
    }
    say "$name: built"
}

if [ $# = 0 ]; then
    for folder in "$here"/*/; do
        build "$(basename "$folder")"
    done
else
    for name in "$@"; do
        build "$name"
    done
fi
