#!/usr/bin/env bash
# start.sh [DIR]
# PostgreSQL, radosgw, two nodes and HAProxy on this machine, from Debian's packages. Ctrl-C stops all
# of it; DIR keeps the data (default ./towpath-cluster), and the next start continues with it.
#   apt-get install --no-install-recommends postgresql ceph-mon ceph-osd radosgw haproxy curl openssl
# Ports, and the program if it is not deno, can be set: DENO="npx -y deno@2.9.6" NATIVE_PORT=9000 …
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
dir=${1:-towpath-cluster}
read -ra deno <<<"${DENO:-deno}"

# Every node has an address of its own, and the ports that HAProxy has at the balancer's.
export BALANCER=127.0.0.1 NODE_1=127.0.0.2 NODE_2=127.0.0.3
export NATIVE_PORT=${NATIVE_PORT:-9000} WEB_PORT=${WEB_PORT:-9443} FTP_PORT=${FTP_PORT:-2121}
export PASSIVE_1=${PASSIVE_1:-50000-50009} PASSIVE_2=${PASSIVE_2:-50010-50019}
postgres_port=${POSTGRES_PORT:-15432} store_port=${STORE_PORT:-17480}
monitor_port=${MONITOR_PORT:-17481}

"$here/secrets.sh" "$dir" "$NODE_1" "$NODE_2"
dir=$(realpath "$dir")
export CA=$dir/ca.pem NAME=localhost
TOWPATH_ADMIN_PASSWORD=$(cat "$dir/admin.password")
export TOWPATH_ADMIN_PASSWORD

running=()
stop() {
  trap '' INT TERM HUP
  # In the other order than they were started: nodes end their work in the database.
  for ((i = ${#running[@]} - 1; i >= 0; i--)); do
    kill "${running[i]}" 2>/dev/null || true
    wait "${running[i]}" 2>/dev/null || true
  done
}
trap stop EXIT
trap 'exit 143' INT TERM HUP
# start NAME READY COMMAND…: runs a program, and waits until its output has READY, unless that is empty.
start() {
  local name=$1 ready=$2 log=$dir/$1.log
  shift 2
  : >"$log"
  "$@" >>"$log" 2>&1 &
  running+=($!)
  [ -n "$ready" ] || return 0
  until grep -q "$ready" "$log"; do
    kill -0 "${running[-1]}" 2>/dev/null || { tail -n 5 "$log" >&2; exit 1; }
    sleep 0.1
  done
  echo "$name is ready"
}
# node NUMBER ADDRESS PASSIVE_PORTS
node() {
  start "node-$1" "is ready" "${deno[@]}" run --quiet --lock=deno.lock --frozen -P=serve main.ts \
    --data "$dir/node-$1" --node "node-$1" --host "$2" --port "$NATIVE_PORT" \
    --web-port "$WEB_PORT" --ftp-port "$FTP_PORT" --ftp-passive-ports "$3" \
    --ftp-public-address "$BALANCER" --trusted-proxy "$BALANCER" \
    --cert "$dir/node.pem" --key "$dir/node.key" \
    --catalog "postgres://towpath@localhost:$postgres_port/towpath" \
    --catalog-password-file "$dir/catalog.password" --catalog-ca "$dir/ca.pem" \
    --store s3://towpath/files --store-endpoint "http://127.0.0.1:$store_port" \
    --store-credentials "$dir/store.credentials"
}

cd "$here/../.."
start postgres-run '^ready$' "$here/postgres.sh" "$dir" "$postgres_port"
start radosgw-run '^ready$' "$here/radosgw.sh" "$dir" "$store_port" "$monitor_port"
node 1 "$NODE_1" "$PASSIVE_1"
node 2 "$NODE_2" "$PASSIVE_2"
PATH=$PATH:/usr/sbin
start haproxy '' haproxy -db -f "$here/haproxy.cfg"
until (: <>"/dev/tcp/$BALANCER/$NATIVE_PORT") 2>/dev/null; do
  kill -0 "${running[-1]}" 2>/dev/null || { tail -n 5 "$dir/haproxy.log" >&2; exit 1; }
  sleep 0.1
done
echo "haproxy is ready"
cat <<END
Try it from another terminal:
  deno task client list --server 127.0.0.1:$NATIVE_PORT --ca $dir/ca.pem --user admin \\
    --password-file $dir/admin.password
  https://localhost:$WEB_PORT with the name admin and the password in $dir/admin.password
Ctrl-C stops everything; $dir keeps the data.
END
wait -n "${running[@]}"
echo "A program has ended: see the files in $dir" >&2
exit 1
