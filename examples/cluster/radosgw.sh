#!/usr/bin/env bash
# radosgw.sh DIR PORT MONITOR_PORT
# Runs an S3-compatible store on 127.0.0.1: Ceph's gateway with one monitor and one OSD, and a bucket
# "towpath". DIR is one of secrets.sh; the data are in DIR/radosgw, or in memory with OSD=memstore.
# Prints "ready"; ends all three when it is ended itself. With CONTROL=stdin it ends with its input, of
# which a line "kill" or "start" is about the gateway. One machine keeps one copy: this is to try
# Towpath, and no way to keep files.
set -euo pipefail
dir=$(realpath "$1") port=$2 monitor_port=$3
data=$dir/radosgw
osd=${OSD:-bluestore}
access=$(sed -n 's/^aws_access_key_id = //p' "$dir/store.credentials")
secret=$(sed -n 's/^aws_secret_access_key = //p' "$dir/store.credentials")
export CEPH_CONF=$data/ceph.conf
log=$data/start.log
mkdir -p "$data"
cd "$data"
[ -e fsid ] || cat /proc/sys/kernel/random/uuid >fsid
cat >ceph.conf <<CONF
[global]
fsid = $(cat fsid)
mon_host = [v2:127.0.0.1:$monitor_port]
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
run_dir = $data
pid_file =
admin_socket =
log_file = $data/\$name.log
mon_cluster_log_file = $data/cluster.log
crash_dir = $data
keyring = $data/keyring
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data = $data/mon
osd_data = $data/osd
osd_journal = $data/osd/journal
[mon]
mon_data_avail_crit = 1
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
[osd]
osd_objectstore = $osd
memstore_device_bytes = 4294967296
bluestore_block_size = 21474836480
bluestore_block_create = true
osd_memory_target = 939524096
osd_op_num_shards = 1
osd_op_num_threads_per_shard = 2
osd_class_load_list = *
osd_class_default_list = *
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
rgw_data = $data/rgw
rgw_thread_pool_size = 32
rgw_enable_usage_log = false
rgw_run_sync_thread = false
rgw_override_bucket_index_max_shards = 4
CONF

servers=()
# The last one first: the OSD reports its end to the monitor. The gateway keeps nothing, and takes
# seconds to end by itself.
stop() {
  local i
  trap '' INT TERM HUP
  for ((i = ${#servers[@]} - 1; i >= 0; i--)); do
    kill "$([ "$i" = 2 ] && echo -9 || echo -15)" "${servers[i]}" 2>>"$log" || true
    timeout 5 tail -s 0.1 --pid="${servers[i]}" -f /dev/null || kill -9 "${servers[i]}" || true
  done
  wait || true
}
trap stop EXIT
trap 'exit 143' INT TERM HUP
fail() {
  tail -n 5 "$log" >&2
  exit 1
}
start() {
  "$@" >>"$log" 2>&1 &
  servers+=($!)
}
# until_ok COMMAND…: waits for what has been started.
until_ok() {
  for _ in $(seq 600); do
    "$@" >/dev/null 2>>"$log" && return 0
    for server in "${servers[@]}"; do
      kill -0 "$server" 2>/dev/null || fail
    done
    sleep 0.1
  done
  fail
}
osd_is_up() { timeout 20 ceph osd stat 2>>"$log" | grep -q '1 up'; }

if [ ! -e created ]; then
  rm -rf mon osd rgw
  mkdir mon osd rgw
  monmaptool --create --clobber --addv a "[v2:127.0.0.1:$monitor_port]" --fsid "$(cat fsid)" \
    monmap >>"$log" 2>&1 || fail
  ceph-mon -i a --mkfs --monmap monmap >>"$log" 2>&1 || fail
fi
start ceph-mon -f -i a
if [ ! -e created ]; then
  uuid=$(cat /proc/sys/kernel/random/uuid)
  timeout 60 ceph osd new "$uuid" >>"$log" 2>&1 || fail
  ceph-osd -i 0 --mkfs --osd-uuid "$uuid" >>"$log" 2>&1 || fail
fi
start ceph-osd -f -i 0
until_ok osd_is_up
if [ ! -e created ]; then
  timeout 60 radosgw-admin -n client.rgw user create --uid towpath --display-name towpath \
    --access-key "$access" --secret "$secret" >>"$log" 2>&1 || fail
fi
start_gateway() {
  radosgw -f -n client.rgw >>"$log" 2>&1 &
  servers[2]=$!
  until_ok curl -fs "http://127.0.0.1:$port/"
}
start_gateway
printf 'user = "%s:%s"\n' "$access" "$secret" |
  curl -fs -K - --aws-sigv4 aws:amz:us-east-1:s3 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \
    -X PUT "http://127.0.0.1:$port/towpath" >>"$log" || fail
[ "$osd" = memstore ] || touch created
echo ready
[ "${CONTROL:-}" = stdin ] || { wait -n; exit; }
# "kill" and "start" are about the gateway, for tests; all ends with the input.
while read -r order; do
  case $order in
  kill)
    kill -9 "${servers[2]}" 2>>"$log" || true
    wait "${servers[2]}" 2>>"$log" || true
    echo killed
    ;;
  start) start_gateway && echo ready ;;
  esac
done
