// SPDX-License-Identifier: GPL-2.0
/*
 * For libFuzzer ("make fuzz-vpnd"). The first octet says where the rest goes:
 *  - below MSG_KINDS: to the reader of payloads as a message of that kind, and an
 *    SA payload further to the choice of a proposal;
 *  - 250 to 253: first messages of aggressive mode, its last one, answers to a login,
 *    all at a gateway with a group and a user; a configuration;
 *  - 254 and 255: a state file, a command on the control socket;
 *  - else: as a datagram to a gateway, or behind a right HASH, encrypted, into an
 *    authenticated SA, where quick mode, transactions and informational messages
 *    are read by a gateway that believes them.
 */
#include "proposal.h"
#include "ctl.h"
#include "state.h"
#include "test_vpnd_fuzz.h"
#include "test_vpnd_peer.h"

static struct world world;
static struct peer peer;
static bool ready;

static void begin(void)
{
	static uint32_t addr = PEER_ADDR;

	world_make(&world, deployment_conf);
	world.ike->log.topics = 0;
	peer_init(&peer, &world, addr++);
	peer_connect(&peer);
	world.n_wire = 0;
	ready = true;
}

static void end(void)
{
	peer_free(&peer);
	world_free(&world);
	ready = false;
}

static void read_message(enum msg_kind kind, const uint8_t *data, size_t size)
{
	const struct payload *p;
	const char *why = NULL;
	struct msg m;

	if (msg_payloads(&m, data, size, kind, &why))
		return;
	p = msg_find(&m, PLD_SA, 0);
	if (p) {
		struct ike_choice ike;
		struct esp_wish wish = { 0 };
		struct esp_choice esp;
		struct msg_sa sa;

		msg_read_sa(p, &sa);
		proposal_match_ike(&sa, world.conf, IKE_AUTH_PSK, &ike, &world.ike->log, 1);
		proposal_match_esp(&sa, world.conf, &wish, &esp, &world.ike->log, 1);
	}
	for (size_t i = 0; i < m.n; i++) {
		struct msg_id id;
		struct msg_notify n;
		struct msg_delete d;
		struct msg_cfg cfg;

		if (m.p[i].type == PLD_ID)
			msg_read_id(&m.p[i], &id);
		else if (m.p[i].type == PLD_NOTIFY)
			msg_read_notify(&m.p[i], &n);
		else if (m.p[i].type == PLD_DELETE)
			msg_read_delete(&m.p[i], &d);
		else if (m.p[i].type == PLD_ATTR)
			msg_read_cfg(&m.p[i], &cfg);
	}
}

/* A message of the peer's own: right HASH, right encryption, any content. */
static void send_sealed(uint8_t exch, const uint8_t *data, size_t size)
{
	static uint32_t msgid = 1;
	struct iv iv = { 0 };
	struct mbuf b;
	size_t at;

	if (!size || size > MSG_MAX - 256)
		return;
	peer_header(&peer, &b, exch, ++msgid);
	at = mbuf_begin_hash(&b, peer.keys.len);
	b.data[ISAKMP_HDR_LEN] = data[0];	/* what follows the HASH */
	mbuf_put(&b, data + 1, size - 1);
	peer_seal(&peer, &b, &iv, msgid, at);
	peer_put(&peer, &b);
}

/* A state file with the right digest. */
static void read_state(const uint8_t *data, size_t size)
{
	static const char head[] = "vpnd-state 2\n";
	size_t len = strlen(head) + size;
	char *text = malloc(len + 70), hex[65];
	struct blob all = { (uint8_t *)text, len };
	struct ike *ike = ike_new(world.conf);
	uint8_t digest[HASH_MAX];

	memcpy(text, head, strlen(head));
	memcpy(text + strlen(head), data, size);
	crypto_hash(IKE_SHA256, &all, 1, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	len += sprintf(text + len, "end %s\n", hex);
	kernel_fake_open(&ike->kernel);
	ike->now = world.ike->now;
	ike->send = world.ike->send;
	ike->send_arg = &world;
	state_adopt(ike, text, len);
	ike_free(ike);
	free(text);
}

static const char group_conf[] =
	"crypto isakmp policy 1\n hash md5\n authentication pre-share\n"
	"aaa new-model\n"
	"aaa authentication login u local\naaa authorization network g local\n"
	"username alice password 0 wonderland\n"
	"crypto isakmp client configuration group staff\n key group-key\n pool p\n"
	"crypto map m client configuration address respond\n"
	"crypto map m client authentication list u\n"
	"crypto map m isakmp authorization list g\n"
	"ip local pool p 10.2.1.1 10.2.1.9\n";

static void staff(struct world *w, struct peer *p)
{
	world_make(w, group_conf);
	w->ike->log.topics = 0;
	peer_init(p, w, PEER_ADDR);
	p->psk = "group-key";
	p->name = "staff";
	p->auth = IKE_AUTH_XAUTH_PSK;
}

/* Any payloads behind a header, as first and as last message of aggressive mode. */
static void aggressive(const uint8_t *data, size_t size, bool last)
{
	struct world w;
	struct peer p;
	struct mbuf b;

	staff(&w, &p);
	if (last) {
		peer_aggressive_1(&p);
		peer_aggressive_2(&p);
	}
	peer_header(&p, &b, EXCH_AGGRESSIVE, 0);
	b.data[16] = data[0];
	mbuf_put(&b, data + 1, size - 1);
	if (mbuf_finish(&b))
		peer_put(&p, &b);
	world_run(&w, 100);
	peer_free(&p);
	world_free(&w);
}

/* Any attributes as the answer to the gateway's question for name and password. */
static void login(const uint8_t *data, size_t size)
{
	struct iv iv = { 0 };
	struct received r;
	struct world w;
	struct peer p;
	struct mbuf b;
	size_t at, start;

	staff(&w, &p);
	peer_aggressive_1(&p);
	if (size < MSG_MAX / 2 && peer_aggressive_2(&p)) {
		peer_aggressive_3(&p, true);
		peer_take(&p, &r, MSG_TRANSACTION, &iv);
		peer_header(&p, &b, EXCH_TRANSACTION, r.m.hdr.msgid);
		at = mbuf_begin_hash(&b, p.keys.len);
		start = mbuf_begin(&b, PLD_ATTR);
		mbuf_u8(&b, data[0] & 7);
		mbuf_put(&b, "", 1);
		mbuf_u16(&b, 1);
		mbuf_put(&b, data + 1, size - 1);
		mbuf_end(&b, start);
		peer_seal(&p, &b, &iv, r.m.hdr.msgid, at);
		peer_put(&p, &b);
		world_run(&w, IKE_LOGIN_DELAY_MS);
	}
	peer_free(&p);
	world_free(&w);
}

static void configure(const uint8_t *data, size_t size)
{
	struct vpnd_conf *conf = conf_new();
	struct vg_diags diags = { 0 };

	conf_parse(conf, (const char *)data, size, &diags);
	vg_diags_free(&diags);
	conf_free(conf);
}

static void ask(const uint8_t *data, size_t size)
{
	struct ctl_request r = { .ike = world.ike };
	char *line = strndup((const char *)data, size), *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	ctl_answer(&r, line, f);
	fclose(f);
	free(text);
	free(line);
}

/* For who looks for leaks afterwards. */
void fuzz_end(void)
{
	if (ready)
		end();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return crypto_init();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t exchanges[] = { EXCH_QUICK, EXCH_TRANSACTION, EXCH_INFO };
	struct ike_sa *sa;
	struct mbuf b;

	if (!size || size > MSG_MAX - 256)
		return 0;
	if (!ready)
		begin();
	if (data[0] == 255) {
		ask(data + 1, size - 1);
	} else if (data[0] == 254) {
		read_state(data + 1, size - 1);
	} else if (data[0] == 253) {
		configure(data + 1, size - 1);
	} else if (data[0] >= 251 && size > 1) {
		aggressive(data + 1, size - 1, data[0] == 252);
	} else if (data[0] == 250 && size > 1) {
		login(data + 1, size - 1);
	} else if (data[0] < MSG_KINDS) {
		read_message(data[0], data + 1, size - 1);
	} else if (data[0] % 4 == 3) {
		memcpy(b.data, data + 1, size - 1);
		b.len = size - 1;
		peer_put(&peer, &b);
	} else {
		send_sealed(exchanges[data[0] % 4], data + 1, size - 1);
	}
	world.n_wire = 0;
	world_run(&world, data[0]);
	sa = peer_sa(&peer);
	if (!sa || sa->state != QM_IDLE || sa->n_seen > 2000)
		end();
	return 0;
}
