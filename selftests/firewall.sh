#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The operator's stateful firewall, closed by default, and strict reverse path
# filtering stand on the gateway: both see the inner, untranslated packets and
# everything works; what the firewall does not allow does not pass.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require nft conntrack

gw sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.Ethernet0.rp_filter=1 \
	net.ipv4.conf.Serial1.rp_filter=1
gw nft -f - <<-EOT || skip_all "nft refuses the firewall"
	table ip filter {
		chain forward {
			type filter hook forward priority filter; policy drop;
			ct state established,related counter name established accept
			ct state invalid counter name invalid drop
			iifname Serial1 ip saddr 10.2.2.0/24 ip daddr 10.2.1.0/24 ct state new counter name to_client accept
			iifname Serial1 ip saddr 10.2.2.0/24 ct state new counter name to_outside accept
			iifname Ethernet0 ip saddr 10.2.1.0/24 ip daddr 10.2.2.0/24 icmp type echo-request ct state new counter name from_client accept
			iifname Ethernet0 ip saddr 10.2.1.0/24 ip daddr 10.2.2.0/24 tcp dport 7001 ct state new counter name from_client accept
			counter name refused
		}
		chain input {
			type filter hook input priority filter; policy accept;
			ip protocol esp counter name esp_input
		}
		counter established { }
		counter invalid { }
		counter to_client { }
		counter to_outside { }
		counter from_client { }
		counter refused { }
		counter esp_input { }
	}
EOT

# packets of a named counter
counter()
{
	gw nft list counter ip filter "$1" | awk '$1 == "packets" { print $2 }'
}

client_to_inside()
{
	local new est
	new=$(counter from_client)
	est=$(counter established)
	check_ping "$CLIENT" $INSIDE_ADDR 5
	check_eq "connections that the firewall saw begin" $(($(counter from_client) - new)) 1
	check_eq "packets that it took for established" $(($(counter established) - est)) 9
	check_match "conntrack" "$(gw conntrack -L 2>/dev/null)" \
		"icmp .*src=$CLIENT_INNER dst=$INSIDE_ADDR .*src=$INSIDE_ADDR dst=$CLIENT_INNER"
}

inside_to_client()
{
	local new est
	new=$(counter to_client)
	est=$(counter established)
	check_ping "$INSIDE" $CLIENT_INNER 5
	check_eq "connections that the firewall saw begin" $(($(counter to_client) - new)) 1
	check_eq "packets that it took for established" $(($(counter established) - est)) 9
}

inside_to_outside()
{
	local new est
	new=$(counter to_outside)
	est=$(counter established)
	check_ping "$INSIDE" $OUTSIDE_ADDR 5
	check_eq "connections that the firewall saw begin" $(($(counter to_outside) - new)) 1
	check_eq "packets that it took for established" $(($(counter established) - est)) 9
	# outside conntrack: inside local addresses in both directions
	check_match "conntrack" "$(gw conntrack -L 2>/dev/null)" \
		"icmp .*src=$INSIDE_ADDR dst=$OUTSIDE_ADDR .*src=$OUTSIDE_ADDR dst=$INSIDE_ADDR"
	check_eq "echo requests from the pool" \
		"$(captured wire "icmp[0] == 8 and dst $OUTSIDE_ADDR and $POOL_SRC")" 5
}

tcp_both_ways()
{
	head -c 300k /dev/urandom > "$TMP/file"
	tcp_start tunnel "$CLIENT" "$INSIDE" $INSIDE_ADDR 7001 "$TMP/file"
	tcp_start nat "$INSIDE" "$OUTSIDE" $OUTSIDE_ADDR 7002 "$TMP/file"
	tcp_check tunnel "$TMP/file" 40
	tcp_check nat "$TMP/file" 40
	check_eq "packets that the firewall found invalid" "$(counter invalid)" 0
}

refused_stays_refused()
{
	local refused
	refused=$(counter refused)
	udp_sink refused "$INSIDE" 7003
	check "sender" client python3 "$SELFTESTS/traffic.py" send $INSIDE_ADDR 7003 5
	busywait 10 refused_past $((refused + 4)) ||
		fail "the firewall has refused $(($(counter refused) - refused)) of 5"
	check_eq "datagrams at the inside host" "$(numbers refused | wc -l)" 0
	bg_stop refused
}

refused_past()
{
	[[ $(counter refused) -gt $1 ]]
}

# decapsulated before INPUT, so no rule for ESP is needed
no_esp_in_input()
{
	check_eq "ESP packets at the input hook" "$(counter esp_input)" 0
	check_eq "drops of vpngw" "$(drops)" ""
}

no_clear()
{
	check_no_clear
}

run_tests "
	client_to_inside	client to inside: begun once, then established
	inside_to_client	inside to client: begun once, then established
	inside_to_outside	inside to outside: conntrack sees inside addresses, the wire the pool
	tcp_both_ways		TCP through tunnel and NAT, nothing invalid
	refused_stays_refused	what the firewall does not allow does not pass
	no_esp_in_input		nothing is dropped by vpngw, no ESP reaches the input hook
	no_clear		nothing protected was in clear on the wire
"
