/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPND_LOG_H
#define VPND_LOG_H

/* IOS: debug crypto isakmp, debug crypto ipsec, debug crypto engine. */
enum log_topic {
	LOG_ISAKMP,
	LOG_IPSEC,
	LOG_ENGINE,
	LOG_NOTICE,		/* always told */
	LOG_TOPICS,
};

/**
 * struct log - where lines go
 * @sink: takes one line, without its end
 * @arg: for it
 * @topics: bit for each topic that is wanted
 */
struct log {
	void (*sink)(void *arg, enum log_topic topic, const char *line);
	void *arg;
	unsigned int topics;
};

void log_line(const struct log *log, enum log_topic topic, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
