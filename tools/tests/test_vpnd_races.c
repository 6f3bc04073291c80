// SPDX-License-Identifier: GPL-2.0
/*
 * Renewals that meet deletes, each other and the end of phase 1 (strongSwan's issues
 * 390, 1896, 1945 and 2945 are of that kind).
 */
#include "natt.h"
#include "test_vpnd_peer.h"

/* Connected with an address and @n pairs; returns the SPI that the first receives with. */
static uint32_t connected(struct world *w, struct peer *p, unsigned int n)
{
	struct iv req = { 0 };
	struct received r;
	uint32_t addr, first = 0;

	world_make(w, deployment_conf);
	peer_init(p, w, PEER_ADDR);
	assert_true(peer_connect(p));
	peer_cfg(p, CFG_REQUEST, 4, &req);
	assert_int_equal(peer_set(p, &req, &addr), 4);
	assert_int_equal(addr, LEASE_ADDR);
	for (unsigned int i = 0; i < n; i++) {
		peer_quick_1(p, 10 + i, LEASE_ADDR);
		assert_true(peer_quick_2(p, &r));
		peer_quick_3(p);
		if (!i)
			first = p->in_spi;
	}
	return first;
}

static void done(struct world *w, struct peer *p)
{
	assert_int_equal(kernel_fake_halves(&w->ike->kernel), 0);
	peer_free(p);
	world_free(w);
}

/* The pair that is being replaced goes before its successor is there. */
static void delete_before_successor(void **state)
{
	struct received r;
	uint32_t first;
	struct world w;
	struct peer p;

	first = connected(&w, &p, 1);
	peer_quick_1(&p, 20, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_delete(&p, first, false, 21);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 0);
	/* the address is the client's still, and so is the way to it */
	assert_int_equal(w.ike->pool[0].n_free, 253);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 1);
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->out_spi, p.in_spi);
	done(&w, &p);
}

/* The new pair is deleted at once: the one before it serves on. */
static void delete_of_successor(void **state)
{
	uint32_t first;
	struct world w;
	struct peer p;

	first = connected(&w, &p, 2);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	peer_delete(&p, p.in_spi, false, 21);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(LIST_FIRST(&w.ike->children)->out_spi, first);
	/* again, and one that never was */
	peer_delete(&p, p.in_spi, false, 22);
	peer_delete(&p, 0x12345678, false, 23);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	done(&w, &p);
}

/* Phase 1 ends in the middle of a quick mode: nothing half-made stays. */
static void phase1_ends(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	connected(&w, &p, 1);
	peer_quick_1(&p, 20, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 1);
	peer_delete(&p, 1, true, 21);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 0);
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(w.ike->pool[0].n_free, 253);
	done(&w, &p);
}

/* Several renewals at once, ended in another order than they were begun. */
static void interleaved(void **state)
{
	struct peer p, q[3];
	struct received r;
	struct world w;

	connected(&w, &p, 1);
	for (int i = 0; i < 3; i++) {
		q[i] = p;
		peer_quick_1(&q[i], 30 + i, LEASE_ADDR);
		assert_true(peer_quick_2(&q[i], &r));
	}
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 3);
	for (int i = 3; i-- > 0;) {
		peer_quick_3(&q[i]);
		assert_int_equal(kernel_fake_last(&w.ike->kernel)->out_spi, q[i].in_spi);
		assert_int_equal(LIST_FIRST(&w.ike->children)->out_spi, q[i].in_spi);
	}
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 8);
	/* copies of the third messages make nothing more */
	for (int i = 0; i < 3; i++)
		peer_quick_3(&q[i]);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 8);
	done(&w, &p);
}

/* The pair before lives until its limit, then goes alone; the address stays lent. */
static void old_until_limit(void **state)
{
	struct received r;
	uint32_t first;
	struct world w;
	struct peer p;

	first = connected(&w, &p, 1);
	world_run(&w, 1800 * 1000);
	peer_quick_1(&p, 20, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	world_run(&w, 1799 * 1000);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	world_run(&w, 2 * 1000);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_not_equal(LIST_FIRST(&w.ike->children)->out_spi, first);
	assert_int_equal(w.ike->pool[0].n_free, 253);
	done(&w, &p);
}

/* A new phase 1 beside the old one, without INITIAL-CONTACT: no pair is lost. */
static void phase1_renewed(void **state)
{
	struct received r;
	struct world w;
	struct peer p, next;

	connected(&w, &p, 1);
	peer_init(&next, &w, PEER_ADDR);
	assert_true(peer_connect(&next));
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	/* the old one ends; what it made can be replaced in the new one */
	peer_delete(&p, 1, true, 21);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	peer_quick_1(&next, 20, LEASE_ADDR);
	assert_true(peer_quick_2(&next, &r));
	peer_quick_3(&next);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	peer_delete(&next, p.in_spi, false, 22);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(w.ike->pool[0].n_free, 253);
	peer_free(&next);
	done(&w, &p);
}

int group_races(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(delete_before_successor), cmocka_unit_test(delete_of_successor),
		cmocka_unit_test(phase1_ends), cmocka_unit_test(interleaved),
		cmocka_unit_test(old_until_limit), cmocka_unit_test(phase1_renewed),
	};

	return RUN_GROUP(tests);
}
