// SPDX-License-Identifier: GPL-2.0
/* A daemon that is killed and comes back: what it left is what the next one has. */
#include <errno.h>

#include "state.h"
#include "test_vpnd_net.h"

/* The daemon at A is killed and started again, the kernel keeps its SAs. */
/* The daemon of one side is another one, which has what was left: @text, freed. */
static int reborn(struct net *net, char *text, size_t len)
{
	struct ike *old = net->a.ike;
	struct kernel kernel = old->kernel;
	uint64_t now = old->now;
	int ret;

	/* what is left behind of it is its kernel */
	assert_int_equal(kernel_fake_open(&old->kernel), 0);
	net->a.ike = ike_new(net->a.conf);
	net->a.ike->log = old->log;
	net->a.ike->send = net_on_send;
	net->a.ike->send_arg = &net->a;
	net->a.ike->kernel = kernel;
	net->a.ike->now = now;
	old->send = NULL;
	while (!LIST_EMPTY(&old->children)) {
		struct child *c = LIST_FIRST(&old->children);

		timer_stop(&old->timers, &c->timer);
		timer_stop(&old->timers, &c->soft);
		LIST_REMOVE(c, link);
		free(c);
	}
	ike_free(old);
	ret = state_adopt(net->a.ike, text, len);
	free(text);
	return ret;
}

static void killed(void **state)
{
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net_pump(&net);
	for (int i = 0; i < 5; i++) {
		text = state_text(net.a.ike, &len);
		assert_non_null(text);
		assert_in_range(reborn(&net, text, len), 1, 2);
		assert_int_equal(net.a.ike->n_sas, 1);
		net_settle(&net);
		net_pairs(&net);
		/* phase 1 goes on: dead peers are seen, pairs are renewed in it */
		net_pass(&net, LIFE_MS);
		net_settle(&net);
		assert_in_range(net_pairs(&net), 1, 2);
		assert_int_equal(net.b.ike->n_sas, 1);
		net_same_keys(&net);
	}
	net_free(&net);
}

/* A daemon that knows of pairs of an earlier one is in no initial contact. */
static void adopted_contact(void **state)
{
	struct kernel_event e = { .kind = KERNEL_SOFT, .daddr = A_ADDR };
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net_pump(&net);
	assert_int_equal(net_contacts(&net.b), 1);
	text = state_text(net.a.ike, &len);
	assert_in_range(reborn(&net, text, len), 1, 2);
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		if (!LIST_EMPTY(&net.a.ike->bucket[i]))
			ike_sa_kill(LIST_FIRST(&net.a.ike->bucket[i]), "test");
	}
	e.spi = LIST_FIRST(&net.a.ike->children)->in_spi;
	child_event(net.a.ike, &e);
	net_pump(&net);
	net_pass(&net, 2 * IKE_SWITCH_MS);
	assert_int_equal(net_pairs(&net), 2);
	assert_int_equal(net_contacts(&net.b), 1);
	net_free(&net);
}

static char *saved;
static size_t saved_len;

static void save(void *arg)
{
	free(saved);
	saved = state_text(arg, &saved_len);
}

/* What is in the state file is there before packets depend on it. */
static void killed_between(void **state)
{
	struct child *c;
	struct net net;
	uint32_t in;

	/* after writing the file, before or after the outbound SA: a pair that is whole */
	net_make(&net, "cisco123", "", false);
	net.a.ike->save = save;
	net.a.ike->save_arg = net.a.ike;
	net_packet(&net.a);
	net_pump(&net);
	net_pass(&net, 1000);
	net_pump(&net);
	assert_int_equal(net_pairs(&net), 1);
	assert_non_null(saved);
	assert_int_equal(reborn(&net, saved, saved_len), 1);
	saved = NULL;
	/*
	 * The inbound one only, since the last message came when nobody was there: the
	 * peer is told, and until it has heard that, its packets are taken.
	 */
	c = LIST_FIRST(&net.a.ike->children);
	in = c->in_spi;
	save(net.a.ike);
	kernel_fake_set(&net.a.ike->kernel, B_ADDR, c->out_spi, KERNEL_SA_NONE);
	assert_int_equal(reborn(&net, saved, saved_len), 0);
	saved = NULL;
	assert_int_equal(net.a.ike->n_orphans, 1);
	assert_int_equal(net.a.ike->kernel.ops->sa_state(net.a.ike->kernel.priv, A_ADDR, in),
			 KERNEL_SA_LIVES);
	net_pump(&net);
	assert_int_equal(net.b.ike->n_children, 0);
	state_end(net.a.ike);
	assert_int_equal(kernel_fake_sas(&net.a.ike->kernel), 0);
	net_free(&net);
}

/* Nothing in a damaged file is believed; a digest that is right proves little. */
static void damaged_state(void **state)
{
	struct net net;
	size_t len;
	char *text;

	net_make(&net, "cisco123", "", false);
	net_packet(&net.a);
	net_pump(&net);
	text = state_text(net.a.ike, &len);
	for (size_t i = 0; i < len; i += 7) {
		char *copy = malloc(len);

		memcpy(copy, text, len);
		copy[i] ^= 1;
		assert_int_equal(state_adopt(net.b.ike, copy, len), -EBADMSG);
		memcpy(copy, text, len);
		assert_int_equal(state_adopt(net.b.ike, copy, i), -EBADMSG);
		free(copy);
	}
	for (size_t i = 0; i < len - 69; i++) {
		static const char put[] = "0 9f\n-x";
		char *copy = malloc(len + 1), hex[65];
		struct blob all = { (uint8_t *)copy, len - 69 };
		uint8_t digest[HASH_MAX];
		struct ike *ike = ike_new(net.a.conf);

		memcpy(copy, text, len);
		copy[i] = put[i % (sizeof(put) - 1)];
		assert_int_equal(crypto_hash(IKE_SHA256, &all, 1, digest), 0);
		for (int j = 0; j < 32; j++)
			snprintf(hex + 2 * j, 3, "%02x", digest[j]);
		memcpy(copy + len - 65, hex, 64);
		assert_int_equal(kernel_fake_open(&ike->kernel), 0);
		ike->now = net.a.ike->now;
		state_adopt(ike, copy, len);
		ike->send = net_on_send;
		ike->send_arg = &net.a;
		ike_free(ike);
		free(copy);
	}
	free(text);
	net_free(&net);
}

int group_restart(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed), cmocka_unit_test(adopted_contact),
		cmocka_unit_test(killed_between), cmocka_unit_test(damaged_state),
	};

	return RUN_GROUP(tests);
}
