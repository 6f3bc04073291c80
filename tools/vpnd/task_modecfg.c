// SPDX-License-Identifier: GPL-2.0
/*
 * Mode configuration (draft-dukes-ike-mode-cfg-02): the address of a client,
 * asked for (REQUEST, REPLY), pushed (SET, ACK), or both crossing each other, and
 * then both name the same address.
 */
#include <string.h>

#include "ike.h"

/**
 * ike_lease_owner - who leases, for the pool
 * @id: identity of the client
 * @peer: its place
 * @owner: where it goes
 */
void ike_lease_owner(const struct ike_id *id, const struct endpoint *peer,
		     struct lease_owner *owner)
{
	memset(owner, 0, sizeof(*owner));
	owner->v[0] = id->type;
	memcpy(owner->v + 1, id->body + 4, id->len - 4);
	owner->len = id->len - 3;
	owner->peer = peer->addr;
	owner->port = peer->port;
}

/**
 * ike_sa_route - install the host route to a client
 * @sa: its SA, with a lease
 */
void ike_sa_route(struct ike_sa *sa)
{
	struct ike *ike = sa->ike;
	char a[VG_ADDR_LEN];

	if (sa->routed)
		return;
	sa->routed = true;
	sa_log(sa, "adding static route for %s", vg_addr_str(sa->lease->addr, a));
	/* there already where an earlier SA of the client holds the lease too */
	ike->kernel.ops->route(ike->kernel.priv, true, sa->lease->addr, sa->peer.addr);
}

static bool take_lease(struct ike_sa *sa)
{
	struct lease_owner owner;
	char a[VG_ADDR_LEN];

	if (sa->lease)
		return true;
	ike_lease_owner(&sa->id, &sa->peer, &owner);
	sa->lease = lease_take(sa->pool, &owner);
	if (!sa->lease) {
		log_line(&sa->ike->log, LOG_NOTICE, "address pool %s is exhausted",
			 sa->pool->name);
		return false;
	}
	log_line(&sa->ike->log, LOG_ISAKMP, "ISAKMP: Locking struct %X on allocation",
		 sa->lease->addr);
	sa_log(sa, "allocating address %s", vg_addr_str(sa->lease->addr, a));
	return true;
}

/* Nothing to give: the client shall know at once rather than time out. */
static void no_address(struct ike_sa *sa)
{
	static const struct blob none;

	sa->cfg = CFG_FAILED;
	task_info_notify(sa, PROTO_ISAKMP, N_ADDRESS_UNAVAILABLE, &none, &none);
	task_info_delete_ike(sa);
	ike_sa_kill(sa, "no address is left in the pool");
}

static void put_addr(struct mbuf *b, uint16_t type, uint32_t addr)
{
	uint8_t o[4] = { addr >> 24, addr >> 16, addr >> 8, addr };

	mbuf_attr_long(b, type, o, 4);
}

static void put_text(struct mbuf *b, uint16_t type, const char *text)
{
	if (*text)
		mbuf_attr_long(b, type, text, strlen(text));
}

/*
 * Networks that clients are to reach through the tunnel, 14 octets each: address,
 * mask, protocol and ports of both sides, as Unity's clients want them.
 */
static void put_split(struct mbuf *b, const struct conf_group *g)
{
	if (!g->n_split)
		return;
	mbuf_u16(b, CFG_UNITY_SPLIT_INCLUDE);
	mbuf_u16(b, g->n_split * 14);
	for (uint8_t i = 0; i < g->n_split; i++) {
		mbuf_u32(b, g->split[i].local);
		mbuf_u32(b, g->split[i].local_mask);
		mbuf_u16(b, g->split[i].proto < 0 ? 0 : g->split[i].proto);
		mbuf_u32(b, 0);
	}
}

/* Did the client ask for this? We push everything. */
static bool wanted(const struct msg_cfg *asked, uint16_t type)
{
	for (uint8_t i = 0; asked && i < asked->n; i++) {
		if (asked->attr[i].type == type)
			return true;
	}
	return !asked;
}

/* What clients are given besides their address; @asked: NULL where we push. */
static void put_group(struct mbuf *b, const struct conf_group *g, const struct msg_cfg *asked)
{
	for (size_t i = 0; wanted(asked, CFG_IP4_DNS) && i < VG_ARRAY_SIZE(g->dns); i++) {
		if (g->dns[i])
			put_addr(b, CFG_IP4_DNS, g->dns[i]);
	}
	for (size_t i = 0; wanted(asked, CFG_IP4_NBNS) && i < VG_ARRAY_SIZE(g->wins); i++) {
		if (g->wins[i])
			put_addr(b, CFG_IP4_NBNS, g->wins[i]);
	}
	if (wanted(asked, CFG_UNITY_DOMAIN))
		put_text(b, CFG_UNITY_DOMAIN, g->domain);
	if (wanted(asked, CFG_UNITY_SPLIT_DNS))
		put_text(b, CFG_UNITY_SPLIT_DNS, g->split_dns);
	if (wanted(asked, CFG_UNITY_BANNER))
		put_text(b, CFG_UNITY_BANNER, g->banner);
	if (wanted(asked, CFG_UNITY_SPLIT_INCLUDE))
		put_split(b, g);
	if (wanted(asked, CFG_UNITY_SAVE_PASSWORD))
		mbuf_attr(b, CFG_UNITY_SAVE_PASSWORD, g->save_password);
	if (wanted(asked, CFG_UNITY_PFS))
		mbuf_attr(b, CFG_UNITY_PFS, g->pfs);
}

static void put_all(struct mbuf *b, const struct ike_sa *sa, const struct msg_cfg *asked)
{
	const struct conf_group *g = conf_group_find(sa->ike->conf, sa->group);

	put_addr(b, CFG_IP4_ADDRESS, sa->lease->addr);
	if (g ? wanted(asked, CFG_IP4_NETMASK) : asked && wanted(asked, CFG_IP4_NETMASK))
		put_addr(b, CFG_IP4_NETMASK, g && g->netmask ? g->netmask : 0xffffffff);
	if (g)
		put_group(b, g, asked);
	if (asked && wanted(asked, CFG_APP_VERSION))
		put_text(b, CFG_APP_VERSION, "vpngw");
}

/**
 * task_modecfg_push - tell the client its address: SET
 * @sa: SA, authenticated
 *
 * Return: true if a SET is on its way; the SA may be dead otherwise.
 */
bool task_modecfg_push(struct ike_sa *sa)
{
	struct timers *timers = &sa->ike->timers;
	struct exchange *ex;
	char a[VG_ADDR_LEN];
	struct msg_hdr hdr;
	struct mbuf b;
	size_t at, start;

	timer_stop(timers, &sa->cfg_timer);
	if (!take_lease(sa)) {
		no_address(sa);
		return false;
	}
	ex = exchange_start(sa, EXCH_TRANSACTION);
	if (!ex)
		return false;
	sa_log(sa, "initiating peer config to %s. message ID = %d",
	       vg_addr_str(sa->peer.addr, a), (int32_t)ex->msgid);
	exchange_header(ex, &hdr);
	mbuf_start(&b, &hdr);
	at = mbuf_begin_hash(&b, sa->keys.len);
	start = mbuf_begin(&b, PLD_ATTR);
	mbuf_u8(&b, CFG_SET);
	mbuf_u8(&b, 0);
	mbuf_u16(&b, ex->msgid);
	put_all(&b, sa, NULL);
	mbuf_end(&b, start);
	if (sa_hash1(sa, &b, ex->msgid, at) || exchange_send(ex, &b)) {
		exchange_free(ex);
		return false;
	}
	ex->state = EX_WAIT_ACK;
	sa->cfg = CFG_PUSHED;
	timer_start(timers, &ex->retry, sa->ike->now + IKE_CFG_RETRY_MS);
	return true;
}

static void cfg_timer(void *arg)
{
	struct ike_sa *sa = arg;

	if (sa->state == QM_IDLE && sa->cfg == CFG_WAITING)
		task_modecfg_push(sa);
}

/**
 * task_modecfg_begin - the peer is authenticated: see to its address
 * @sa: SA
 *
 * A client may ask at once, send quick mode at once, or wait for us for ever; so
 * we wait a little (reference: initiate and respond together).
 */
void task_modecfg_begin(struct ike_sa *sa)
{
	const struct vpnd_conf *conf = sa->ike->conf;

	timer_init(&sa->cfg_timer, cfg_timer, sa);
	if (!(conf->initiate || conf->respond) || conf_static_peer(conf, sa->peer.addr))
		return;
	sa->pool = ike_pool_for(sa->ike, conf_group_find(conf, sa->group));
	if (!sa->pool)
		return;
	sa->cfg = CFG_WAITING;
	if (conf->initiate)
		timer_start(&sa->ike->timers, &sa->cfg_timer, sa->ike->now + IKE_CFG_WAIT_MS);
}

/**
 * task_modecfg_gave_up - the client does not answer our SET
 * @sa: SA
 */
void task_modecfg_gave_up(struct ike_sa *sa)
{
	if (sa->cfg != CFG_PUSHED)
		return;		/* it asked meanwhile, and has its address */
	sa_log(sa, "peer does not answer configuration");
	sa->cfg = CFG_FAILED;
	ike_sa_drop_lease(sa);
	task_quick_release(sa);
}

static void configured(struct ike_sa *sa)
{
	timer_stop(&sa->ike->timers, &sa->cfg_timer);
	sa->cfg = CFG_DONE;
	ike_sa_route(sa);
}

/* ACK may be empty, or name only what the client could use. */
static void acked(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	sa_log(sa, "peer accepted the address!");
	configured(sa);
	sa_log(sa, "deleting node %d error FALSE reason \"done with transaction\"",
	       (int32_t)ex->msgid);
	exchange_done(ex);
	task_quick_release(sa);
}

static void reply(struct exchange *ex, const struct msg_cfg *cfg)
{
	struct ike_sa *sa = ex->sa;
	struct msg_hdr hdr;
	struct mbuf b;
	size_t at, start;

	if (!take_lease(sa)) {
		no_address(sa);
		return;
	}
	exchange_header(ex, &hdr);
	mbuf_start(&b, &hdr);
	at = mbuf_begin_hash(&b, sa->keys.len);
	start = mbuf_begin(&b, PLD_ATTR);
	mbuf_u8(&b, CFG_REPLY);
	mbuf_u8(&b, 0);
	mbuf_u16(&b, cfg->id);
	put_all(&b, sa, cfg);
	mbuf_end(&b, start);
	if (sa_hash1(sa, &b, ex->msgid, at) || exchange_send(ex, &b)) {
		exchange_done(ex);
		return;
	}
	configured(sa);
	exchange_done(ex);
	task_quick_release(sa);
}

/**
 * task_modecfg - a message of a transaction (draft-dukes-ike-mode-cfg-02 3)
 * @ex: exchange, new or waiting for the answer to our SET
 * @m: message, decrypted
 *
 * Return: true if the peer wrote it; else nothing has changed.
 */
bool task_modecfg(struct exchange *ex, const struct msg *m)
{
	bool waiting = ex->state == EX_WAIT_ACK;
	struct ike_sa *sa = ex->sa;
	struct msg_cfg cfg;
	char a[VG_ADDR_LEN];

	if (!sa_check_hash1(sa, m)) {
		sa_log(sa, "HASH(1) of a transaction is wrong");
		return false;
	}
	if (!exchange_verified(ex))
		return false;
	msg_read_cfg(msg_find(m, PLD_ATTR, 0), &cfg);
	sa_log(sa, "processing transaction payload from %s. message ID = %d",
	       vg_addr_str(sa->peer.addr, a), (int32_t)m->hdr.msgid);
	log_line(&sa->ike->log, LOG_ISAKMP, "ISAKMP: recieved config from %s .", a);
	sa_log(sa, "Config payload type: %u", cfg.type);
	if (waiting && cfg.type != CFG_REQUEST && cfg.type != CFG_SET) {
		acked(ex);
	} else if (!waiting && cfg.type == CFG_REQUEST && sa->ike->conf->respond &&
		   sa->cfg != CFG_NONE) {
		reply(ex, &cfg);
	} else {
		sa_log(sa, "configuration is not asked for");
		if (!waiting)
			exchange_done(ex);
	}
	return true;
}
