// SPDX-License-Identifier: GPL-2.0
/*
 * Lines for people. No caller passes key material, and what a peer wrote is
 * passed as numbers or addresses, never as text.
 */
#include <stdarg.h>
#include <stdio.h>

#include "log.h"

/**
 * log_line - tell something
 * @log: where to, NULL for nowhere, so that no error path needs a context
 * @topic: what it is about
 * @fmt: printf format
 */
void log_line(const struct log *log, enum log_topic topic, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (!log || !log->sink || !(log->topics & 1U << topic))
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	log->sink(log->arg, topic, line);
}
