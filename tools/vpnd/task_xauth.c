// SPDX-License-Identifier: GPL-2.0
/*
 * Login of a user within an ISAKMP SA (draft-beaulieu-ike-xauth-02): we ask for a
 * name and a password, and say whether they are right. Until they are, the SA is in
 * CONF_XAUTH and nothing else is done in it.
 */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phase1.h"

static const uint8_t vid_xauth[] = { 0x09, 0x00, 0x26, 0x89, 0xdf, 0xd6, 0xb7, 0x12 };

/**
 * task_xauth_put_vid - announce it
 * @b: message
 */
void task_xauth_put_vid(struct mbuf *b)
{
	mbuf_payload(b, PLD_VID, vid_xauth, sizeof(vid_xauth));
}

/* Starts a message of ours with its attributes; the caller adds more and finishes it. */
static struct exchange *begin(struct ike_sa *sa, struct mbuf *b, uint8_t type, size_t *at,
			      size_t *start)
{
	struct exchange *ex = exchange_start(sa, EXCH_TRANSACTION);
	struct msg_hdr hdr;

	if (!ex)
		return NULL;
	exchange_header(ex, &hdr);
	mbuf_start(b, &hdr);
	*at = mbuf_begin_hash(b, sa->keys.len);
	*start = mbuf_begin(b, PLD_ATTR);
	mbuf_u8(b, type);
	mbuf_u8(b, 0);
	mbuf_u16(b, ex->msgid);
	return ex;
}

/* False if it cannot be sent: then the exchange is gone. */
static bool finish(struct exchange *ex, struct mbuf *b, size_t at, size_t start,
		   enum ex_state state)
{
	struct ike *ike = ex->sa->ike;

	mbuf_end(b, start);
	if (sa_hash1(ex->sa, b, ex->msgid, at) || exchange_send(ex, b)) {
		exchange_free(ex);
		return false;
	}
	ex->state = state;
	timer_start(&ike->timers, &ex->retry, ike->now + IKE_CFG_RETRY_MS);
	return true;
}

static bool ask(struct ike_sa *sa)
{
	struct exchange *ex;
	size_t at, start;
	struct mbuf b;

	ex = begin(sa, &b, CFG_REQUEST, &at, &start);
	if (!ex)
		return false;
	sa_log(sa, "initiating XAUTH. message ID = %d", (int32_t)ex->msgid);
	mbuf_attr(&b, CFG_XAUTH_TYPE, XAUTH_GENERIC);
	mbuf_attr_long(&b, CFG_XAUTH_USER_NAME, "", 0);
	mbuf_attr_long(&b, CFG_XAUTH_USER_PASSWORD, "", 0);
	return finish(ex, &b, at, start, EX_WAIT_LOGIN);
}

static bool tell(struct ike_sa *sa, uint16_t status)
{
	struct exchange *ex;
	size_t at, start;
	struct mbuf b;

	ex = begin(sa, &b, CFG_SET, &at, &start);
	if (!ex)
		return false;
	mbuf_attr(&b, CFG_XAUTH_STATUS, status);
	return finish(ex, &b, at, start, EX_WAIT_STATUS);
}

/**
 * task_xauth_begin - the peer knows the key: who is it?
 * @sa: SA
 */
void task_xauth_begin(struct ike_sa *sa)
{
	ike_sa_must_login(sa);
	if (!ask(sa))
		ike_sa_kill(sa, "XAUTH cannot begin");
}

static struct login_guard *guard_of(struct ike *ike, uint32_t addr)
{
	struct login_guard *oldest = &ike->guard[0];

	for (size_t i = 0; i < VG_ARRAY_SIZE(ike->guard); i++) {
		struct login_guard *g = &ike->guard[i];

		if (g->fails && g->addr == addr)
			return g;
		if (!g->fails || (oldest->fails && g->since < oldest->since))
			oldest = g;
	}
	return oldest;
}

static void count_failure(struct ike *ike, uint32_t addr)
{
	struct login_guard *g = guard_of(ike, addr);

	if (!g->fails || g->addr != addr || ike->now - g->since >= IKE_LOGIN_FAILS_MS)
		*g = (struct login_guard){ .addr = addr, .since = ike->now };
	g->fails++;
}

static bool too_many_failures(struct ike *ike, uint32_t addr)
{
	const struct login_guard *g = guard_of(ike, addr);

	return g->addr == addr && g->fails >= IKE_LOGIN_FAILS &&
		ike->now - g->since < IKE_LOGIN_FAILS_MS;
}

/* Equal lengths, whatever was compared, so that time says nothing of a password. */
static bool same_text(const char *a, const char *b)
{
	struct blob x = { (const uint8_t *)a, strlen(a) }, y = { (const uint8_t *)b, strlen(b) };
	uint8_t hx[HASH_MAX], hy[HASH_MAX];
	bool same;

	same = !crypto_hash(IKE_SHA256, &x, 1, hx) && !crypto_hash(IKE_SHA256, &y, 1, hy) &&
		crypto_equal(hx, hy, crypto_hash_len(IKE_SHA256));
	crypto_wipe(hx, sizeof(hx));
	crypto_wipe(hy, sizeof(hy));
	return same;
}

/* A user that there is not takes as long as one whose password is hashed, or is not. */
static bool is_right(const struct vpnd_conf *conf, const struct conf_user *u,
		     const char *password)
{
	bool hashed = u ? u->hashed : conf->user.n && conf->user.v[0].hashed;
	const char *secret = u ? u->secret : hashed ? "$1$........$" : "";
	struct crypt_data *data;
	const char *got;
	bool ok;

	if (!hashed)
		return same_text(secret, password) && u;
	data = calloc(1, sizeof(*data));
	if (!data)
		return false;
	got = crypt_r(password, secret, data);
	ok = got && *got != '*' && same_text(secret, got) && u;
	crypto_wipe(data, sizeof(*data));
	free(data);
	return ok;
}

/* An attribute as a string; false if it is none, or longer than any that can be right. */
static bool take_text(const struct msg_cfg *cfg, uint16_t type, char *to, size_t size)
{
	const struct msg_attr *found = NULL;

	for (uint8_t i = 0; i < cfg->n; i++) {
		if (cfg->attr[i].type == type)
			found = &cfg->attr[i];
	}
	if (!found || found->body.len >= size || memchr(found->body.p, 0, found->body.len))
		return false;
	memcpy(to, found->body.p, found->body.len);
	to[found->body.len] = '\0';
	return true;
}

/* Some clients say themselves that they give up, some want another kind of login. */
static bool is_generic(const struct msg_cfg *cfg)
{
	for (uint8_t i = 0; i < cfg->n; i++) {
		const struct msg_attr *a = &cfg->attr[i];

		if ((a->type == CFG_XAUTH_TYPE && a->value != XAUTH_GENERIC) ||
		    a->type == CFG_XAUTH_STATUS)
			return false;
	}
	return true;
}

/* From here on the peer is that user: other members of a group are others. */
static void become(struct ike_sa *sa, const struct conf_user *u)
{
	char text[2 * CONF_NAME_LEN];
	int len = snprintf(text, sizeof(text), "%s%s%s", u->name, sa->group[0] ? "@" : "",
			   sa->group);

	memset(&sa->id, 0, sizeof(sa->id));
	sa->id.type = ID_USER_FQDN;
	sa->id.body[0] = ID_USER_FQDN;
	sa->id.len = len + 4;
	memcpy(sa->id.body + 4, text, len);
}

static void accept_login(struct exchange *ex, const struct conf_user *u)
{
	struct ike_sa *sa = ex->sa;
	char a[VG_ADDR_LEN];

	sa->ike->count.login_ok++;
	log_line(&sa->ike->log, LOG_NOTICE, "user %s has logged in from %s", u->name,
		 vg_addr_str(sa->peer.addr, a));
	become(sa, u);
	exchange_done(ex);
	if (!tell(sa, XAUTH_OK)) {
		ike_sa_kill(sa, "XAUTH cannot end");
		return;
	}
	phase1_connected(sa);
}

static void refuse_login(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;
	struct ike *ike = sa->ike;
	char a[VG_ADDR_LEN];

	sa->logins++;
	ike->count.login_failed++;
	count_failure(ike, sa->peer.addr);
	/* no name: somebody may have typed the password there */
	log_line(&ike->log, LOG_NOTICE, "a login from %s has failed",
		 vg_addr_str(sa->peer.addr, a));
	ex->state = EX_LOGIN_FAILED;
	timer_start(&ike->timers, &ex->retry, ike->now + IKE_LOGIN_DELAY_MS);
}

static void login(struct exchange *ex, const struct msg_cfg *cfg)
{
	char name[CONF_NAME_LEN], password[CONF_KEY_MAX + 1];
	struct ike_sa *sa = ex->sa;
	const struct vpnd_conf *conf = sa->ike->conf;
	const struct conf_user *u = NULL;
	bool ok = false;

	sa_log(sa, "processing the name and the password of a user");
	chunk_free(&ex->last.reply);	/* a copy of it is not asked again */
	if (too_many_failures(sa->ike, sa->peer.addr)) {
		sa->ike->count.login_limited++;
		sa_log(sa, "too many logins have failed, none is tried for a while");
	} else if (is_generic(cfg) && take_text(cfg, CFG_XAUTH_USER_NAME, name, sizeof(name)) &&
		   take_text(cfg, CFG_XAUTH_USER_PASSWORD, password, sizeof(password))) {
		u = conf_user_find(conf, name);
		ok = is_right(conf, u, password);
	}
	crypto_wipe(password, sizeof(password));
	crypto_wipe(name, sizeof(name));
	if (ok)
		accept_login(ex, u);
	else
		refuse_login(ex);
}

/* Nobody has to wait for the answer to what we said last. */
static void told(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	if (sa->state != CONF_XAUTH) {
		exchange_done(ex);
		return;
	}
	task_info_delete_ike(sa);
	ike_sa_kill(sa, "XAUTH failed");
}

/**
 * task_xauth - an answer of the peer's
 * @ex: exchange that waits for it
 * @m: message, decrypted
 *
 * Return: true if the peer wrote it; else nothing has changed. The SA may be dead.
 */
bool task_xauth(struct exchange *ex, const struct msg *m)
{
	struct ike_sa *sa = ex->sa;
	struct msg_cfg cfg;

	if (!sa_check_hash1(sa, m)) {
		sa_log(sa, "HASH(1) of a transaction is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	msg_read_cfg(msg_find(m, PLD_ATTR, 0), &cfg);
	sa_log(sa, "Config payload type: %u", cfg.type);
	if (ex->state == EX_WAIT_LOGIN && cfg.type == CFG_REPLY)
		login(ex, &cfg);
	else if (ex->state == EX_WAIT_STATUS && cfg.type == CFG_ACK)
		told(ex);
	return true;
}

static void again(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	exchange_done(ex);
	if (sa->logins < IKE_LOGIN_TRIES ? !ask(sa) : !tell(sa, XAUTH_FAIL))
		ike_sa_kill(sa, "XAUTH cannot go on");
}

/**
 * task_xauth_timer - there was no answer, or it is time for ours
 * @ex: exchange; may be gone afterwards, its SA dead
 */
void task_xauth_timer(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	if (ex->state == EX_LOGIN_FAILED) {
		again(ex);
	} else if (ex->tries++ < IKE_CFG_RETRIES) {
		exchange_resend(ex);
		timer_start(&sa->ike->timers, &ex->retry,
			    sa->ike->now + ike_retry_ms(IKE_CFG_RETRY_MS, ex->tries));
	} else if (ex->state == EX_WAIT_STATUS) {
		told(ex);
	} else {
		exchange_done(ex);	/* the timer of the SA ends it */
	}
}
