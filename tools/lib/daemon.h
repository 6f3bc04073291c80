/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What vpnctl and vpnd agree on outside the kernel. In a directory of root's, one for
 * each network namespace:
 *
 *   running-config	text of the configuration that was loaded last, as it was
 *			written, keys and all
 *   vpnd.sock		vpnd's control socket: one line with a command, answered
 *			with text up to the end of the stream; a refusal begins
 *			with "%"
 *
 * After a commit vpnctl sends "reload PATH", PATH being that of running-config;
 * vpnd reads it and goes by it from then on.
 */
#ifndef VG_DAEMON_H
#define VG_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#define VG_RUN_DIR	"/run/vpngw"
#define VG_RUNNING	"running-config"
#define VG_SOCKET	"vpnd.sock"
#define VG_RUN_DIR_LEN	48

const char *vg_run_dir(char buf[VG_RUN_DIR_LEN]);
int vg_run_dir_make(const char *dir);

int vg_daemon_ask(const char *dir, const char *line, char **answer);
int vg_daemon_follow(const char *dir, const char *line,
		     int (*fn)(void *arg, const char *line), void *arg);

int vg_running_save(const char *dir, const char *text, size_t len);
bool vg_running_exists(const char *dir);
int vg_running_read(const char *dir, char **text, size_t *len);
int vg_file_read(int fd, size_t max, char **text, size_t *len);

#endif
