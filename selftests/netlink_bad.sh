#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bad netlink requests: refused with the right error and words, nothing changed.
# The table is in netlink_bad.py.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3
export SPI_IN ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT

gw python3 "$SELFTESTS/netlink_bad.py"
