#!/usr/bin/env bash
# Makes a machine ready for the container tests: a Docker engine that answers and the images they start.
# Safe to run again: what is there already is left alone. On Debian and Ubuntu, as root, it installs what is missing;
# elsewhere it uses the engine that runs, and says what it lacks.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf 'prepare: %s\n' "$*"; }
die() { printf 'prepare: %s\n' "$*" >&2; exit 1; }

# answers asks the engine, not the client: a client alone prints a version too.
answers() { timeout 10 docker info >/dev/null 2>&1; }

# install brings Debian packages; the lists are fetched once, and only when something is missing.
install() {
    command -v apt-get >/dev/null || die "missing: $*; install it and run this again"
    [ "$(id -u)" = 0 ] || die "missing: $*; run this as root, or install it by hand"
    if [ -z "${lists_fetched:-}" ]; then
        say "apt-get update"
        apt-get update -qq </dev/null
        lists_fetched=1
    fi
    say "apt-get install $*"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

# start_engine runs dockerd in a session of its own, so that it outlives this script and the terminal.
start_engine() {
    local dockerd log pid
    # A machine may have a docker client without an engine, so look for the engine itself.
    PATH=$PATH:/usr/sbin:/sbin
    if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null || ! command -v iptables >/dev/null; then
        install docker.io iptables ca-certificates
        hash -r
        # On a machine with an init system the package has started the engine.
        for _ in 1 2 3; do
            if answers; then return; fi
            sleep 1
        done
    fi
    dockerd=$(command -v dockerd) || die "docker.io is installed but there is no dockerd"
    [ "$(id -u)" = 0 ] || die "no Docker engine answers; start it, or run this as root"

    # A killed engine leaves its pid file, and the number may belong to another process by now: dockerd then refuses.
    if [ -f /var/run/docker.pid ] && ! grep -qs dockerd "/proc/$(cat /var/run/docker.pid)/comm"; then
        rm -f /var/run/docker.pid
    fi

    log=$(mktemp "${TMPDIR:-/tmp}/dockerd.XXXXXX.log")
    say "starting $dockerd, log in $log"
    # Ports go to loopback unless a container says otherwise: test servers have well-known passwords.
    setsid nohup "$dockerd" --ip 127.0.0.1 >"$log" 2>&1 </dev/null &
    pid=$!
    for _ in $(seq 60); do
        if answers; then return; fi
        if ! kill -0 "$pid" 2>/dev/null; then
            # setsid may have forked; the engine's own word is what counts.
            sleep 1
            answers && return
            tail -n 20 "$log" >&2
            die "dockerd ended at once, log in $log"
        fi
        sleep 1
    done
    tail -n 20 "$log" >&2
    die "dockerd does not answer after 60 s, log in $log"
}

if ! command -v docker >/dev/null || ! answers; then
    start_engine
fi
answers || die "no Docker engine answers"
say "engine $(docker version --format '{{.Server.Version}}'), client $(docker version --format '{{.Client.Version}}')"

# Only a machine that builds images itself needs mmdebstrap; build.sh says so by this exit code.
status=0
"$here/images/build.sh" || status=$?
if [ "$status" = 3 ]; then
    install mmdebstrap
    "$here/images/build.sh"
elif [ "$status" != 0 ]; then
    exit "$status"
fi
say "ready"
