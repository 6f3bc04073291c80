# SPDX-License-Identifier: GPL-2.0
#
# vpngw: an IPsec ESP and NAT gateway as a kernel module, and vpnctl.
# "make help" lists the targets.

KDIR		?= /lib/modules/$(shell uname -r)/build
DESTDIR		?=
PREFIX		?= /usr/local
DEPMOD		?= depmod

# for the targets that run in a virtual machine
KERNEL		?= 6.1
TESTS		?=
GROUPS		?=
SIZES		?=
TEST_ENV	?=
DEFECTS		?=
ROW		?= vpngw:gcm
SIZE		?= 60
BENCH_RESULTS	?= $(VPNGW_CACHE)/bench
VPNGW_CACHE	?= /var/cache/vpngw
export VPNGW_CACHE

VM		:= selftests/vm

all: modules tools

modules: check-config
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

# One clear line per missing option is better than a module that does not link
# or load. A module's "=m" is satisfied by a built-in "=y".
check-config:
	@test -d $(KDIR) || { \
		echo "no kernel headers in KDIR=$(KDIR)" >&2; exit 1; }
	@awk -F= -v kernel="$(KDIR)" ' \
		/^CONFIG_/ && FNR == NR { want[$$1] = $$2; next } \
		/^CONFIG_/ { have[$$1] = $$2 } \
		END { for (option in want) \
			if (have[option] != "y" && have[option] != want[option]) { \
				print "vpngw needs " option "=" want[option] \
				      ", missing in " kernel; bad = 1 } \
		      exit bad }' \
		kmod/vpngw.config $(KDIR)/include/config/auto.conf >&2

tools:
	$(MAKE) -C tools

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) \
		$(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)) modules_install
	$(if $(DESTDIR),,$(DEPMOD) -a)
	$(MAKE) -C tools DESTDIR=$(DESTDIR) PREFIX=$(PREFIX) install

# Not the kernel's own clean: it needs the headers, and takes more than ours.
clean:
	find . -path ./.git -prune -o -type f \( -name '*.o' -o -name '*.ko' -o \
		-name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o \
		-name '.*.o.d' -o -name '*.symvers' -o -name modules.order -o \
		-name .module-common.o \) -exec rm -f {} +
	if [ -f tools/Makefile ]; then $(MAKE) -C tools clean; fi
	$(MAKE) -C selftests clean
	$(MAKE) -C bench clean

# user-space unit tests, under ASan and UBSan
unit:
	$(MAKE) -C tools unit

# Everything below happens in Debian roots under VPNGW_CACHE, as root; this
# machine itself gets no more than debootstrap and QEMU.
test:
	@TEST_ENV="$(TEST_ENV)" $(VM)/run.sh test $(KERNEL) $(TESTS)

# that the tests find what they are for; DEFECTS="3 7" for some of them
test-planted:
	@KERNEL=uml $(VM)/plant.sh $(DEFECTS)

demo:
	@$(VM)/run.sh demo $(KERNEL)

shell:
	@$(VM)/run.sh shell $(KERNEL)

# instructions per packet, ours and the kernel's own ways; GROUPS= for some rows
bench:
	@RESULTS=$(BENCH_RESULTS) SIZES="$(SIZES)" $(VM)/run.sh bench 6.12 $(GROUPS)

# two CPUs against one, in time: wants a machine with nothing else to do
bench-cpus:
	@CPUS=2 RESULTS=$(BENCH_RESULTS)/cpus $(VM)/run.sh bench 6.12 two_cpus_forward two_cpus

# the rows that are committed, against bench/figures.json
bench-check:
	@RESULTS=$(BENCH_RESULTS)/check $(VM)/run.sh bench 6.12 --check

# those figures anew
bench-figures:
	@RESULTS=$(BENCH_RESULTS)/check $(VM)/run.sh bench 6.12 --figures
	cp $(BENCH_RESULTS)/check/rows.json bench/figures.json

# where the instructions of one row go, by function
bench-profile:
	@PROFILE=1 RESULTS=$(BENCH_RESULTS) SIZES="$(SIZE)" $(VM)/run.sh bench 6.12 $(ROW)

check:
	@$(VM)/check.sh

# "make unit" where its libraries are
unit-vm:
	@$(VM)/unit.sh

# regenerate what comes from Documentation/netlink/specs/vpngw.yaml
netlink-gen:
	@$(VM)/netlink-gen.sh

help:
	@echo 'Build, for KDIR=$(KDIR):'
	@echo '  all            modules and tools'
	@echo '  modules        vpngw.ko'
	@echo '  tools          tools/vpnctl/vpnctl'
	@echo '  install        both, into DESTDIR= and PREFIX=$(PREFIX)'
	@echo '  clean          remove everything built'
	@echo '  unit           unit tests of the tools (ASan, UBSan)'
	@echo 'As root, in Debian roots and virtual machines (VPNGW_CACHE=$(VPNGW_CACHE)):'
	@echo '  demo           the reference deployment at work, explained'
	@echo '  shell          a prompt in the guest, topology up'
	@echo '  test           the selftests; KERNEL=6.1|6.12|7.2|debug|uml'
	@echo '                 TESTS="a.sh b.sh" runs only those'
	@echo '  test-planted   planted defects, each of which a test must find; kernel uml'
	@echo '  bench          instructions per packet against the kernel, kernel 6.12;'
	@echo '                 results in $(BENCH_RESULTS); GROUPS="a b" only those rows'
	@echo '  bench-check    fail if a row costs over 2 % more than bench/figures.json says'
	@echo '  bench-figures  measure and write that file'
	@echo '  bench-cpus     packets a second on two CPUs against one'
	@echo '  bench-profile  where they go, by function; ROW=$(ROW) SIZE=$(SIZE)'
	@echo '  check          checkpatch, sparse, W=1, shellcheck, coccicheck'
	@echo '  unit-vm        unit, in the Debian root'
	@echo '  netlink-gen    regenerate code from the netlink specification'

.PHONY: all modules check-config tools install clean unit test test-planted demo shell bench \
	bench-check bench-cpus bench-figures bench-profile \
	check unit-vm netlink-gen help
