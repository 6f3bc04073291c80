// SPDX-License-Identifier: GPL-2.0
/* Keys of sessions as Wireshark's tables ikev1_decryption_table and esp_sa. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"

#define TABLE_MAX (16 << 20)

/* IOS's words and those of Wireshark's ESP preferences. */
static const struct {
	const char *ios, *wireshark;
} esp_names[] = {
	{ "esp-null", "NULL" },
	{ "esp-des", "DES-CBC [RFC2405]" },
	{ "esp-3des", "TripleDES-CBC [RFC2451]" },
	{ "esp-aes", "AES-CBC [RFC3602]" },
	{ "esp-md5-hmac", "HMAC-MD5-96 [RFC2403]" },
	{ "esp-sha-hmac", "HMAC-SHA-1-96 [RFC2404]" },
	{ "esp-sha256-hmac", "HMAC-SHA-256-128 [RFC4868]" },
	{ "esp-sha384-hmac", "HMAC-SHA-384-192 [RFC4868]" },
	{ "esp-sha512-hmac", "HMAC-SHA-512-256 [RFC4868]" },
};

static const char *wireshark_name(const char *word)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(esp_names); i++) {
		if (!strcmp(esp_names[i].ios, word))
			return esp_names[i].wireshark;
	}
	return NULL;
}

/**
 * keys_tables - vpnd's answer as lines of both tables
 * @answer: answer, cut apart in place
 * @ike: where lines of ikev1_decryption_table go
 * @esp: where lines of esp_sa go
 * @missing: where the number of pairs without keys goes
 *
 * Return: 0, or -EBADMSG.
 */
int keys_tables(char *answer, FILE *ike, FILE *esp, unsigned int *missing)
{
	char a[16], b[16], spi[12], encr[32], auth[32], key[2][600];
	char *save, *line;

	*missing = 0;
	for (line = strtok_r(answer, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "missing %u", missing) == 1)
			continue;
		if (sscanf(line, "ike %31s %599s", encr, key[0]) == 2) {
			fprintf(ike, "%s,%s\n", encr, key[0]);
			continue;
		}
		if (sscanf(line, "esp %15s %15s %11s %31s %31s %599s %599s", a, b, spi, encr, auth,
			   key[0], key[1]) != 7 || !wireshark_name(encr) || !wireshark_name(auth))
			return -EBADMSG;
		fprintf(esp, "\"IPv4\",\"%s\",\"%s\",\"%s\",\"%s\",\"0x%s\",\"%s\",\"0x%s\"\n", a,
			b, spi, wireshark_name(encr), key[0], wireshark_name(auth), key[1]);
	}
	explicit_bzero(key, sizeof(key));
	return 0;
}

static int table_read(int dir, const char *name, char **text)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret;
	size_t len;

	*text = NULL;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	ret = vg_file_read(fd, TABLE_MAX, text, &len);
	close(fd);
	return ret;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; at && *at; at = strchr(at, '\n'), at += at ? 1 : 0) {
		if (!strncmp(at, line, len) && (at[len] == '\n' || !at[len]))
			return true;
	}
	return false;
}

/**
 * keys_merge - add lines to a table; those of sessions before stay readable
 * @dir: open directory
 * @name: of the table
 * @lines: what is to be there too
 *
 * Return: 0 or -errno, then the table is as it was.
 */
int keys_merge(int dir, const char *name, const char *lines)
{
	char *old, temp[64];
	int fd, ret = table_read(dir, name, &old);
	FILE *f;

	if (ret)
		return ret;
	snprintf(temp, sizeof(temp), ".%s.new", name);
	unlinkat(dir, temp, 0);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		ret = -errno;
		goto out;
	}
	fputs(old ? old : "", f);
	if (old && *old && old[strlen(old) - 1] != '\n')
		fputc('\n', f);
	for (const char *end; (end = strchr(lines, '\n')); lines = end + 1) {
		if (!has_line(old, lines, end - lines))
			fwrite(lines, 1, end + 1 - lines, f);
	}
	ret = ferror(f) ? -EIO : 0;
	if (fclose(f) && !ret)
		ret = -errno;
	if (!ret && renameat(dir, temp, dir, name))
		ret = -errno;
	if (ret)
		unlinkat(dir, temp, 0);
out:
	if (old)
		explicit_bzero(old, strlen(old));
	free(old);
	return ret;
}

static int write_tables(struct ctl *c, char *answer)
{
	char *ike = NULL, *esp = NULL;
	struct json_object *obj;
	unsigned int missing = 0;
	size_t n_ike, n_esp;
	FILE *f = open_memstream(&ike, &n_ike), *g = open_memstream(&esp, &n_esp);
	int dir = -1, ret = f && g ? keys_tables(answer, f, g, &missing) : -ENOMEM;

	if ((f && fclose(f)) || (g && fclose(g)))
		ret = -ENOMEM;
	if (!ret && mkdir(c->wireshark, 0700) && errno != EEXIST)
		ret = -errno;
	if (!ret) {
		dir = open(c->wireshark, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ret = dir < 0 ? -errno : 0;
	}
	if (!ret)
		ret = keys_merge(dir, "ikev1_decryption_table", ike);
	if (!ret)
		ret = keys_merge(dir, "esp_sa", esp);
	if (dir >= 0)
		close(dir);
	if (ret) {
		fprintf(stderr, "vpnctl: %s: %s\n", c->wireshark, strerror(-ret));
	} else if (c->json) {
		obj = json_object_new_object();
		json_str(obj, "directory", c->wireshark);
		json_num(obj, "missing", missing);
		ctl_print_json(c, obj);
	} else {
		fprintf(c->out, "WIRESHARK_CONFIG_DIR=%s tshark -o esp.enable_encryption_decode:TRUE "
			"-r CAPTURE\n", c->wireshark);
	}
	if (!ret && missing)
		fprintf(stderr, "vpnctl: %u pairs are from before 'crypto isakmp wireshark' or "
			"from before vpnd was killed: their keys are with the kernel alone\n",
			missing);
	if (ike)
		explicit_bzero(ike, n_ike);
	if (esp)
		explicit_bzero(esp, n_esp);
	free(ike);
	free(esp);
	return ret ? EXIT_REFUSED : EXIT_OK;
}

/* show crypto keys --wireshark DIR */
int cmd_show_keys(struct ctl *c, const struct vg_match *m)
{
	char *answer;
	int ret;

	if (!c->wireshark) {
		fputs("vpnctl: show crypto keys: keys are not printed; say --wireshark DIR\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (ctl_ask(c, "show crypto keys", &answer))
		return EXIT_REFUSED;
	ret = write_tables(c, answer);
	explicit_bzero(answer, strlen(answer));
	free(answer);
	return ret;
}
