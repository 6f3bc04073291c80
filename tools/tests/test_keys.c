// SPDX-License-Identifier: GPL-2.0
/* Keys as Wireshark's tables. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"
#include "tests.h"

static int tables(const char *answer, char **ike, char **esp, unsigned int *missing)
{
	char *copy = strdup(answer);
	size_t n, k;
	FILE *f = open_memstream(ike, &n), *g = open_memstream(esp, &k);
	int ret = keys_tables(copy, f, g, missing);

	fclose(f);
	fclose(g);
	free(copy);
	return ret;
}

static void lines(void **state)
{
	unsigned int missing;
	char *ike, *esp;

	assert_int_equal(tables("ike 0011223344556677 0102030405060708\n"
				"esp 201.70.32.82 201.70.32.101 0x0d5a1b10 esp-des esp-md5-hmac "
				"0123456789abcdef 000102030405060708090a0b0c0d0e0f\n"
				"esp 10.0.0.1 10.0.0.2 0x00000100 esp-aes esp-sha256-hmac 00 11\n"
				"missing 2\n", &ike, &esp, &missing), 0);
	assert_int_equal(missing, 2);
	assert_string_equal(ike, "0011223344556677,0102030405060708\n");
	assert_string_equal(esp, "\"IPv4\",\"201.70.32.82\",\"201.70.32.101\",\"0x0d5a1b10\","
			    "\"DES-CBC [RFC2405]\",\"0x0123456789abcdef\","
			    "\"HMAC-MD5-96 [RFC2403]\",\"0x000102030405060708090a0b0c0d0e0f\"\n"
			    "\"IPv4\",\"10.0.0.1\",\"10.0.0.2\",\"0x00000100\","
			    "\"AES-CBC [RFC3602]\",\"0x00\",\"HMAC-SHA-256-128 [RFC4868]\","
			    "\"0x11\"\n");
	free(ike);
	free(esp);
	assert_int_equal(tables("something else\n", &ike, &esp, &missing), -EBADMSG);
	free(ike);
	free(esp);
	assert_int_equal(tables("esp 1.2.3.4 1.2.3.5 0x1 esp-what esp-md5-hmac 0 0\n", &ike, &esp,
				&missing), -EBADMSG);
	free(ike);
	free(esp);
}

static void assert_text(int dir, const char *name, const char *want)
{
	int fd = openat(dir, name, O_RDONLY);
	struct stat st;
	size_t len;
	char *text;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(vg_file_read(fd, 10000, &text, &len), 0);
	assert_string_equal(text, want);
	free(text);
	close(fd);
}

/* What was there stays, nothing is there twice, nobody's link is followed. */
static void merge(void **state)
{
	char path[] = "/tmp/vpngw-keys.XXXXXX";
	int dir;

	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(keys_merge(dir, "esp_sa", "one\ntwo\n"), 0);
	assert_int_equal(keys_merge(dir, "esp_sa", "two\nthree\ntw\n"), 0);
	assert_text(dir, "esp_sa", "one\ntwo\nthree\ntw\n");
	assert_int_equal(keys_merge(dir, "esp_sa", ""), 0);
	assert_text(dir, "esp_sa", "one\ntwo\nthree\ntw\n");
	assert_int_equal(symlinkat("esp_sa", dir, "link"), 0);
	assert_int_equal(keys_merge(dir, "link", "four\n"), -ELOOP);
	assert_text(dir, "esp_sa", "one\ntwo\nthree\ntw\n");
	unlinkat(dir, "link", 0);
	unlinkat(dir, "esp_sa", 0);
	assert_int_equal(unlinkat(AT_FDCWD, path, AT_REMOVEDIR), 0);
	close(dir);
}

int group_keys(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines), cmocka_unit_test(merge),
	};

	return RUN_GROUP(tests);
}
