#!/bin/sh
# A tiny Ceph with object gateways on the loopback address: one monitor, one OSD, one copy of everything. For tests alone.
# Owns the folder DIR and the ports from PORT to PORT + 60. Must never listen on another address.
set -eu
umask 077

DIR=${DIR:-/tmp/calotype-rgw}
PORT=${PORT:-7480}        # of the first gateway; the next ones follow, the cluster's own ports begin 20 above
GATEWAYS=${GATEWAYS:-2}
STORE=${STORE:-memstore}  # or bluestore, on a file: what is stored outlives the OSD
DAY=${DAY:-0}             # seconds in a day of lifecycle rules, which Ceph 16 has for all of a round too; 0: a real day
export CEPH_CONF="$DIR/ceph.conf"

configure() {
    cat > "$CEPH_CONF" <<END
[global]
fsid = $1
mon_host = [v2:127.0.0.1:$((PORT + 20))]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_bind_port_min = $((PORT + 21))
ms_bind_port_max = $((PORT + 60))
keyring = $DIR/keyring
run_dir = $DIR
admin_socket = $DIR/\$name.asok
pid_file = $DIR/\$name.pid
log_file = $DIR/\$name.log
mon_cluster_log_file = $DIR/cluster.log
crash_dir = $DIR
mon_data = $DIR/mon
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 500
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_data = $DIR/osd
osd_objectstore = $STORE
memstore_device_bytes = 8589934592
bluestore_block_size = 34359738368
rgw_data = $DIR
END
    test "$DAY" = 0 || echo "rgw_lc_debug_interval = $DAY" >> "$CEPH_CONF"
}

# Without cephx gateways of Ceph 16 wait for ever; the monitor takes all keys over when it is made.
make_keys() {
    ceph-authtool --create-keyring "$DIR/keyring" --gen-key -n mon. --cap mon 'allow *'
    ceph-authtool "$DIR/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    ceph-authtool "$DIR/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
    for number in $(seq "$GATEWAYS"); do
        ceph-authtool "$DIR/keyring" --gen-key -n "client.rgw$number" --cap mon 'allow rw' --cap osd 'allow rwx'
    done
}

start_cluster() {
    monmaptool --create --fsid "$1" --addv a "[v2:127.0.0.1:$((PORT + 20))]" "$DIR/monmap"
    ceph-mon -i a --mkfs --monmap "$DIR/monmap" --keyring "$DIR/keyring"
    ceph-mon -i a
    osd=$(cat /proc/sys/kernel/random/uuid)
    ceph osd new "$osd"
    ceph-osd -i 0 --mkfs --osd-uuid "$osd"
    ceph-osd -i 0
}

start_gateways() {
    for number in $(seq "$GATEWAYS"); do
        radosgw -n "client.rgw$number" --rgw-frontends "beast endpoint=127.0.0.1:$((PORT + number - 1))"
    done
    radosgw-admin user create --uid local --display-name local --access-key local --secret-key local-secret
}

start() {
    if test -e "$DIR"; then echo "$DIR is there already: '$0 stop' removes it" >&2; exit 1; fi
    mkdir -p "$DIR/mon" "$DIR/osd"
    fsid=$(cat /proc/sys/kernel/random/uuid)
    configure "$fsid"
    trap 'test $? = 0 || cat "$DIR/start.log" >&2' EXIT
    { make_keys; start_cluster "$fsid"; start_gateways; } > "$DIR/start.log" 2>&1
    echo "S3 at http://127.0.0.1:$PORT ($GATEWAYS gateways), keys local and local-secret; $(radosgw --version)"
}

stop() {
    test -e "$CEPH_CONF" || { echo "$DIR is no cluster of this script" >&2; exit 1; }
    for file in "$DIR"/client.rgw*.pid "$DIR/osd.0.pid" "$DIR/mon.a.pid"; do
        test -e "$file" || continue
        pid=$(cat "$file")
        kill "$pid" 2>/dev/null || continue
        while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
    done
    rm -rf "$DIR"
}

case "${1:-}" in
    start | stop) "$1" ;;
    *) echo "usage: [DIR=...] [PORT=...] [GATEWAYS=...] [STORE=...] [DAY=...] $0 start|stop (removes all)" >&2; exit 2 ;;
esac
