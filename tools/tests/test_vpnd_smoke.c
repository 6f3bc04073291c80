// SPDX-License-Identifier: GPL-2.0
/*
 * A short run of the fuzz target in each run of the unit tests, where no libFuzzer
 * is needed: seeds of every kind that it takes, mutated. Always the same ones, so
 * that what fails fails again; FUZZ_SEED= is another beginning.
 */
#include "state.h"
#include "test_vpnd_fuzz.h"
#include "test_vpnd_peer.h"

#define RUNS		12000
#define INPUT_MAX	1024

static uint64_t random_state;

/* xorshift64*: not random at all, and that is what is wanted. */
static uint32_t draw(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 32) % below;
}

static size_t command(uint8_t *p)
{
	static const char *const commands[] = {
		"show crypto isakmp sa", "show crypto isakmp policy", "show crypto session",
		"show ip local pool", "show crypto keys", "clear crypto isakmp 1",
		"debug crypto all", "undebug crypto isakmp", "reload /etc/passwd", "sh cry ?",
	};

	p[0] = 255;
	return 1 + snprintf((char *)p + 1, INPUT_MAX - 1, "%s",
			    commands[draw(VG_ARRAY_SIZE(commands))]);
}

/* Lines of a state file with somebody in it, made once. */
static size_t state_lines(uint8_t *p)
{
	static char text[INPUT_MAX];
	static size_t len;

	if (!len) {
		struct iv iv = { 0 };
		struct received r;
		struct world w;
		struct peer peer;
		char *all, *end;
		uint32_t addr;

		world_make(&w, deployment_conf);
		peer_init(&peer, &w, PEER_ADDR);
		assert_true(peer_connect(&peer));
		peer_cfg(&peer, CFG_REQUEST, 4, &iv);
		peer_set(&peer, &iv, &addr);
		peer_quick_1(&peer, 5, addr);
		assert_true(peer_quick_2(&peer, &r));
		peer_quick_3(&peer);
		all = state_text(w.ike, &len);
		end = strstr(all, "\nend ");
		len = end + 1 - strchr(all, '\n') - 1;
		assert_in_range(len, 100, INPUT_MAX - 1);
		memcpy(text, strchr(all, '\n') + 1, len);
		free(all);
		peer_free(&peer);
		world_free(&w);
	}
	p[0] = 254;
	memcpy(p + 1, text, len);
	return 1 + len;
}

/* Payloads that hold together, for a message of any kind or behind a right HASH. */
static size_t payloads(uint8_t *p)
{
	static const uint8_t types[] = {
		PLD_SA, PLD_KE, PLD_ID, PLD_ID, PLD_HASH, PLD_NONCE, PLD_NOTIFY, PLD_DELETE,
		PLD_VID, PLD_ATTR, PLD_NATD, PLD_NATOA, 0,
	};
	size_t len = 2;

	p[0] = draw(252);
	p[1] = types[draw(sizeof(types))];
	for (unsigned int n = draw(6) + 1; n; n--) {
		size_t body = draw(60);

		p[len++] = n > 1 ? types[draw(sizeof(types))] : 0;
		p[len++] = 0;
		p[len++] = 0;
		p[len++] = 4 + body;
		for (size_t i = 0; i < body; i++)
			p[len++] = draw(4) ? draw(5) : draw(256);
	}
	return len;
}

static size_t mutate(uint8_t *p, size_t len)
{
	for (unsigned int n = draw(6); n && len > 1; n--) {
		size_t at = 1 + draw(len - 1);

		switch (draw(5)) {
		case 0:
			p[at] ^= 1 << draw(8);
			break;
		case 1:
			p[at] = draw(256);
			break;
		case 2:
			len = at + 1;
			break;
		case 3:		/* something of itself once more */
			memmove(p + at, p + 1 + draw(len - 1), 1 + draw(len - at) / 4);
			break;
		default:
			if (len + 4 < INPUT_MAX) {
				memmove(p + at + 4, p + at, len - at);
				len += 4;
			}
		}
	}
	return len;
}

static void smoke(void **state)
{
	static size_t (*const seeds[])(uint8_t *p) = { command, state_lines, payloads, payloads };
	const char *seed = getenv("FUZZ_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) | 1 : 0x9e3779b97f4a7c15ULL;
	for (unsigned int i = 0; i < RUNS; i++) {
		uint8_t buf[2 * INPUT_MAX], *p;
		size_t len = mutate(buf, seeds[draw(VG_ARRAY_SIZE(seeds))](buf));

		/* of its own size, so that what reads beyond it is seen */
		p = malloc(len);
		memcpy(p, buf, len);
		LLVMFuzzerTestOneInput(p, len);
		free(p);
	}
	fuzz_end();
}

int group_smoke(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(smoke),
	};

	return RUN_GROUP(tests);
}
