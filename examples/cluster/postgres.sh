#!/usr/bin/env bash
# postgres.sh DIR PORT
# Runs PostgreSQL on 127.0.0.1, with TLS and a database for Towpath. DIR is one of secrets.sh; the data
# are in DIR/postgres. Prints "ready"; ends PostgreSQL when it is ended itself.
set -euo pipefail
dir=$(realpath "$1") port=$2
data=$dir/postgres
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
as=() owner=()
if [ "$(id -u)" -eq 0 ]; then
  # PostgreSQL refuses to run as root.
  as=(setpriv --reuid=postgres --regid=postgres --init-groups)
  owner=(-o postgres -g postgres)
  chmod 711 "$dir"
fi
cd /
fail() {
  tail -n 3 "$dir/postgres.log" >&2
  exit 1
}
server=
stop() {
  trap '' INT TERM HUP
  [ -z "$server" ] || kill -INT "$server" 2>/dev/null || true
  wait || true
}
trap stop EXIT
# A step of the first start ends before the script does.
trap 'exit 143' INT TERM HUP

if ! "${as[@]}" test -x "$dir"; then
  echo "the user postgres cannot enter $dir: a directory above it is closed to other users" >&2
  exit 1
fi

if [ ! -e "$data" ]; then
  rm -rf "$data.new"
  install -d -m 700 "${owner[@]}" "$data.new"
  "${as[@]}" "$bin/initdb" -D "$data.new" -U towpath --auth=reject --encoding=UTF8 --locale=C.UTF-8 \
    --no-instructions --no-sync >"$dir/postgres.log" 2>&1 || fail
  printf "ALTER USER towpath PASSWORD '%s'\nCREATE DATABASE towpath\n" "$(cat "$dir/catalog.password")" |
    "${as[@]}" "$bin/postgres" --single -D "$data.new" postgres >>"$dir/postgres.log" 2>&1 || fail
  echo 'hostssl all all 127.0.0.1/32 scram-sha-256' >"$data.new/pg_hba.conf"
  mv "$data.new" "$data"
fi
install -m 600 "${owner[@]}" "$dir/node.pem" "$data/server.crt"
install -m 600 "${owner[@]}" "$dir/node.key" "$data/server.key"

"${as[@]}" "$bin/postgres" -D "$data" -c listen_addresses=127.0.0.1 -c port="$port" -c ssl=on \
  -c unix_socket_directories= -c max_connections=100 -c shared_buffers=64MB \
  -c dynamic_shared_memory_type=posix >>"$dir/postgres.log" 2>&1 &
server=$!
# The first line is its process id: another server may have the port, or have left the file behind.
is_ready() {
  [ "$(sed -n 1p "$data/postmaster.pid")" = "$server" ] && grep -q '^ready' "$data/postmaster.pid"
} 2>/dev/null
until is_ready; do
  kill -0 "$server" 2>/dev/null || fail
  sleep 0.1
done
echo ready
wait "$server"
