/* SPDX-License-Identifier: GPL-2.0 */
/*
 * State of key management. One struct ike holds all of it; there are no other
 * variables, and no sockets and clocks: datagrams and time are handed in.
 */
#ifndef VPND_IKE_H
#define VPND_IKE_H

#include <sys/queue.h>

#include "conf.h"
#include "iv.h"
#include "kernel.h"
#include "keymat.h"
#include "lease.h"
#include "log.h"
#include "msg.h"
#include "timer.h"
#include "util.h"

#define IKE_BUCKETS		4096
#define IKE_HALF_OPEN_MAX	1000	/* beyond, the oldest one goes */
#define IKE_HALF_OPEN_PER_PEER	256
#define IKE_SAS_MAX		20000
#define IKE_HALF_OPEN_MS	30000
#define IKE_PURGE_MS		60000	/* a dead SA is remembered, as IOS does */
#define IKE_QM_RETRY_MS		15000
#define IKE_QM_RETRIES		7	/* at 30 % loss, one in 400 is still lost */
#define IKE_MM_RETRY_MS		2000	/* as initiator; doubles with each try */
#define IKE_MM_RETRIES		7
#define IKE_RETRY_MAX_MS	8000	/* and no more than that */
#define IKE_SWITCH_MS		500	/* for the peer's end of a pair, before we use ours */
#define IKE_LIFE_MIN		60	/* seconds; no peer makes us renew pairs more often */
#define IKE_KILOBYTES_MIN	2560
#define IKE_CFG_WAIT_MS		1000	/* for a request, before we push */
#define IKE_CFG_RETRY_MS	2000	/* doubles with each try */
#define IKE_CFG_RETRIES		8
#define IKE_DPD_RETRIES		5
#define IKE_EXCHANGES_MAX	64	/* open at a time in one SA */
#define IKE_MSGIDS_MAX		65536	/* ever used in one SA */
#define IKE_CHILDREN_MAX	64	/* pairs of one peer */
#define IKE_REPLIES_MAX		10	/* answers to one message repeated */
#define IKE_NONCE_LEN		20
#define IKE_ID_MAX		160	/* octets of an ID payload; a user and a group fit */
#define IKE_AGGRESSIVE_RATE	20	/* first messages of aggressive mode in a second */
#define IKE_LOGIN_MS		120000	/* for a user to find the password */
#define IKE_LOGIN_TRIES		3	/* passwords in one SA */
#define IKE_LOGIN_DELAY_MS	2000	/* before a wrong one is answered */
#define IKE_LOGIN_FAILS		10	/* of one address in IKE_LOGIN_FAILS_MS */
#define IKE_LOGIN_FAILS_MS	60000

struct endpoint {
	uint32_t addr;			/* host byte order */
	uint16_t port;
};

/* Until the next try of something that has been tried so often. */
static inline uint64_t ike_retry_ms(uint64_t first, unsigned int tries)
{
	return tries < 8 && first << tries < IKE_RETRY_MAX_MS ? first << tries : IKE_RETRY_MAX_MS;
}

/* Octets of our own. */
struct chunk {
	uint8_t *p;
	size_t len;
};

/* Names are those of IOS. */
enum ike_state {
	MM_NO_STATE,
	MM_SA_SETUP,			/* message 2 is sent */
	MM_KEY_EXCH,			/* message 4 is sent */
	AG_INIT_EXCH,			/* message 2 of aggressive mode is sent */
	CONF_XAUTH,			/* the key is right, the user has to log in */
	QM_IDLE,			/* authenticated */
	MM_DEAD,			/* deleted, remembered for a while */
};

enum cfg_state {
	CFG_NONE,			/* no addresses are lent here, or not yet */
	CFG_WAITING,			/* for a request, before we push */
	CFG_PUSHED,			/* SET is sent */
	CFG_DONE,			/* the client knows its address */
	CFG_FAILED,
};

/**
 * struct ike_id - identity of a peer (RFC 2407 4.6.2)
 * @body: body of its ID payload, for comparisons and for HASH_I
 */
struct ike_id {
	uint8_t type;
	uint32_t addr;
	uint8_t body[IKE_ID_MAX];
	uint8_t len;
};

/**
 * struct cached - the last message of an exchange and what we answered
 * @digest: SHA-256 of the message; an exact copy of it gets the same answer
 * @have: there is one
 * @replies: how often it was answered again
 * @reply: answer, empty if there was none
 */
struct cached {
	uint8_t digest[32];
	bool have;
	uint8_t replies;
	struct chunk reply;
};

/* NAT traversal, as agreed on with a peer. */
enum natt_version {
	NATT_NONE,
	NATT_RFC,			/* RFC 3947 */
	NATT_DRAFT_03,
	NATT_DRAFT_02N,			/* the draft with a line feed too much in its name */
	NATT_DRAFT_02,
};

struct ike;
struct ike_sa;

/**
 * struct qm - a quick mode (RFC 2409 5.5)
 * @initiator: we began it
 * @mine: our nonce
 * @theirs: the peer's
 * @dh: our half of a Diffie-Hellman, as initiator
 * @group: its group, 0 for none
 * @site: of an entry with "set peer"
 * @installed: the inbound SA is in the kernel; it goes unless a pair takes it over
 */
struct qm {
	bool initiator;
	uint8_t mine[IKE_NONCE_LEN], theirs[256];
	uint16_t theirs_len;
	struct dh *dh;
	uint8_t group;
	uint8_t gxy[DH_MAX];
	uint16_t gxy_len;
	struct kernel_pair pair;
	bool installed, site;
	struct lease *lease;
};

enum ex_state {
	EX_NEW,				/* nothing of it is verified yet */
	EX_HELD,			/* quick mode that waits for an address */
	EX_WAIT_QM2,
	EX_WAIT_QM3,
	EX_SWITCH,			/* our third message is sent, the new pair not used yet */
	EX_WAIT_ACK,			/* our SET */
	EX_WAIT_LOGIN,			/* name and password */
	EX_LOGIN_FAILED,		/* not answered yet */
	EX_WAIT_STATUS,			/* the acknowledgement of what we said of a login */
	EX_DONE,			/* kept for its cached answer */
};

/**
 * struct exchange - one exchange under an ISAKMP SA
 * @retry: next retransmission while we wait, removal when done
 * @held: plain text of a quick mode that waits
 */
struct exchange {
	LIST_ENTRY(exchange) link;
	struct ike_sa *sa;
	uint32_t msgid;
	uint8_t type;
	enum ex_state state;
	struct iv iv;
	struct cached last;
	struct timer retry;
	uint8_t tries;
	struct qm *qm;
	struct chunk held;
};

/**
 * struct ike_sa - an ISAKMP SA
 * @conn: connection identity, from 1
 * @exch: exchange of phase 1
 * @group: group of a client, empty for none
 * @first_local: where the first message came to, @first_peer where it came from
 * @login: the peer has to log in
 * @logins: passwords that were wrong
 * @initial: it said INITIAL-CONTACT
 * @pool: where its address comes from, NULL: it gets none
 * @policy: what was agreed on; a copy, since the configuration may be replaced
 * @sai: body of the initiator's SA payload
 * @iv: chain of phase 1
 * @seen: message IDs used, sorted
 * @initiator: we began it
 * @retry: next retransmission of an initiator
 * @renew: time to make the successor
 * @nonce: the initiator's nonce, @dh its half of Diffie-Hellman, while it waits
 * @nat_here: somebody rewrites our address
 * @nat_peer: somebody rewrites the peer's
 * @timer: end of a half-open SA, of a lifetime, of a dead SA
 * @node: of a dead SA, message ID of the exchange it died in, 0 for none
 */
struct ike_sa {
	LIST_ENTRY(ike_sa) link;
	TAILQ_ENTRY(ike_sa) half;
	struct ike *ike;
	unsigned int conn;
	enum ike_state state;
	bool on_half, initiator;
	uint8_t cky_i[ISAKMP_COOKIE_LEN], cky_r[ISAKMP_COOKIE_LEN];
	struct endpoint local, peer, first_local, first_peer;
	uint8_t exch, logins;
	char group[CONF_NAME_LEN];
	bool login, initial;
	struct lease_pool *pool;
	struct conf_policy policy;
	uint32_t life;
	struct chunk sai, ke_i, ke_r;
	struct ike_keys keys;
	struct iv iv;
	struct cached last;
	struct ike_id id;
	LIST_HEAD(, exchange) exchanges;
	unsigned int n_exchanges;
	uint32_t *seen;
	size_t n_seen, cap_seen;
	struct timer timer, cfg_timer, dpd_timer, nat_timer, retry, renew;
	uint8_t tries, nonce[IKE_NONCE_LEN];
	struct dh *dh;
	enum natt_version natt;
	bool nat_here, nat_peer;
	enum cfg_state cfg;
	struct lease *lease;
	bool routed, peer_dpd;
	uint32_t dpd_seq;
	uint8_t dpd_tries;
	uint64_t heard, established;
	uint32_t node;
};

/**
 * struct child - a pair of IPsec SAs
 * @map: crypto map and @seq number of its entry
 * @initiator: we began it
 * @soft: time to make its successor
 * @secret: its keys, kept only for export.c and only where that is configured
 */
struct child {
	LIST_ENTRY(child) link;
	struct ike *ike;
	unsigned int conn;		/* of the inbound one; outbound is the next */
	struct endpoint local, peer;
	struct ike_id id;
	uint32_t in_spi, out_spi;
	struct kernel_sel sel;
	char transform[64];
	struct lease *lease;
	struct timer timer, soft;
	char map[CONF_NAME_LEN];
	uint32_t seq;
	bool initiator;
	uint64_t created;
	uint32_t life;
	struct kernel_pair *secret;
};

LIST_HEAD(ike_sas, ike_sa);
TAILQ_HEAD(half_open, ike_sa);
LIST_HEAD(children, child);
LIST_HEAD(wants, want);

/* What was refused, since the beginning. */
struct ike_counts {
	uint64_t aggressive_off, aggressive_limited, group_unknown, group_key_wrong;
	uint64_t login_ok, login_failed, login_limited;
};

/* Wrong passwords from one address. */
struct login_guard {
	uint32_t addr;
	unsigned int fails;
	uint64_t since;
};

/**
 * struct ike - all of it
 * @send: sends a datagram
 * @now: milliseconds since boot; set before each call
 * @from: where the message that is being processed came from
 * @second: beginning of a second, and @n_second first messages of aggressive mode
 *	that were computed for in it
 * @changed: something that is to outlive the daemon is not as it was
 * @n_orphans: SAs in the kernel that a daemon before us made and did not note
 * @save: writes that, soon rather than late; may be NULL
 */
struct ike {
	const struct vpnd_conf *conf;
	struct log log;
	struct kernel kernel;
	int (*send)(void *arg, const struct endpoint *local, const struct endpoint *peer,
		    const void *data, size_t len);
	void *send_arg;
	uint64_t now, second;
	struct endpoint from;
	unsigned int n_second;
	struct ike_counts count;
	struct login_guard guard[64];
	bool changed;
	void (*save)(void *arg);
	void *save_arg;
	struct timers timers;
	struct lease_pool *pool;
	struct ike_sas bucket[IKE_BUCKETS];
	struct half_open half;
	struct children children;
	struct wants wants;
	size_t n_pools, n_half, n_sas, n_children, n_wants, n_orphans;
	unsigned int next_conn, next_child;
};

#define sa_log(sa, fmt, ...) \
	log_line(&(sa)->ike->log, LOG_ISAKMP, "ISAKMP (0:%u): " fmt, (sa)->conn, ##__VA_ARGS__)

/* ike_sa.c */
struct ike *ike_new(const struct vpnd_conf *conf);
void ike_free(struct ike *ike);
void ike_goodbye(struct ike *ike);
int ike_reload(struct ike *ike, const struct vpnd_conf *conf);
struct ike_sa *ike_sa_new(struct ike *ike, const struct endpoint *local,
			  const struct endpoint *peer, const uint8_t *cky_i);
bool ike_sa_adopt(struct ike *ike, struct ike_sa *sa, uint32_t lease);
struct ike_sa *ike_sa_new_initiator(struct ike *ike, const struct endpoint *local,
				    const struct endpoint *peer);
bool ike_has_peer(struct ike *ike, const struct ike_sa *sa);
struct ike_sa *ike_sa_find_begun(struct ike *ike, const uint8_t *cky_i);
struct ike_sa *ike_sa_find(struct ike *ike, const uint8_t *cky_i, const uint8_t *cky_r);
struct ike_sa *ike_sa_find_half(struct ike *ike, const uint8_t *cky_i,
				const struct endpoint *peer);
bool ike_sa_may_begin(struct ike *ike, uint32_t peer);
void ike_sa_must_login(struct ike_sa *sa);
void ike_sa_established(struct ike_sa *sa);
void ike_sa_kill(struct ike_sa *sa, const char *why);
void ike_sa_initial_contact(struct ike_sa *sa);
const char *ike_state_name(enum ike_state state);
void ike_sa_drop_lease(struct ike_sa *sa);
bool ike_id_equal(const struct ike_id *a, const struct ike_id *b);

/* msgid.c */
bool ike_sa_use_msgid(struct ike_sa *sa, uint32_t msgid);
bool ike_sa_msgid_used(const struct ike_sa *sa, uint32_t msgid);

/* chunk.c */
int chunk_set(struct chunk *c, const void *p, size_t len);
void chunk_free(struct chunk *c);
struct blob chunk_blob(const struct chunk *c);

/* pool.c */
int ike_pools_make(struct ike *ike);
void ike_pools_free(struct ike *ike);
bool ike_pools_are_of(const struct ike *ike, const struct vpnd_conf *conf);
struct lease_pool *ike_pool_for(const struct ike *ike, const struct conf_group *group);
struct lease *ike_lease_adopt(struct ike *ike, const struct lease_owner *owner, uint32_t addr);
void ike_put_lease(struct ike *ike, struct lease *lease);

/* exchange.c */
void ike_input(struct ike *ike, const struct endpoint *local, const struct endpoint *peer,
	       const void *data, size_t len);
struct exchange *exchange_new(struct ike_sa *sa, uint8_t type, uint32_t msgid);
struct exchange *exchange_start(struct ike_sa *sa, uint8_t type);
struct exchange *exchange_find(struct ike_sa *sa, uint32_t msgid);
void exchange_free(struct exchange *ex);
void exchange_done(struct exchange *ex);
bool exchange_verified(struct exchange *ex);
void exchange_header(const struct exchange *ex, struct msg_hdr *hdr);
int exchange_send(struct exchange *ex, struct mbuf *b);
void exchange_resend(struct exchange *ex);
void sa_resend(struct ike_sa *sa);
int sa_send_clear(struct ike_sa *sa, struct mbuf *b);
int sa_send_encrypted(struct ike_sa *sa, struct iv *iv, struct mbuf *b, struct cached *last);
int sa_hash1(struct ike_sa *sa, struct mbuf *b, uint32_t msgid, size_t hash_at);
bool sa_check_hash1(struct ike_sa *sa, const struct msg *m);

/* exchange_timer.c */
void exchange_timer(void *arg);

/* task_main.c */
void task_main_1(struct ike *ike, const struct endpoint *local, const struct endpoint *peer,
		 const struct msg *m, const uint8_t *digest);
bool task_main_3(struct ike_sa *sa, const struct msg *m);
bool task_main_5(struct ike_sa *sa, const struct msg *m);

/* task_aggressive.c */
void task_aggressive_1(struct ike *ike, const struct endpoint *local,
		       const struct endpoint *peer, const struct msg *m, const uint8_t *digest);
bool task_aggressive_3(struct ike_sa *sa, const struct msg *m);

/* task_xauth.c */
void task_xauth_begin(struct ike_sa *sa);
bool task_xauth(struct exchange *ex, const struct msg *m);
void task_xauth_timer(struct exchange *ex);
void task_xauth_put_vid(struct mbuf *b);

/* task_begin.c */
struct ike_sa *task_main_begin(struct ike *ike, const struct endpoint *local,
			       const struct endpoint *peer);
bool task_main_2(struct ike_sa *sa, const struct msg *m);
bool task_main_4(struct ike_sa *sa, const struct msg *m);
bool task_main_6(struct ike_sa *sa, const struct msg *m);

/* task_quick_begin.c */
struct exchange *task_quick_begin(struct ike_sa *sa, const struct conf_entry *e,
				  const struct kernel_sel *sel);
bool task_quick_2(struct exchange *ex, const struct msg *m);

/* task_quick.c */
bool task_quick(struct exchange *ex, const struct msg *m);
void task_quick_release(struct ike_sa *sa);
void task_quick_free(struct ike *ike, struct qm *qm);

/* task_modecfg.c */
void task_modecfg_begin(struct ike_sa *sa);
bool task_modecfg_push(struct ike_sa *sa);
bool task_modecfg(struct exchange *ex, const struct msg *m);
void task_modecfg_gave_up(struct ike_sa *sa);
void ike_lease_owner(const struct ike_id *id, const struct endpoint *peer,
		     struct lease_owner *owner);
void ike_sa_route(struct ike_sa *sa);

/* task_info.c */
bool task_info(struct exchange *ex, const struct msg *m);
void task_info_notify(struct ike_sa *sa, uint8_t protocol, uint16_t type,
		      const struct blob *spi, const struct blob *data);
void task_info_delete_ike(struct ike_sa *sa);
void task_info_delete_esp(struct ike_sa *sa, uint32_t spi);
void task_dpd_begin(struct ike_sa *sa);
bool dpd_offered(const struct msg *m);
void dpd_put_vid(struct mbuf *b);

/* child.c */
struct child *child_new(struct ike_sa *sa, const struct qm *qm);
bool child_is_of(const struct child *c, const struct ike_sa *sa);
void child_free(struct child *c, const char *why);
void child_end(struct child *c, const char *why);
bool child_adopt(struct ike *ike, struct child *c, uint32_t lease, struct child *after);
void child_event(struct ike *ike, const struct kernel_event *event);
struct child *child_find(struct ike *ike, const struct kernel_sel *sel,
			 const struct endpoint *peer);
struct child *child_by_out(struct ike *ike, uint32_t peer, uint32_t out_spi);
unsigned int child_count(const struct ike_sa *sa);
void child_free_of(struct ike *ike, const struct ike_id *id, const struct endpoint *peer,
		   const char *why);
void child_move_of(struct ike *ike, const struct ike_id *id, const struct endpoint *from,
		   const struct endpoint *to);
bool child_overlaps(const struct ike_sa *sa, const struct kernel_sel *sel);

#endif
