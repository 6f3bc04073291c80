// SPDX-License-Identifier: GPL-2.0
/* What vpnctl and vpnd share outside the kernel, and the comparison of texts. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"
#include "diff.h"
#include "tests.h"

static char *temp_dir(void)
{
	static char name[] = "/tmp/vpngw-test.XXXXXX";

	strcpy(name + strlen(name) - 6, "XXXXXX");
	assert_non_null(mkdtemp(name));
	return name;
}

static void running_config(void **state)
{
	char *dir = temp_dir(), path[300], *text;
	struct stat st;
	size_t len;

	assert_false(vg_running_exists(dir));
	assert_int_equal(vg_running_read(dir, &text, &len), -ENOENT);
	assert_null(text);
	assert_int_equal(vg_running_save(dir, "one\n", 4), 0);
	assert_int_equal(vg_running_save(dir, "another one\n", 12), 0);
	assert_true(vg_running_exists(dir));
	assert_int_equal(vg_running_read(dir, &text, &len), 0);
	assert_int_equal(len, 12);
	assert_string_equal(text, "another one\n");
	free(text);
	/* Keys are in it. */
	snprintf(path, sizeof(path), "%s/" VG_RUNNING, dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	unlink(path);
	/* Nothing else was left behind. */
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(vg_running_save("/nonexistent/a/b", "x", 1), -ENOENT);
}

/* In a namespace of its own there is a directory of its own, always the same. */
static void run_dir(void **state)
{
	char here[VG_RUN_DIR_LEN], there[VG_RUN_DIR_LEN] = "", dir[300], *base = temp_dir();
	int fds[2], status;
	pid_t pid;

	assert_string_equal(vg_run_dir(here), vg_run_dir(there));
	assert_int_equal(strncmp(here, VG_RUN_DIR, strlen(VG_RUN_DIR)), 0);
	snprintf(dir, sizeof(dir), "%s/netns-7", base);
	rmdir(base);
	assert_int_equal(vg_run_dir_make(dir), 0);
	assert_int_equal(vg_run_dir_make(dir), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(rmdir(base), 0);

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		if (unshare(CLONE_NEWNET))
			_exit(1);
		vg_run_dir(there);
		_exit(write(fds[1], there, sizeof(there)) != sizeof(there));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		skip();		/* not allowed here; rollback.sh sees it */
	assert_int_equal(read(fds[0], there, sizeof(there)), sizeof(there));
	assert_int_equal(strncmp(there, VG_RUN_DIR "/netns-", strlen(VG_RUN_DIR "/netns-")), 0);
	assert_string_not_equal(there, here);
	close(fds[0]);
	close(fds[1]);
}

/* One connection: what came, and the answer to it. */
static pid_t serve(const char *dir, const char *want, const char *answer)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), c;
	char line[200] = "";
	pid_t pid;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/" VG_SOCKET, dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(fd, 1), 0);
	pid = fork();
	if (pid) {
		close(fd);
		return pid;
	}
	c = accept(fd, NULL, NULL);
	if (read(c, line, sizeof(line) - 1) < 0 || strcmp(line, want))
		_exit(1);
	if (write(c, answer, strlen(answer)) < 0)
		_exit(2);
	_exit(0);
}

static void ask_vpnd(void **state)
{
	char *dir = temp_dir(), path[300], *answer;
	struct ctl c = { .out = stdout, .run_dir = dir };
	int status;

	snprintf(path, sizeof(path), "%s/" VG_SOCKET, dir);
	assert_int_equal(vg_daemon_ask(dir, "show crypto isakmp sa", &answer), -ENOENT);
	assert_null(answer);

	serve(dir, "reload /x y\n", "one\ntwo\n");
	assert_int_equal(vg_daemon_ask(dir, "reload /x y", &answer), 0);
	assert_string_equal(answer, "one\ntwo\n");
	free(answer);
	wait(&status);
	assert_int_equal(status, 0);
	/* The socket is there, and nobody behind it. */
	assert_int_equal(vg_daemon_ask(dir, "x", &answer), -ECONNREFUSED);
	unlink(path);

	serve(dir, "clear crypto isakmp 7\n", "% no such connection\n");
	assert_int_equal(ctl_ask(&c, "clear crypto isakmp 7", &answer), EXIT_REFUSED);
	assert_null(answer);
	wait(&status);
	assert_int_equal(status, 0);
	unlink(path);
	rmdir(dir);
}

static void follow_vpnd(void **state)
{
	char *dir = temp_dir(), path[300], *text = NULL;
	struct ctl c = { .run_dir = dir };
	size_t size;
	int status;

	snprintf(path, sizeof(path), "%s/" VG_SOCKET, dir);
	assert_int_equal(ctl_follow(&c, "debug crypto isakmp"), EXIT_REFUSED);
	serve(dir, "debug crypto isakmp\n", "% no\n");
	c.out = open_memstream(&text, &size);
	assert_int_equal(ctl_follow(&c, "debug crypto isakmp"), EXIT_REFUSED);
	assert_int_equal(ftell(c.out), 0);
	wait(&status);
	unlink(path);
	/* lost lines are part of what is said; the end is not a success */
	serve(dir, "debug crypto all\n", "on\n% 3 lines were lost\nlast");
	assert_int_equal(ctl_follow(&c, "debug crypto all"), EXIT_REFUSED);
	assert_string_equal(text, "on\n% 3 lines were lost\nlast\n");
	wait(&status);
	assert_int_equal(status, 0);
	unlink(path);
	rewind(c.out);
	c.count = 2;
	c.json = true;
	serve(dir, "debug crypto all\n", "on\none\ntwo\n");
	assert_int_equal(ctl_follow(&c, "debug crypto all"), EXIT_OK);
	fclose(c.out);
	assert_memory_equal(text, "{\"line\":\"on\"}\n{\"line\":\"one\"}\n", 30);
	wait(&status);
	free(text);
	unlink(path);
	rmdir(dir);
}

static void answers_as_json(void **state)
{
	char sas[] = "dst             src             state          conn-id   slot\n"
		"201.70.32.101   201.70.32.82    QM_IDLE              5      0\n"
		"201.70.32.101   201.70.32.83    MM_NO_STATE          4      0 (deleted)\n";
	char pools[] = " Pool                     Begin           End              Free  In use\n"
		" ourpool                  10.2.1.1        10.2.1.254        253       1\n";
	char sessions[] = "Peer: 201.70.32.82 port 500\n      Phase1_id: 201.70.32.82\n"
		"      Assigned address: 10.2.1.1\n"
		"Peer: 201.70.32.83 port 500\n      Assigned address: none\n";
	static const struct {
		const char *want;
	} cases[] = {
		{ "{\"isakmp_sas\":[{\"dst\":\"201.70.32.101\",\"src\":\"201.70.32.82\","
		  "\"state\":\"QM_IDLE\",\"conn_id\":5,\"deleted\":false},"
		  "{\"dst\":\"201.70.32.101\",\"src\":\"201.70.32.83\","
		  "\"state\":\"MM_NO_STATE\",\"conn_id\":4,\"deleted\":true}]}" },
		{ "{\"local_pools\":[{\"name\":\"ourpool\",\"begin\":\"10.2.1.1\","
		  "\"end\":\"10.2.1.254\",\"free\":253,\"in_use\":1}]}" },
		{ "{\"sessions\":[{\"peer\":\"201.70.32.82 port 500\",\"phase1_id\":"
		  "\"201.70.32.82\",\"assigned_address\":\"10.2.1.1\"},{\"peer\":"
		  "\"201.70.32.83 port 500\",\"assigned_address\":\"none\"}]}" },
	};
	struct json_object *obj[] = {
		json_isakmp_sas(sas), json_local_pools(pools), json_sessions(sessions),
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(cases); i++) {
		assert_string_equal(json_object_to_json_string_ext(obj[i],
								   JSON_C_TO_STRING_PLAIN),
				    cases[i].want);
		json_object_put(obj[i]);
	}
}

struct sides {
	FILE *old, *new;
};

static void on_line(void *arg, char sign, const char *line)
{
	struct sides *s = arg;

	if (sign != '+')
		fprintf(s->old, "%s\n", line);
	if (sign != '-')
		fprintf(s->new, "%s\n", line);
}

static size_t random_text(char *text, unsigned int *seed)
{
	size_t n = rand_r(seed) % 12;

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = 'a' + rand_r(seed) % 4;
		text[2 * i + 1] = '\n';
	}
	text[2 * n] = '\0';
	return n;
}

/* Differences by dynamic programming, the slow way that is surely right. */
static int slow_diff(const char *a, size_t n, const char *b, size_t m)
{
	int d[16][16];

	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j)
				d[i][j] = i + j;
			else if (a[2 * i - 2] == b[2 * j - 2])
				d[i][j] = d[i - 1][j - 1];
			else
				d[i][j] = 1 + (d[i - 1][j] < d[i][j - 1] ? d[i - 1][j] :
					       d[i][j - 1]);
		}
	}
	return d[n][m];
}

static void differences(void **state)
{
	unsigned int seed = 1;

	for (int i = 0; i < 5000; i++) {
		char a[32], b[32], *old = NULL, *new = NULL;
		size_t n = random_text(a, &seed), m = random_text(b, &seed), len;
		struct sides s = { open_memstream(&old, &len), open_memstream(&new, &len) };

		assert_int_equal(vg_diff(a, b, on_line, &s), slow_diff(a, n, b, m));
		fclose(s.old);
		fclose(s.new);
		/* Both texts are in it, whole and in order. */
		assert_string_equal(old, a);
		assert_string_equal(new, b);
		free(old);
		free(new);
	}
}

/* More than is searched for: still both texts, whole. */
static void differences_too_many(void **state)
{
	char *a = NULL, *b = NULL, *old = NULL, *new = NULL;
	size_t len;
	FILE *fa = open_memstream(&a, &len), *fb = open_memstream(&b, &len);
	struct sides s = { open_memstream(&old, &len), open_memstream(&new, &len) };

	for (int i = 0; i < 3000; i++) {
		fprintf(fa, "a%d\n", i);
		fprintf(fb, "b%d\n", i);
	}
	fclose(fa);
	fclose(fb);
	assert_int_equal(vg_diff(a, b, on_line, &s), 6000);
	fclose(s.old);
	fclose(s.new);
	assert_string_equal(old, a);
	assert_string_equal(new, b);
	free(a);
	free(b);
	free(old);
	free(new);
}

int group_daemon(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(running_config), cmocka_unit_test(run_dir),
		cmocka_unit_test(ask_vpnd), cmocka_unit_test(follow_vpnd),
		cmocka_unit_test(answers_as_json), cmocka_unit_test(differences),
		cmocka_unit_test(differences_too_many),
	};

	return RUN_GROUP(tests);
}
