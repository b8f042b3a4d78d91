#!/bin/bash
# Starts PostgreSQL as the official image does: on the first start a cluster is made and a server that listens on no port
# prepares it; then the real one takes this process's place. The log says "ready to accept connections" once for each.
#   POSTGRES_PASSWORD     required
#   POSTGRES_USER         postgres
#   POSTGRES_DB           the user's name
#   POSTGRES_INITDB_ARGS  more arguments for initdb
set -euo pipefail

# `docker run image -c fsync=off` means the server with these arguments.
if [ $# = 0 ] || [ "${1:0:1}" = - ]; then
    set -- postgres "$@"
fi
if [ "$1" != postgres ]; then
    exec "$@"
fi

if [ "$(id -u)" = 0 ]; then
    # The volume may come from outside, owned by someone else; the server refuses to run as root.
    mkdir -p "$PGDATA"
    chown postgres:postgres "$PGDATA"
    chmod 0700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "${BASH_SOURCE[0]}" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    if [ -z "${POSTGRES_PASSWORD:-}" ]; then
        echo "entrypoint: POSTGRES_PASSWORD is not set" >&2
        exit 1
    fi
    POSTGRES_USER=${POSTGRES_USER:-postgres}
    POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}

    # shellcheck disable=SC2086 # several arguments in one variable, as the official image has it
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") \
        --auth-local=trust --auth-host=scram-sha-256 ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"

    # The server's own arguments go along: they are what the cluster is meant to run with.
    pg_ctl -D "$PGDATA" -o "$([ $# -lt 2 ] || printf '%q ' "${@:2}") -c listen_addresses=''" -w start
    if [ "$POSTGRES_DB" != postgres ]; then
        psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname postgres --set db="$POSTGRES_DB" \
            <<<'CREATE DATABASE :"db"'
    fi
    pg_ctl -D "$PGDATA" -m fast -w stop
fi

unset POSTGRES_PASSWORD
exec "$@"
