// SPDX-License-Identifier: GPL-2.0
/*
 * (state x message): whatever no table lists leaves everything as it was, octet for
 * octet: SAs, exchanges, timers, leases, what the kernel was told, what is on the wire.
 */
#include "state.h"
#include "test_vpnd_peer.h"

static void put_exchange(FILE *f, const struct exchange *ex)
{
	fwrite(ex, sizeof(*ex), 1, f);
	if (ex->qm)
		fwrite(ex->qm, sizeof(*ex->qm), 1, f);
	fwrite(ex->last.reply.p ? ex->last.reply.p : ex->last.digest, 1, ex->last.reply.len, f);
	fwrite(ex->held.p ? ex->held.p : ex->last.digest, 1, ex->held.len, f);
}

static void put_sa(FILE *f, const struct ike_sa *sa)
{
	const struct exchange *ex;

	fwrite(sa, sizeof(*sa), 1, f);
	fwrite(sa->seen ? sa->seen : (void *)sa, sizeof(*sa->seen), sa->n_seen, f);
	LIST_FOREACH(ex, &sa->exchanges, link)
		put_exchange(f, ex);
}

struct snapshot {
	char *text;
	size_t len;
};

/* Everything but the clock. */
static struct snapshot snapshot(struct world *w)
{
	struct snapshot s = { 0 };
	FILE *f = open_memstream(&s.text, &s.len);
	const struct ike *ike = w->ike;
	const struct child *c;

	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		const struct ike_sa *sa;

		LIST_FOREACH(sa, &ike->bucket[i], link)
			put_sa(f, sa);
	}
	LIST_FOREACH(c, &ike->children, link)
		fwrite(c, sizeof(*c), 1, f);
	for (size_t i = 0; i < ike->timers.n; i++)
		fwrite(ike->timers.v[i], sizeof(*ike->timers.v[i]), 1, f);
	fprintf(f, "%zu %zu %zu %zu %u %u %zu %u %u %u %zu", ike->n_half, ike->n_sas,
		ike->n_children, ike->n_wants, ike->next_conn, ike->next_child, ike->pool[0].n_free,
		kernel_fake_halves(&ike->kernel), kernel_fake_sas(&ike->kernel),
		kernel_fake_routes(&ike->kernel), w->bytes_out);
	fclose(f);
	return s;
}

static void assert_same(struct world *w, const struct snapshot *was, const char *where)
{
	struct snapshot is = snapshot(w);

	if (is.len != was->len || memcmp(is.text, was->text, is.len))
		fail_msg("something has changed: %s", where);
	free(is.text);
}

static const uint8_t exchanges[] = { 0, 1, 2, 3, 4, 5, 6, 7, 31, 32, 33, 34, 35, 36, 240, 255 };

/* Headers and payloads that fit nothing, with each message ID that is in use. */
static void noise(struct peer *p, const uint32_t *ids, size_t n_ids)
{
	struct snapshot was = snapshot(p->w);
	char where[80];

	for (size_t e = 0; e < sizeof(exchanges); e++) {
		for (unsigned int i = 0; i < 64 * n_ids * 8; i++) {
			uint8_t body[72], flags = i & 7;
			uint32_t msgid = ids[i / 8 % n_ids];
			unsigned int first = i / 8 / n_ids;
			struct mbuf b;

			crypto_random(body, sizeof(body));
			peer_header(p, &b, exchanges[e], msgid);
			if (first & 32) {	/* a chain that holds together */
				mbuf_payload(&b, first & 31, body, 16);
				mbuf_payload(&b, PLD_NONCE, body, 16);
				mbuf_pad(&b, 8);
			} else {
				mbuf_put(&b, body, i & 1 ? 72 : 64);
				b.data[16] = first;
			}
			b.data[19] = flags;
			mbuf_finish(&b);
			peer_put(p, &b);
		}
		snprintf(where, sizeof(where), "exchange %u", exchanges[e]);
		assert_same(p->w, &was, where);
	}
	free(was.text);
}

/* Well-formed messages of somebody who knows the cipher's key but not SKEYID_a. */
static void forgeries(struct peer *p, const uint32_t *ids, size_t n_ids)
{
	struct snapshot was = snapshot(p->w);
	char where[80];

	for (size_t i = 0; i < n_ids; i++) {
		struct peer bad = *p;

		if (!ids[i])
			continue;
		bad.keys.a[i % bad.keys.len] ^= 1;
		for (uint8_t type = 0; type < 6; type++)
			peer_cfg(&bad, type, ids[i], &(struct iv){ 0 });
		peer_delete(&bad, p->in_spi, true, ids[i]);
		peer_delete(&bad, p->in_spi, false, ids[i]);
		peer_notify(&bad, N_INITIAL_CONTACT, 1, ids[i]);
		peer_notify(&bad, N_R_U_THERE, 1, ids[i]);
		peer_notify(&bad, N_NO_PROPOSAL, 1, ids[i]);
		bad.qiv = (struct iv){ 0 };
		peer_quick_1(&bad, ids[i], LEASE_ADDR);
		bad.msgid = ids[i];
		if (!bad.qiv.block)
			iv_phase2(&bad.qiv, bad.hash, &bad.iv, ids[i]);
		peer_quick_3(&bad);
		snprintf(where, sizeof(where), "forgeries with message ID %u", ids[i]);
		assert_same(p->w, &was, where);
	}
	free(was.text);
}

/* The same from another place, and to another one of ours. */
static void elsewhere(struct peer *p)
{
	struct snapshot was = snapshot(p->w);
	struct peer bad = *p;

	bad.at.addr++;
	peer_delete(&bad, p->in_spi, true, 7001);
	bad.at.addr--;
	bad.at.port++;
	peer_delete(&bad, p->in_spi, true, 7002);
	assert_same(p->w, &was, "another place");
	free(was.text);
}

/* Every line is made, for what it may touch, and goes nowhere. */
static void nowhere(void *arg, enum log_topic topic, const char *line)
{
}

enum stage {
	NOTHING, SA_SETUP, KEY_EXCH, IDLE, PUSHED, HELD, WAIT_QM3, CONNECTED, DEAD, STAGES,
};

/* Brings a peer there; the message IDs that are in use then go to @ids. */
static size_t reach(struct peer *p, enum stage stage, uint32_t ids[4])
{
	struct iv set = { 0 };
	struct received r;
	uint32_t addr;
	size_t n = 2;

	ids[0] = 0;
	ids[1] = 12345;
	if (stage == NOTHING)
		return n;
	peer_main_1(p);
	memcpy(p->cky_r, TAILQ_FIRST(&p->w->ike->half)->cky_r, 8);
	if (stage == SA_SETUP)
		return n;
	assert_true(peer_main_3(p));
	if (stage == KEY_EXCH)
		return n;
	assert_true(peer_main_5(p));
	assert_true(peer_main_6(p));
	if (stage == IDLE)
		return n;
	if (stage == HELD) {
		peer_quick_1(p, 40, PEER_ADDR);
		ids[n++] = 40;
	} else {
		world_run(p->w, IKE_CFG_WAIT_MS + 1);
	}
	if (stage == PUSHED || stage == HELD) {
		ids[n++] = LIST_FIRST(&peer_sa(p)->exchanges)->msgid;
		return n;
	}
	ids[n++] = peer_set(p, &set, &addr);
	peer_cfg(p, CFG_ACK, ids[2], &set);
	peer_quick_1(p, 41, LEASE_ADDR);
	ids[n++] = 41;
	assert_true(peer_quick_2(p, &r));
	if (stage == WAIT_QM3)
		return n;
	peer_quick_3(p);
	assert_int_equal(p->w->ike->n_children, 1);
	if (stage == DEAD)
		peer_delete(p, p->in_spi, true, 99);
	return n;
}

static void unlisted(void **state)
{
	for (enum stage stage = NOTHING; stage < STAGES; stage++) {
		struct world w;
		struct peer p;
		uint32_t ids[4];
		size_t n;

		world_make(&w, deployment_conf);
		w.ike->log = (struct log){ nowhere, NULL, ~0U };
		peer_init(&p, &w, PEER_ADDR);
		n = reach(&p, stage, ids);
		/* nothing listens to cookies that it has not given */
		if (stage == NOTHING)
			crypto_random(p.cky_r, 8);
		noise(&p, ids, n);
		if (stage >= IDLE) {
			forgeries(&p, ids, n);
			elsewhere(&p);
		}
		peer_free(&p);
		world_free(&w);
	}
}

/* The table is no reason to refuse what it lists: the same peer goes on after it all. */
static void listed(void **state)
{
	for (enum stage stage = SA_SETUP; stage < CONNECTED; stage++) {
		struct received r;
		struct world w;
		struct peer p;
		uint32_t ids[4], addr;
		struct iv set = { 0 };

		world_make(&w, deployment_conf);
		w.ike->log = (struct log){ nowhere, NULL, ~0U };
		peer_init(&p, &w, PEER_ADDR);
		noise(&p, ids, reach(&p, stage, ids));
		if (stage == SA_SETUP)
			assert_true(peer_main_3(&p));
		if (stage <= KEY_EXCH) {
			assert_true(peer_main_5(&p));
			assert_true(peer_main_6(&p));
		}
		if (stage <= IDLE)
			world_run(&w, IKE_CFG_WAIT_MS + 1);
		if (stage < WAIT_QM3) {
			ids[0] = peer_set(&p, &set, &addr);
			assert_int_equal(addr, LEASE_ADDR);
			peer_cfg(&p, CFG_ACK, ids[0], &set);
			if (stage != HELD)
				peer_quick_1(&p, 50, LEASE_ADDR);
			assert_true(peer_quick_2(&p, &r));
		}
		peer_quick_3(&p);
		assert_int_equal(w.ike->n_children, 1);
		peer_free(&p);
		world_free(&w);
	}
}

int group_states(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(unlisted), cmocka_unit_test(listed),
	};

	return RUN_GROUP(tests);
}
