#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# checks.sh LINUX GENERATED: run by check.sh in the Debian root, on a copy of
# the checkout that may be written to. LINUX is a kernel source tree with its
# scripts; GENERATED the result of netlink-gen --check, 0 or 1.

set -uo pipefail

linux=$1
generated=$2
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL

release=$(< /boot/stock)
kdir=/lib/modules/$release/build
jobs=-j$(nproc)
passed=0
failed=0

# result NAME STATUS
result()
{
	if [[ $2 -eq 0 ]]; then
		echo "ok - $1"
		passed=$((passed + 1))
	else
		echo "not ok - $1"
		failed=$((failed + 1))
	fi
}

# what git knows, from sync.sh; generated code answers to its generator
files()
{
	tr '\0' '\n' < .synced | grep -E "$1" | grep -v 'netlink-gen\.[ch]$'
}

scripts()
{
	local file
	files . | while read -r file; do
		if [[ $file == *.sh ]] || head -c 64 "$file" | head -n 1 |
		   grep -qaE '^#!.*\b(ba|da)?sh\b'; then
			echo "$file"
		fi
	done
}

# SC2317: this version takes functions called by a trap or by name for
# unreachable. SC2119, SC2120: a function may have arguments that are optional.
check_shell()
{
	scripts | xargs -r shellcheck -x -P SCRIPTDIR -P selftests \
		--exclude=SC2317,SC2119,SC2120
}

# ignored_types WHERE: types of message that are not asked of us there, and why
ignored_types()
{
	local everywhere compat trace tools
	# FILE_PATH_CHANGES	about patches to the kernel's tree
	# LONG_LINE_STRING	a message that a person searches for is not split
	# MACRO_ARG_REUSE	lists (X-macros) and iterators, given plain names
	# COMPLEX_MACRO		such a list has no value to put in parentheses
	everywhere=FILE_PATH_CHANGES,LONG_LINE_STRING,MACRO_ARG_REUSE,COMPLEX_MACRO
	# compat-include's only purpose is to know versions; the rest are the names
	# and shapes of what it stands in for
	compat=LINUX_VERSION_CODE,CONSTANT_COMPARISON,NEW_TYPEDEFS
	# what trace events look like everywhere
	trace=OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT,TRAILING_SEMICOLON,SPACING
	trace+=,MULTISTATEMENT_MACRO_USE_DO_WHILE,TRACING_LOGGING
	# SPLIT_STRING		a usage text is one string of many lines
	# EMBEDDED_FUNCTION_NAME, QUOTED_WHITESPACE_BEFORE_NEWLINE
	#			texts that people or tests read, as they must be
	# REPEATED_WORD		"permit ip any any" is the language
	# CAMELCASE		names of cmocka, libFuzzer, libnl
	# VOLATILE		sig_atomic_t in a signal handler
	# MISSING_SPACE		octets in hexadecimal have no spaces
	# TYPO_SPELLING		IOS's own spelling is what an operator searches for
	# MACRO_ARG_PRECEDENCE	the name of a member takes no parentheses
	# the others		helpers that only the kernel has
	tools=SPLIT_STRING,EMBEDDED_FUNCTION_NAME,QUOTED_WHITESPACE_BEFORE_NEWLINE
	tools+=,REPEATED_WORD,CAMELCASE,VOLATILE,STATIC_CONST_CHAR_ARRAY
	tools+=,PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_FALLTHROUGH,CONST_STRUCT
	tools+=,MACRO_ARG_PRECEDENCE,MISSING_SPACE,TYPO_SPELLING,ARRAY_SIZE,MINMAX,STRCPY,STRLCPY,PREFER_KERNEL_TYPES
	case $1 in
	compat)	echo "$everywhere,$compat" ;;
	trace)	echo "$everywhere,$trace" ;;
	tools)	echo "$everywhere,$tools" ;;
	*)	echo "$everywhere" ;;
	esac
}

check_patch()
{
	local where status=0
	for where in kmod compat trace tools; do
		case $where in
		kmod)	files '^kmod/.*\.[ch]$' | grep -vE '/trace\.h|/compat-include/' ;;
		compat)	files '^kmod/compat-include/' ;;
		trace)	files '^kmod/trace\.h$' ;;
		tools)	files '^(tools|selftests)/.*\.[ch]$' ;;
		esac |
		xargs -r "$linux/scripts/checkpatch.pl" --no-tree --strict --terse \
			--show-types --no-summary --max-line-length=100 \
			--typedefsfile selftests/vm/checkpatch.types \
			--ignore "$(ignored_types "$where")" -f || status=1
	done
	# checkpatch keeps notes where it is run
	rm -f .checkpatch-camelcase.*
	return "$status"
}

# One build answers for the compiler and for sparse; it starts from nothing,
# since an object that is there is not compiled again.
build_module()
{
	make clean > /dev/null
	make "$jobs" KDIR="$kdir" W=1 C=2 CF="-D__CHECK_ENDIAN__" VPNGW_DEBUG=1 \
		KCFLAGS=-Werror modules > module.log 2>&1
}

# Messages of sparse about our files; those about the kernel's headers are not
# ours to answer. The compiler's stop the build.
check_sparse()
{
	! grep -E '(kmod|include)/.*: (warning|error):' module.log
}

check_tools()
{
	if ! make "$jobs" tools > tools.log 2>&1 || grep -q 'warning:' tools.log; then
		cat tools.log
		return 1
	fi
}

# The kernel's semantic patches, those that report something.
check_cocci()
{
	local cocci
	find "$linux/scripts/coccinelle" -name '*.cocci' | sort |
	while read -r cocci; do
		grep -q '^virtual report' "$cocci" || continue
		# shellcheck disable=SC2046	# options are words
		spatch -D report --no-show-diff --very-quiet --cocci-file "$cocci" \
			$(sed -n 's/^\/\/ Options://p' "$cocci") \
			--dir kmod -I include -I kmod 2>> cocci.err
	done > cocci.log
	grep . cocci.log && return 1
	return 0
}

# what "make test-planted" would change is still there
check_plants()
{
	local bad
	bad=$(files '^selftests/plant/.*\.patch$' | xargs -r python3 -c '
import re, sys
for name in sys.argv[1:]:
    for part in re.split(r"^--- a/", open(name).read(), flags=re.M)[1:]:
        head, *hunks = re.split(r"^@@ .*\n", part, flags=re.M)
        text = open(head.split("\n")[0]).read()
        for hunk in hunks:
            old = "".join(l[1:] for l in hunk.splitlines(True) if l[:1] in " -")
            if old not in text:
                print(name, "does not apply")
') || bad+=" (see above)"
	[[ -z $bad ]] || { echo "$bad"; return 1; }
}

check_clean()
{
	local left
	make clean > /dev/null || return 1
	rm -f ./*.log cocci.err
	left=$(comm -13 <(tr '\0' '\n' < .synced | sort) \
		<(find . -type f -printf '%P\n' | grep -v '^\.synced' | sort))
	[[ -z $left ]] || { echo "make clean leaves: $left"; return 1; }
}

result "netlink-gen: generated files are what the specification says" "$generated"
check_shell
result "shellcheck" $?
check_patch
result "checkpatch" $?
if [[ -f Kbuild ]]; then
	build_module
	status=$?
	[[ $status -eq 0 ]] || grep -E -B 2 -A 6 'error|Error' module.log
	result "the module builds with W=1 -Werror" "$status"
	check_sparse
	result "sparse, endianness included" $?
	check_cocci
	result "coccicheck" $?
fi
if [[ -f tools/Makefile ]]; then
	check_tools
	result "the tools build without a warning" $?
fi
check_plants
result "the defects of make test-planted can be planted" $?
check_clean
result "make clean leaves nothing" $?

echo "$passed passed, $failed failed"
[[ $failed -eq 0 && $passed -gt 0 ]]
