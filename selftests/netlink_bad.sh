#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 400
#
# Bad netlink requests: refused with the right error and words, nothing changed. More
# than a transaction may hold: the same. Dumps while what they show comes and goes.
# The tables are in netlink_bad.py and netlink_caps.py, the dumps in netlink_churn.py.

# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/lib.sh"

setup_deployment
require python3 ip
export SPI_IN ENC_KEY_IN ENC_KEY_OUT AUTH_KEY_IN AUTH_KEY_OUT

gw python3 "$SELFTESTS/netlink_bad.py" --all
