#!/usr/bin/env bash
# Two hosts on one machine, for measurements: a network namespace each, joined by a cable of the given rate, with one rank
# in either. Wants root, iproute2 and Open MPI.
#
#     docs/cluster/two_hosts.sh 1gbit build/brainbert pretrain corpus.h5 --out run ...
set -euo pipefail
rate=$1
shift
a=bb-host-a b=bb-host-b
tmp=$(mktemp -d)
clean_up() {
    ip netns del $a 2>/dev/null || true
    ip netns del $b 2>/dev/null || true
    rm -rf "$tmp"
}
trap clean_up EXIT
ip netns add $a
ip netns add $b
ip link add veth-a netns $a type veth peer name veth-b netns $b
end() { # end NAMESPACE DEVICE ADDRESS
    ip -n "$1" addr add "$3/24" dev "$2"
    ip -n "$1" link set "$2" up
    ip -n "$1" link set lo up
    # Segments of at most 64 KB leave at the rate; what is beyond a few milliseconds' worth waits in the sender.
    tc -n "$1" qdisc add dev "$2" root tbf rate "$rate" burst 256kb latency 20ms
}
end $a veth-a 10.77.0.1
end $b veth-b 10.77.0.2

# mpirun reaches the other host by this in place of ssh: HOST COMMAND...
cat >"$tmp/reach" <<REACH
#!/bin/sh
shift
exec ip netns exec $b sh -c "\$*"
REACH
chmod +x "$tmp/reach"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ip netns exec $a mpirun --host 10.77.0.1:1,10.77.0.2:1 -n 2 --mca plm_rsh_agent "$tmp/reach" --mca btl tcp,self \
    --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 "$@"
