// SPDX-License-Identifier: GPL-2.0
/* Tracepoints are made here, once. */

#define CREATE_TRACE_POINTS
#include "trace.h"
