// SPDX-License-Identifier: GPL-2.0
/*
 * What a daemon that was killed leaves to the next one: authenticated ISAKMP SAs
 * with their keys, and pairs of IPsec SAs, whose keys the kernel has. One line
 * each, numbers and hexadecimal octets, a digest of it all at the end: what is not
 * whole is not used. The file is root's alone and goes when the daemon ends well.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "natt.h"
#include "state.h"

#define HEAD	"vpnd-state 2\n"
#define DIGEST	32

static void put_hex(FILE *f, const void *p, size_t len)
{
	const uint8_t *o = p;

	fputs(len ? " " : " -", f);
	for (size_t i = 0; i < len; i++)
		fprintf(f, "%02x", o[i]);
}

static void put_numbers(FILE *f, const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, " %" PRIu64, v[i]);
}

static void put_sa(FILE *f, const struct ike_sa *sa)
{
	const struct conf_policy *p = &sa->policy;
	const uint64_t v[] = {
		sa->conn, sa->initiator, sa->natt, sa->nat_here, sa->nat_peer,
		sa->local.addr, sa->local.port, sa->peer.addr, sa->peer.port, sa->life,
		sa->established, sa->peer_dpd, sa->cfg, sa->lease ? sa->lease->addr : 0,
		p->encr, p->key_bits, p->hash, p->group, p->lifetime,
	};

	fputs("sa", f);
	put_numbers(f, v, VG_ARRAY_SIZE(v));
	put_hex(f, sa->cky_i, ISAKMP_COOKIE_LEN);
	put_hex(f, sa->cky_r, ISAKMP_COOKIE_LEN);
	put_hex(f, sa->id.body, sa->id.len);
	put_hex(f, sa->group, strlen(sa->group));
	put_hex(f, sa->keys.d, sa->keys.len);
	put_hex(f, sa->keys.a, sa->keys.len);
	put_hex(f, sa->keys.enc, sa->keys.enc_len);
	put_hex(f, sa->iv.cur, sa->iv.block);
	put_hex(f, sa->seen, sa->n_seen * sizeof(*sa->seen));
	fputc('\n', f);
}

static void put_pair(FILE *f, const struct child *c)
{
	const struct kernel_sel *s = &c->sel;
	const uint64_t v[] = {
		c->conn, c->initiator, c->local.addr, c->local.port, c->peer.addr, c->peer.port,
		c->in_spi, c->out_spi, s->local, s->local_mask, s->remote, s->remote_mask,
		s->proto + 1, s->local_port + 1, s->remote_port + 1,
		c->lease ? c->lease->addr : 0, c->life, c->created, c->seq,
	};

	fputs("pair", f);
	put_numbers(f, v, VG_ARRAY_SIZE(v));
	put_hex(f, c->map, strlen(c->map));
	put_hex(f, c->transform, strlen(c->transform));
	put_hex(f, c->id.body, c->id.len);
	fputc('\n', f);
}

static int digest_of(const char *text, size_t len, char hex[2 * DIGEST + 1])
{
	struct blob all = { (const uint8_t *)text, len };
	uint8_t digest[HASH_MAX];
	int ret = crypto_hash(IKE_SHA256, &all, 1, digest);

	for (size_t i = 0; !ret && i < DIGEST; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return ret;
}

/**
 * state_text - all that is to outlive the daemon
 * @ike: state
 * @len: where the length goes
 *
 * Return: text, which holds keys and is to be wiped and freed; NULL without memory.
 */
char *state_text(struct ike *ike, size_t *len)
{
	char hex[2 * DIGEST + 1], *text = NULL;
	const struct child *c;
	FILE *f = open_memstream(&text, len);

	if (!f)
		return NULL;
	fputs(HEAD, f);
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		const struct ike_sa *sa;

		/* an address that is being handed out is handed out again */
		LIST_FOREACH(sa, &ike->bucket[i], link) {
			if (sa->state == QM_IDLE && (sa->cfg == CFG_NONE || sa->cfg == CFG_DONE))
				put_sa(f, sa);
		}
	}
	LIST_FOREACH(c, &ike->children, link)
		put_pair(f, c);
	fflush(f);
	if (!ferror(f) && !digest_of(text, *len, hex))
		fprintf(f, "end %s\n", hex);
	if (!fclose(f))
		return text;
	free(text);
	return NULL;
}

/* Words of one line; @ok turns false with the first that is not as expected. */
struct line {
	char *save;
	bool ok;
};

static const char *word(struct line *l)
{
	const char *w = strtok_r(NULL, " ", &l->save);

	l->ok = l->ok && w;
	return l->ok ? w : "";
}

static void get_numbers(struct line *l, uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *w = word(l);
		char *end;

		v[i] = strtoull(w, &end, 10);
		l->ok = l->ok && *w >= '0' && *w <= '9' && !*end;
	}
}

/* At most @max octets; the number of them, or exactly @want if that is not 0. */
static size_t get_hex(struct line *l, void *p, size_t max, size_t want)
{
	const char *w = word(l);
	int n;

	if (!l->ok)
		return 0;
	n = strcmp(w, "-") ? vg_hex_parse(w, p, max) : 0;
	if (n < 0 || (want && (size_t)n != want)) {
		l->ok = false;
		return 0;
	}
	return n;
}

static void get_id(struct line *l, struct ike_id *id)
{
	id->len = get_hex(l, id->body, sizeof(id->body), 0);
	l->ok = l->ok && id->len > 4;
	id->type = id->body[0];
	if (id->type == ID_IPV4_ADDR && id->len == 8)
		id->addr = (uint32_t)id->body[4] << 24 | id->body[5] << 16 | id->body[6] << 8 |
			id->body[7];
}

static void get_seen(struct line *l, struct ike_sa *sa)
{
	const char *w = word(l);
	size_t len = strlen(w) / 2, n = len / sizeof(*sa->seen);

	if (!l->ok || !strcmp(w, "-"))
		return;
	sa->seen = n && n <= IKE_MSGIDS_MAX ? calloc(n, sizeof(*sa->seen)) : NULL;
	if (!sa->seen || vg_hex_parse(w, (uint8_t *)sa->seen, n * sizeof(*sa->seen)) !=
	    (int)(n * sizeof(*sa->seen))) {
		l->ok = false;
		return;
	}
	sa->n_seen = n;
	sa->cap_seen = n;
	for (size_t i = 1; i < n; i++)
		l->ok = l->ok && sa->seen[i - 1] < sa->seen[i];
}

static bool read_sa(struct line *l, struct ike_sa *sa, uint32_t *lease)
{
	uint64_t v[19];

	get_numbers(l, v, VG_ARRAY_SIZE(v));
	sa->conn = v[0];
	sa->initiator = v[1];
	sa->natt = v[2];
	sa->nat_here = v[3];
	sa->nat_peer = v[4];
	sa->local = (struct endpoint){ v[5], v[6] };
	sa->peer = (struct endpoint){ v[7], v[8] };
	sa->life = v[9];
	sa->established = v[10];
	sa->peer_dpd = v[11];
	sa->cfg = v[12] == CFG_DONE ? CFG_DONE : CFG_NONE;
	*lease = v[13];
	sa->policy = (struct conf_policy){
		.encr = v[14], .key_bits = v[15], .hash = v[16], .group = v[17], .psk = true,
		.lifetime = v[18],
	};
	sa->keys.hash = sa->policy.hash;
	sa->keys.encr = sa->policy.encr;
	sa->keys.len = crypto_hash_len(sa->policy.hash);
	sa->keys.enc_len = crypto_key_len(sa->policy.encr, sa->policy.key_bits);
	sa->iv.block = crypto_block_len(sa->policy.encr);
	l->ok = l->ok && v[2] <= NATT_DRAFT_02 && sa->keys.len && sa->keys.len <= HASH_MAX &&
		sa->keys.enc_len && sa->keys.enc_len <= CIPHER_KEY_MAX && sa->iv.block;
	get_hex(l, sa->cky_i, ISAKMP_COOKIE_LEN, ISAKMP_COOKIE_LEN);
	get_hex(l, sa->cky_r, ISAKMP_COOKIE_LEN, ISAKMP_COOKIE_LEN);
	get_id(l, &sa->id);
	get_hex(l, sa->group, sizeof(sa->group) - 1, 0);
	get_hex(l, sa->keys.d, HASH_MAX, sa->keys.len);
	get_hex(l, sa->keys.a, HASH_MAX, sa->keys.len);
	get_hex(l, sa->keys.enc, CIPHER_KEY_MAX, sa->keys.enc_len);
	get_hex(l, sa->iv.cur, BLOCK_MAX, sa->iv.block);
	get_seen(l, sa);
	return l->ok;
}

static bool read_pair(struct line *l, struct child *c, uint32_t *lease)
{
	uint64_t v[19];

	get_numbers(l, v, VG_ARRAY_SIZE(v));
	c->conn = v[0];
	c->initiator = v[1];
	c->local = (struct endpoint){ v[2], v[3] };
	c->peer = (struct endpoint){ v[4], v[5] };
	c->in_spi = v[6];
	c->out_spi = v[7];
	c->sel = (struct kernel_sel){ v[8], v[9], v[10], v[11], (int16_t)v[12] - 1,
				      (int32_t)v[13] - 1, (int32_t)v[14] - 1 };
	*lease = v[15];
	c->life = v[16];
	c->created = v[17];
	c->seq = v[18];
	get_hex(l, c->map, sizeof(c->map) - 1, 0);
	get_hex(l, c->transform, sizeof(c->transform) - 1, 0);
	get_id(l, &c->id);
	return l->ok;
}

static void take_sa(struct ike *ike, struct line *l)
{
	struct ike_sa *sa = calloc(1, sizeof(*sa));
	uint32_t lease = 0;

	if (sa && read_sa(l, sa, &lease) && ike_sa_adopt(ike, sa, lease))
		return;
	if (sa) {
		free(sa->seen);
		crypto_wipe(sa, sizeof(*sa));
	}
	free(sa);
}

static void take_pair(struct ike *ike, struct line *l, struct child **last)
{
	struct child *c = calloc(1, sizeof(*c));
	uint32_t lease = 0;

	if (c && read_pair(l, c, &lease) && child_adopt(ike, c, lease, *last))
		*last = c;
	else
		free(c);
}

/* Cuts the digest off; false if it is not that of what is before it. */
static bool is_whole(char *text, size_t len)
{
	const size_t tail = strlen("end ") + 2 * DIGEST + 1;
	char hex[2 * DIGEST + 1];

	if (len < strlen(HEAD) + tail || memchr(text, 0, len) ||
	    memcmp(text, HEAD, strlen(HEAD)) || memcmp(text + len - tail, "end ", 4) ||
	    digest_of(text, len - tail, hex) ||
	    memcmp(text + len - tail + 4, hex, 2 * DIGEST))
		return false;
	text[len - tail] = '\0';
	return true;
}

static bool known(void *arg, uint32_t daddr, uint32_t spi)
{
	const struct ike *ike = arg;
	const struct child *c;

	LIST_FOREACH(c, &ike->children, link) {
		if ((c->in_spi == spi && c->local.addr == daddr) ||
		    (c->out_spi == spi && c->peer.addr == daddr))
			return true;
	}
	return false;
}

/*
 * The peer may use it already: the third message came when nobody was there. So it
 * stays until its hard limit, and the peer hears that it had better not; packets go
 * on under the pair before it.
 */
static bool orphan(void *arg, uint32_t saddr, uint32_t spi)
{
	struct ike *ike = arg;
	bool told = false;

	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		/* of several behind one address, those whose it is not do not mind */
		LIST_FOREACH(sa, &ike->bucket[i], link) {
			if (sa->state != QM_IDLE || sa->peer.addr != saddr)
				continue;
			task_info_delete_esp(sa, spi);
			told = true;
		}
	}
	ike->n_orphans += told;
	return !told;
}

/**
 * state_end - remove what orphan() has left; the daemon ends
 * @ike: state
 */
void state_end(struct ike *ike)
{
	static const struct kernel_owner owner = { known, NULL };

	if (ike->n_orphans)
		ike->kernel.ops->keep(ike->kernel.priv, &owner, ike);
}

/**
 * state_adopt - go on where another daemon was
 * @ike: state without any SA, its kernel open
 * @text: what state_text() made; is cut apart
 * @len: its length
 *
 * A pair of which the kernel does not have both SAs is not adopted, and SAs in the
 * kernel that nobody knows are removed, or their peers told.
 *
 * Return: number of pairs, or -EBADMSG.
 */
int state_adopt(struct ike *ike, char *text, size_t len)
{
	static const struct kernel_owner owner = { known, orphan };
	char *save = NULL, *line;
	struct child *last = NULL;

	if (!is_whole(text, len))
		return -EBADMSG;
	strtok_r(text, "\n", &save);
	while ((line = strtok_r(NULL, "\n", &save))) {
		struct line l = { .ok = true };
		const char *what = strtok_r(line, " ", &l.save);

		if (what && !strcmp(what, "sa"))
			take_sa(ike, &l);
		else if (what && !strcmp(what, "pair"))
			take_pair(ike, &l, &last);
	}
	ike->kernel.ops->keep(ike->kernel.priv, &owner, ike);
	return ike->n_children;
}

/**
 * state_save - write the file
 * @ike: state
 * @path: file; is replaced as a whole
 *
 * Return: 0 or -errno.
 */
int state_save(struct ike *ike, const char *path)
{
	char tmp[256], *text;
	size_t len = 0, done = 0;
	int fd, ret = 0;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp))
		return -ENAMETOOLONG;
	text = state_text(ike, &len);
	if (!text)
		return -ENOMEM;
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		ret = -errno;
	while (!ret && done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n <= 0)
			ret = n ? -errno : -EIO;
		else
			done += n;
	}
	if (fd >= 0)
		close(fd);
	if (!ret && rename(tmp, path))
		ret = -errno;
	crypto_wipe(text, len);
	free(text);
	return ret;
}

/**
 * state_load - adopt what a file says
 * @ike: state without any SA, its kernel open
 * @path: file; one that is not root's alone is not read
 *
 * Return: number of pairs adopted, or -errno.
 */
int state_load(struct ike *ike, const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), ret;
	size_t len = 0;
	struct stat st;
	char *text;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid || st.st_mode & 077 ||
	    st.st_size > STATE_TEXT_MAX) {
		close(fd);
		return -EPERM;
	}
	text = malloc(st.st_size + 1);
	while (text && len < (size_t)st.st_size) {
		ssize_t n = read(fd, text + len, st.st_size - len);

		if (n <= 0)
			break;
		len += n;
	}
	close(fd);
	ret = text ? state_adopt(ike, text, len) : -ENOMEM;
	if (text)
		crypto_wipe(text, st.st_size);
	free(text);
	return ret;
}
