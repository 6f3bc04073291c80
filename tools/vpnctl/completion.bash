# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Completion of vpnctl in bash. vpnctl itself knows what may come next.

_vpnctl()
{
	local -a words=()
	local i
	for ((i = 1; i <= COMP_CWORD; i++)); do
		# an option has its argument in the same word, or none
		[[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i]} == = ]] && continue
		words+=("${COMP_WORDS[i]}")
	done
	[[ ${COMP_WORDS[COMP_CWORD]} != -* ]] || words=("${COMP_WORDS[COMP_CWORD]}")
	mapfile -t COMPREPLY < <(vpnctl --complete -- "${words[@]}" 2> /dev/null)
	[[ ${COMP_WORDS[COMP_CWORD]} != -* ]] || return
	# where a file is wanted there is no word
	[[ ${#COMPREPLY[@]} -gt 0 ]] || compopt -o default
}
complete -F _vpnctl vpnctl
