// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: one line with a command of IOS, the answer as text, end.
 * Only root may connect, by the mode of the socket and by the credentials of
 * whoever did; no answer holds a key but that of "show crypto keys".
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "export.h"
#include "grammar.h"
#include "initiate.h"

#define MAX_WORDS 16

typedef void (*handler)(struct ctl_request *r, const struct vg_match *m, FILE *out);

typedef void (*sa_printer)(struct ike_sa *sa, FILE *out);

static void visit_sas(struct ike *ike, FILE *out, sa_printer fn)
{
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa = LIST_FIRST(&ike->bucket[i]);

		while (sa) {
			struct ike_sa *next = LIST_NEXT(sa, link);

			fn(sa, out);
			sa = next;
		}
	}
}

static void print_sa(struct ike_sa *sa, FILE *out)
{
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

	fprintf(out, "%-15s %-15s %-14s %7u %6u%s\n", vg_addr_str(sa->local.addr, a),
		vg_addr_str(sa->peer.addr, b), ike_state_name(sa->state), sa->conn, 0,
		sa->state == MM_DEAD ? " (deleted)" : "");
}

static void show_sa(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	fprintf(out, "%-15s %-15s %-14s %7s %6s\n", "dst", "src", "state", "conn-id", "slot");
	visit_sas(r->ike, out, print_sa);
}

static const char *encr_text(const struct conf_policy *p, char buf[64])
{
	if (p->encr == IKE_DES)
		return "DES - Data Encryption Standard (56 bit keys).";
	if (p->encr == IKE_3DES)
		return "Three key triple DES";
	snprintf(buf, 64, "AES - Advanced Encryption Standard (%u bit keys).", p->key_bits);
	return buf;
}

static const char *hash_text(enum ike_hash hash)
{
	switch (hash) {
	case IKE_MD5:
		return "Message Digest 5";
	case IKE_SHA1:
		return "Secure Hash Standard";
	case IKE_SHA256:
		return "Secure Hash Standard 2 (256 bit)";
	case IKE_SHA384:
		return "Secure Hash Standard 2 (384 bit)";
	default:
		return "Secure Hash Standard 2 (512 bit)";
	}
}

static void show_policy(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	const struct vpnd_conf *conf = r->ike->conf;

	for (size_t i = 0; i < conf->policy.n; i++) {
		const struct conf_policy *p = &conf->policy.v[i];
		char buf[64];

		fprintf(out, "Protection suite of priority %u\n", p->priority);
		fprintf(out, "        encryption algorithm:   %s\n", encr_text(p, buf));
		fprintf(out, "        hash algorithm:         %s\n", hash_text(p->hash));
		fprintf(out, "        authentication method:  %s\n", p->psk ? "Pre-Shared Key" :
			"Rivest-Shamir-Adleman Signature (not supported)");
		fprintf(out, "        Diffie-Hellman group:   #%u (%zu bit)\n", p->group,
			crypto_dh_secret_len(p->group) * 8);
		fprintf(out, "        lifetime:               %u seconds, no volume limit\n",
			p->lifetime);
	}
}

static void show_pool(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	fprintf(out, " %-24s %-15s %-15s %5s %7s\n", "Pool", "Begin", "End", "Free", "In use");
	for (size_t i = 0; i < r->ike->n_pools; i++) {
		const struct lease_pool *pool = &r->ike->pool[i];
		size_t at = 0;

		for (size_t j = 0; j < pool->n_ranges; j++) {
			const struct lease_range *range = &pool->range[j];
			size_t n = range->end - range->start + 1, used = 0;
			char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

			for (size_t k = 0; k < n; k++)
				used += pool->v[at + k].refs != 0;
			at += n;
			fprintf(out, " %-24s %-15s %-15s %5zu %7zu\n", pool->name,
				vg_addr_str(range->start, a), vg_addr_str(range->end, b), n - used,
				used);
		}
	}
}

/* Identities are a peer's octets: letters, digits and a few more pass, the rest not. */
static void print_id(const struct ike_id *id, FILE *out)
{
	char a[VG_ADDR_LEN];

	if (id->type == ID_IPV4_ADDR) {
		fputs(vg_addr_str(id->addr, a), out);
		return;
	}
	for (size_t i = 4; i < id->len; i++) {
		uint8_t c = id->body[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			(c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '@' || c == '_';

		fputc(plain ? c : '?', out);
	}
}

static void print_traffic(struct kernel *k, const char *label, uint32_t daddr, uint32_t spi,
			  FILE *out)
{
	struct kernel_traffic t;

	if (!k->ops->traffic(k->priv, daddr, spi, &t))
		fprintf(out, "        %s: %llu packets, %llu bytes\n", label,
			(unsigned long long)t.packets, (unsigned long long)t.bytes);
}

static void show_session(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	struct kernel *k = &r->ike->kernel;
	const struct child *c;
	char a[VG_ADDR_LEN];

	LIST_FOREACH(c, &r->ike->children, link) {
		uint64_t age = (r->ike->now - c->created) / 1000;

		fprintf(out, "Peer: %s port %u\n", vg_addr_str(c->peer.addr, a), c->peer.port);
		fputs("      Phase1_id: ", out);
		print_id(&c->id, out);
		fprintf(out, "\n      Assigned address: %s\n",
			c->lease ? vg_addr_str(c->lease->addr, a) : "none");
		fprintf(out, "  IPSEC SA: conn-id %u spi 0x%X %s, conn-id %u spi 0x%X\n", c->conn,
			c->in_spi, c->transform, c->conn + 1, c->out_spi);
		fprintf(out, "        age %llu, life %u seconds\n", (unsigned long long)age,
			c->life);
		print_traffic(k, "Inbound", c->local.addr, c->in_spi, out);
		print_traffic(k, "Outbound", c->peer.addr, c->out_spi, out);
	}
	k->ops->traffic(k->priv, 0, 0, NULL);
}

static void show_statistics(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	const struct ike_counts *c = &r->ike->count;
	const struct {
		const char *name;
		uint64_t value;
	} v[] = {
		{ "aggressive mode not configured", c->aggressive_off },
		{ "aggressive mode over the limit", c->aggressive_limited },
		{ "group unknown", c->group_unknown },
		{ "group key wrong", c->group_key_wrong },
		{ "login accepted", c->login_ok },
		{ "login failed", c->login_failed },
		{ "login over the limit", c->login_limited },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++)
		fprintf(out, "%-34s %10llu\n", v[i].name, (unsigned long long)v[i].value);
}

static void clear_sa(struct ike_sa *sa)
{
	if (sa->state == QM_IDLE)
		task_info_delete_ike(sa);
	ike_sa_kill(sa, "cleared by the operator");
}

static void clear_one(struct ike_sa *sa, FILE *out)
{
	clear_sa(sa);
}

static void clear_isakmp(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	if (!vg_has(m, "conn")) {
		visit_sas(r->ike, out, clear_one);
		return;
	}
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		LIST_FOREACH(sa, &r->ike->bucket[i], link) {
			if (sa->conn != vg_value(m, "conn") || sa->state == MM_DEAD)
				continue;
			clear_sa(sa);
			return;
		}
	}
	fprintf(out, "%% no such connection\n");
}

/* A session is all that there is with a peer: negotiations, associations, its address. */
static void clear_session(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	uint32_t peer = vg_has(m, "peer") ? vg_value(m, "peer") : 0;
	struct ike *ike = r->ike;
	unsigned int n = 0;

	while (true) {
		struct child *c = LIST_FIRST(&ike->children);

		while (c && peer && c->peer.addr != peer)
			c = LIST_NEXT(c, link);
		if (!c)
			break;
		child_end(c, "cleared by the operator");
		n++;
	}
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		struct ike_sa *sa;

		LIST_FOREACH(sa, &ike->bucket[i], link) {
			if (sa->state == MM_DEAD || (peer && sa->peer.addr != peer))
				continue;
			clear_sa(sa);
			n++;
		}
	}
	if (peer && !n)
		fprintf(out, "%% no session with that peer\n");
}

/* What a packet of each permitted kind would begin. */
static void connect_session(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	if (!initiate_peer(r->ike, vg_value(m, "peer")))
		fprintf(out, "%% no entry of a crypto map has 'set peer' with that address\n");
}

static void reload(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	const char *why = r->hooks && r->hooks->reload ?
		r->hooks->reload(r->hooks->arg, vg_text(m, "path")) : "not here";

	if (why)
		fprintf(out, "%% %s\n", why);
}

static void show_keys(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	export_keys(r->ike, r->pid, out);
}

static const struct {
	const char *word, *name;
} debug_topics[] = {
	[LOG_ISAKMP] = { "isakmp", "ISAKMP" }, [LOG_IPSEC] = { "ipsec", "IPSEC" },
	[LOG_ENGINE] = { "engine", "Engine" },
};

static unsigned int debug_said(const struct vg_match *m)
{
	unsigned int topics = 0;

	for (unsigned int i = 0; i < VG_ARRAY_SIZE(debug_topics); i++) {
		if (vg_has(m, debug_topics[i].word) || vg_has(m, "all"))
			topics |= 1U << i;
	}
	return topics;
}

static void debug_answer(unsigned int topics, const char *state, FILE *out)
{
	for (unsigned int i = 0; i < VG_ARRAY_SIZE(debug_topics); i++) {
		if (topics & 1U << i)
			fprintf(out, "Crypto %s debugging is %s\n", debug_topics[i].name, state);
	}
}

/* The connection stays, and is told what happens. */
static void debug(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	r->topics = debug_said(m);
	debug_answer(r->topics, "on", out);
}

/* Ends the connections of others. */
static void undebug(struct ctl_request *r, const struct vg_match *m, FILE *out)
{
	unsigned int topics = debug_said(m);

	if (r->hooks && r->hooks->undebug)
		r->hooks->undebug(r->hooks->arg, topics);
	debug_answer(topics, "off", out);
}

#define C(pattern, fn) { pattern, VG_FN(fn), 1, 0, NULL }

static const struct vg_cmd cmds[] = {
	C("show crypto isakmp sa", show_sa),
	C("show crypto isakmp policy", show_policy),
	C("show crypto isakmp statistics", show_statistics),
	C("show crypto session", show_session),
	C("show crypto keys", show_keys),
	C("show ip local pool", show_pool),
	C("clear crypto isakmp [<conn:1-4294967295>]", clear_isakmp),
	C("clear crypto session [remote <peer:addr>]", clear_session),
	C("connect crypto session remote <peer:addr>", connect_session),
	C("debug crypto {isakmp|ipsec|engine|all}", debug),
	C("undebug crypto {isakmp|ipsec|engine|all}", undebug),
	C("reload <path:any>", reload),
};

/**
 * ctl_answer - answer one command
 * @r: who is asked; @r->topics is set if the answer has no end
 * @line: command, cut apart in place
 * @out: where the answer goes; refusals begin with "%" as in IOS
 */
void ctl_answer(struct ctl_request *r, char *line, FILE *out)
{
	struct vg_grammar *g = vg_grammar_new(cmds, VG_ARRAY_SIZE(cmds));
	struct vg_token tok[MAX_WORDS];
	struct vg_match m = { 0 };
	size_t n = vg_lex(line, tok, MAX_WORDS);

	if (!g) {
		fputs("% out of memory\n", out);
		return;
	}
	if (n && n <= MAX_WORDS && vg_grammar_match(g, tok, n, &m) == VG_MATCH)
		((handler)m.cmd->fn)(r, &m, out);
	else
		fprintf(out, "%% no such command; expected %s\n", m.expected);
	vg_match_free(&m);
	vg_grammar_free(g);
}

/**
 * ctl_open - open the control socket
 * @path: where
 *
 * Return: descriptor or -errno.
 */
int ctl_open(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t old;
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	unlink(path);
	old = umask(0177);
	err = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 8) ? errno : 0;
	umask(old);
	if (!err)
		return fd;
	close(fd);
	return -err;
}

/* One line, at once: an operator's program sends it in one piece. */
static bool read_line(int fd, char *line)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	while (len < CTL_LINE_MAX - 1) {
		if (poll(&p, 1, 200) != 1)
			return false;
		n = recv(fd, line + len, CTL_LINE_MAX - 1 - len, 0);
		if (n <= 0)
			return false;
		len += n;
		line[len] = '\0';
		if (strchr(line, '\n')) {
			*strchr(line, '\n') = '\0';
			return true;
		}
	}
	return false;
}

static void send_all(int fd, const char *text, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = send(fd, text + done, size - done, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		done += n;
	}
}

/**
 * ctl_accept - serve one connection
 * @r: who is asked
 * @fd: control socket
 *
 * Return: the connection if it is to be told what happens, @r->topics of it; else -1.
 */
int ctl_accept(struct ctl_request *r, int fd)
{
	struct timeval patience = { .tv_usec = 200000 };
	int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	char line[CTL_LINE_MAX], *text = NULL;
	struct ucred who = { .uid = -1 };
	socklen_t len = sizeof(who);
	size_t size = 0;
	FILE *out;

	r->topics = 0;
	if (c < 0)
		return -1;
	/* a reader that does not read cannot stop the daemon for long */
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (getsockopt(c, SOL_SOCKET, SO_PEERCRED, &who, &len) || who.uid || !read_line(c, line))
		goto out;
	out = open_memstream(&text, &size);
	if (!out)
		goto out;
	r->pid = who.pid;
	ctl_answer(r, line, out);
	fclose(out);
	send_all(c, text, size);
	crypto_wipe(text, size);
	free(text);
	if (r->topics)
		return c;
out:
	close(c);
	return -1;
}
