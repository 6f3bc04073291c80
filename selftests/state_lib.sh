# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the two ends say: counters, associations, translations. Sourced by lib.sh.

# xfrm_packets SPI: packets that the client's association has carried
xfrm_packets()
{
	ip -n "$CLIENT" -s xfrm state |
		awk -v spi="$(printf '0x%08x' "$1")" '
			/^src/ { found = 0; current = 0 }
			index($0, spi) { found = 1 }
			/lifetime current/ { current = 1; next }
			found && current && /packets/ {
				sub(/.*bytes\), /, ""); sub(/\(packets.*/, ""); print; exit }'
}

# members KEY...: of each object of vpnctl's JSON, which has a member to a line, the
# values of these members on a line, with tabs; "-" for one it has not. Objects that
# have not the first of them have no line. One of an object within has that one's name
# ahead of it, as "selector.remote". What jq does here costs a tenth of the
# time of all tests where the machine is emulated.
members()
{
	awk -v keys="$*" '
		BEGIN { n = split(keys, key) }
		/[{]$/ {
			parent[++depth] = ""
			for (i = 1; i <= n; i++)
				delete value[depth, key[i]]
		}
		match($0, /^ *"[^"]*": ?/) {
			name = substr($0, 1, RLENGTH)
			gsub(/[ ":]/, "", name)
			text = substr($0, RLENGTH + 1)
			if (text == "{")
				parent[depth] = name
			sub(/,$/, "", text)
			gsub(/^"|"$/, "", text)
			value[depth, name] = text
			if (parent[depth])
				value[depth - 1, parent[depth] "." name] = text
		}
		/^ *[}],?$/ {
			if ((depth, key[1]) in value) {
				line = ""
				for (i = 1; i <= n; i++)
					line = line (i > 1 ? "\t" : "") \
						((depth, key[i]) in value ? value[depth, key[i]] : "-")
				print line
			}
			depth--
		}'
}

# sas KEY...: members of each association of the gateway
sas()
{
	gwctl show crypto ipsec sa --json | members "$@"
}

# sa_stat in|out KEY: of the first association of that direction
sa_stat()
{
	sas direction "$2" | awk -F '\t' -v dir="$1" '$1 == dir { print $2; exit }'
}

# client_packets ADDRESS in|out: those of all associations with that client
client_packets()
{
	sas direction selector.remote packets | awk -F '\t' -v to="$1" -v dir="$2" \
		'$1 == dir && $2 == to { n += $3 } END { print n + 0 }'
}

# sa_count: associations of the gateway
sa_count()
{
	sas spi | wc -l
}

# ace_hits LIST SEQUENCE_NUMBER
ace_hits()
{
	gwctl show access-lists "$1" --json | members seq hits |
		awk -F '\t' -v seq="$2" '$1 == seq { print $2 }'
}

# drop_count REASON
drop_count()
{
	gwctl show drops all --json | members name packets |
		awk -F '\t' -v name="$1" '$1 == name { n += $2 } END { print n + 0 }'
}

# drops: a line "REASON PACKETS" for each reason that has occurred
drops()
{
	gwctl show drops --json | members name packets | awk -F '\t' '$2 > 0 { print $1, $2 }'
}

# nat_stat KEY
nat_stat()
{
	gwctl show ip nat statistics --json | members expired "$1" | cut -f 2
}

# xlates: the translations, a line each:
# PROTOCOL INSIDE_LOCAL PORT INSIDE_GLOBAL PORT OUTSIDE_LOCAL PORT OUTSIDE_GLOBAL PORT
xlates()
{
	gwctl show ip nat translations --json |
		members proto inside_local inside_local_port inside_global inside_global_port \
			outside_local outside_local_port outside_global outside_global_port \
			configured |
		awk -F '\t' -v OFS=' ' '
			$10 == "true" { next }
			{ NF = 9; $1 = $1 == 1 ? "icmp" : $1 == 6 ? "tcp" : $1 == 17 ? "udp" : $1; print }'
}

# mac_of NAMESPACE DEVICE
mac_of()
{
	ip -n "$1" link show "$2" | awk '$1 == "link/ether" { print $2 }'
}
