// SPDX-License-Identifier: GPL-2.0
/* Whole negotiations against the initiator of test_vpnd_peer.h. */
#include "ctl.h"
#include "test_vpnd_peer.h"

/* Each line has to follow the one before it. */
static void assert_in_order(const char *told, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(told, lines[i]);

		if (!at)
			fail_msg("line %zu, '%s', is not in the rest:\n%s", i, lines[i], told);
		told = at + strlen(lines[i]);
	}
}

static void main_mode(void **state)
{
	static const struct {
		unsigned int group;
		enum ike_encr encr;
		uint16_t bits;
		enum ike_hash hash;
		const char *policy;
	} v[] = {
		{ 1, IKE_DES, 0, IKE_MD5, " hash md5\n" },
		{ 2, IKE_3DES, 0, IKE_SHA1, " encr 3des\n group 2\n" },
		{ 14, IKE_AES, 128, IKE_SHA256, " encr aes\n hash sha256\n group 14\n" },
		{ 19, IKE_AES, 256, IKE_MD5, " encr aes 256\n hash md5\n group 19\n" },
		{ 21, IKE_AES, 192, IKE_SHA512, " encr aes 192\n hash sha512\n group 21\n" },
	};

	for (size_t i = 0; i < VG_ARRAY_SIZE(v); i++) {
		char conf[256];
		struct world w;
		struct peer p;

		snprintf(conf, sizeof(conf), "crypto isakmp policy 1\n%s"
			 " authentication pre-share\n"
			 "crypto isakmp key cisco123 address 0.0.0.0\n", v[i].policy);
		world_make(&w, conf);
		peer_init(&p, &w, PEER_ADDR);
		p.group = v[i].group;
		p.encr = v[i].encr;
		p.key_bits = v[i].bits;
		p.hash = v[i].hash;
		assert_true(peer_connect(&p));
		assert_int_equal(peer_sa(&p)->state, QM_IDLE);
		assert_int_equal(w.n_wire, 0);
		peer_free(&p);
		world_free(&w);
	}
}

/* The deployment's own client, and what the gateway says, in its order. */
static void deployment(void **state)
{
	static const char *const lines[] = {
		"received packet from 201.70.32.82 (N) NEW SA",
		"processing SA payload. message ID = 0",
		"Checking ISAKMP transform 1 against priority 1 policy",
		"encryption DES-CBC", "hash MD5", "default group 1", "auth pre-share",
		"atts are acceptable. Next payload is 0",
		"CryptoEngine0: generate alg parameter", "CRYPTO_ENGINE: Dh phase 1 status: 0",
		"SA is doing pre-shared key authentication using id type ID_IPV4_ADDR",
		"sending packet to 201.70.32.82 (R) MM_SA_SETUP",
		"received packet from 201.70.32.82 (R) MM_SA_SETUP",
		"processing KE payload. message ID = 0",
		"processing NONCE payload. message ID = 0",
		"create ISAKMP SKEYID for conn id 1", "SKEYID state generated",
		"processing vendor id payload", "processing vendor id payload",
		"sending packet to 201.70.32.82 (R) MM_KEY_EXCH",
		"received packet from 201.70.32.82 (R) MM_KEY_EXCH",
		"processing ID payload. message ID = 0", "processing HASH payload. message ID = 0",
		"processing NOTIFY payload 24578 protocol 1 spi 0",
		"SA has been authenticated with 201.70.32.82",
		"next-payload : 8", "type         : 1", "protocol     : 17", "port         : 500",
		"length       : 8", "Total payload length: 12",
		"clear dh number for conn id 1",
		"sending packet to 201.70.32.82 (R) QM_IDLE",
		"received packet from 201.70.32.82 (R) QM_IDLE",
		"Locking struct A020101 on allocation", "allocating address 10.2.1.1",
		"initiating peer config to 201.70.32.82. message ID = ",
		"sending packet to 201.70.32.82 (R) QM_IDLE",
		"received packet from 201.70.32.82 (R) QM_IDLE",
		"processing transaction payload from 201.70.32.82. message ID = ",
		"recieved config from 201.70.32.82 .", "Config payload type: 4",
		"peer accepted the address!", "adding static route for 10.2.1.1",
		"deleting node",
		"processing SA payload. message ID = -617682048",
		"Checking IPSec proposal 1", "transform 1, ESP_DES", "attributes in transform:",
		"authenticator is HMAC-MD5", "encaps is 1", "validate proposal 0",
		"atts are acceptable.",
		"IPSEC(validate_proposal_request): proposal part #1,",
		"dest= 201.70.32.101, src= 201.70.32.82,",
		"dest_proxy= 10.2.2.0/255.255.255.0/0/0 (type=4)",
		"src_proxy= 10.2.1.1/255.255.255.255/0/0 (type=1)",
		"protocol= ESP, transform= esp-des esp-md5-hmac ,", "lifedur= 0s and 0kb",
		"spi= 0x0(0), conn_id= 0, keysize= 0, flags= 0x4",
		"IPSEC(spi_response): getting spi ",
		"sending packet to 201.70.32.82 (R) QM_IDLE",
		"received packet from 201.70.32.82 (R) QM_IDLE",
		"processing SA payload. message ID = -1078114754",
		"IPSEC(spi_response): getting spi ",
		"Creating IPSec SAs",
		"inbound SA from 201.70.32.82 to 201.70.32.101 (proxy 10.2.1.1 to 10.2.2.0)",
		"has spi ", " and conn_id 2000 and flags 4",
		"outbound SA from 201.70.32.101 to 201.70.32.82 (proxy 10.2.2.0 to 10.2.1.1)",
		"and conn_id 2001 and flags 4",
		"IPSEC(initialize_sas)", "conn_id= 2000", "IPSEC(initialize_sas)",
		"conn_id= 2001", "IPSEC(create_sa): sa created, (sa) sa_dest= 201.70.32.101, "
		"sa_prot= 50, sa_spi= 0x", "sa_trans= esp-des esp-md5-hmac , sa_conn_id= 2000",
		"sa_conn_id= 2001", "Locking struct A020101 for IPSEC",
		"retransmitting phase 2 -617682048 ...", "retransmitting phase 2 -617682048 ...",
	};
	struct msg_notify n;
	struct received r;
	struct iv set = { 0 };
	struct world w;
	struct peer p;
	uint32_t addr, msgid;
	const struct payload *life;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	p.initial_contact = true;
	assert_true(peer_connect(&p));
	peer_quick_1(&p, 0xdb2eeb80, PEER_ADDR);
	msgid = peer_set(&p, &set, &addr);
	assert_int_not_equal(msgid, 0);
	assert_int_equal(addr, LEASE_ADDR);
	assert_int_equal(w.n_wire, 0);
	peer_cfg(&p, CFG_ACK, msgid, &set);
	assert_true(peer_take(&p, &r, MSG_QM2, &p.qiv));	/* of the held one: ignored */
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 1);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 1);

	peer_quick_1(&p, 0xbfbd463e, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	life = msg_find(&r.m, PLD_NOTIFY, 0);
	assert_non_null(life);
	msg_read_notify(life, &n);
	assert_int_equal(n.type, N_RESPONDER_LIFETIME);
	assert_int_equal(msg_u32(&n.spi), p.out_spi);
	assert_memory_equal(n.data.p, "\x80\x01\x00\x01\x00\x02\x00\x04\x00\x00\x0e\x10", 12);
	peer_quick_3(&p);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->in_spi, p.out_spi);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->out_spi, p.in_spi);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->sel.remote, LEASE_ADDR);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->sel.local_mask, 0xffffff00);

	/* the one that the client dropped: sent again, then its SPI is freed */
	world_run(&w, (IKE_QM_RETRIES + 1) * IKE_QM_RETRY_MS - 1000);
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 1);
	world_run(&w, 2000);
	assert_int_equal(kernel_fake_halves(&w.ike->kernel), 0);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_in_order(world_told(&w), lines, VG_ARRAY_SIZE(lines));
	peer_free(&p);
	world_free(&w);
}

/* Both ends derive the same keys, in the right directions. */
static void same_keys(void **state)
{
	const struct kernel_pair *pair;
	struct blob ni, nr, none = { NULL, 0 };
	struct iv req = { 0 };
	uint8_t mat[24];
	struct received r;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	peer_cfg(&p, CFG_REQUEST, 5, &req);
	assert_true(peer_take(&p, &r, MSG_TRANSACTION, &req));
	peer_quick_1(&p, 6, LEASE_ADDR);
	assert_true(peer_quick_2(&p, &r));
	peer_quick_3(&p);
	pair = kernel_fake_last(&w.ike->kernel);
	ni = (struct blob){ p.qni, sizeof(p.qni) };
	nr = (struct blob){ p.qnr, p.qnr_len };
	none.p = mat;
	keymat_ipsec(&p.keys, &none, PROTO_ESP, p.out_spi, &ni, &nr, mat, 24);
	assert_memory_equal(pair->in.enc, mat, 8);
	assert_memory_equal(pair->in.auth, mat + 8, 16);
	keymat_ipsec(&p.keys, &none, PROTO_ESP, p.in_spi, &ni, &nr, mat, 24);
	assert_memory_equal(pair->out.enc, mat, 8);
	assert_memory_equal(pair->out.auth, mat + 8, 16);
	assert_int_equal(pair->life, 3600);
	peer_free(&p);
	world_free(&w);
}

static void config_modes(void **state)
{
	struct iv set = { 0 }, req = { 0 };
	struct world w;
	struct peer p;
	uint32_t addr, msgid;

	/* nothing comes: SET after a second, again until it is answered */
	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	world_run(&w, 900);
	assert_int_equal(w.n_wire, 0);
	world_run(&w, 200);
	assert_int_equal(w.n_wire, 1);
	world_run(&w, 2000);
	assert_int_equal(w.n_wire, 2);
	assert_int_equal(w.wire[0].len, w.wire[1].len);
	assert_memory_equal(w.wire[0].data, w.wire[1].data, w.wire[0].len);
	w.n_wire = 1;
	msgid = peer_set(&p, &set, &addr);
	/* crossing: the same address in the answer to a request */
	peer_cfg(&p, CFG_REQUEST, 99, &req);
	assert_int_equal(peer_set(&p, &req, &addr), 99);
	assert_int_equal(addr, LEASE_ADDR);
	peer_cfg(&p, CFG_ACK, msgid, &set);
	assert_int_equal(peer_sa(&p)->cfg, CFG_DONE);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 1);
	world_run(&w, 100000);
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);

	/* a request first: a reply, and no SET */
	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	req = (struct iv){ 0 };
	peer_cfg(&p, CFG_REQUEST, 99, &req);
	assert_int_equal(peer_set(&p, &req, &addr), 99);
	world_run(&w, 5000);
	assert_int_equal(w.n_wire, 0);
	peer_free(&p);
	world_free(&w);

	/* a SET that is never answered: the lease comes back */
	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_true(peer_connect(&p));
	world_run(&w, 400000);
	assert_int_equal(peer_sa(&p)->cfg, CFG_FAILED);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	peer_free(&p);
	world_free(&w);
}

/* Connects and gets an address by request; the address, 0 if refused. */
static uint32_t join(struct peer *p)
{
	struct iv req = { 0 };
	uint32_t addr;

	assert_true(peer_connect(p));
	peer_cfg(p, CFG_REQUEST, 4711, &req);
	return peer_sa(p)->state == QM_IDLE && peer_set(p, &req, &addr) ? addr : 0;
}

static bool quick(struct peer *p, uint32_t msgid, uint32_t client)
{
	struct received r;

	peer_quick_1(p, msgid, client);
	if (!peer_quick_2(p, &r))
		return false;
	peer_quick_3(p);
	return true;
}

static void leases(void **state)
{
	static const char two[] =
		"crypto isakmp policy 1\n hash md5\n authentication pre-share\n"
		"crypto isakmp key cisco123 address 0.0.0.0\n"
		"crypto isakmp client configuration address-pool local p\n"
		"crypto map m client configuration address respond\n"
		"ip local pool p 10.2.1.1 10.2.1.3\n";
	struct peer a, b, c, d, again;
	struct received r;
	struct world w;

	world_make(&w, two);
	peer_init(&a, &w, 0x0a000001);
	peer_init(&b, &w, 0x0a000002);
	peer_init(&c, &w, 0x0a000003);
	peer_init(&d, &w, 0x0a000004);
	peer_init(&again, &w, 0x0a000001);
	assert_int_equal(join(&a), 0x0a020101);
	assert_int_equal(join(&b), 0x0a020102);
	/* the one that left comes back to its address, though another is free longer */
	peer_delete(&a, 1, true, 9);
	assert_int_equal(w.ike->pool[0].n_free, 2);
	assert_int_equal(join(&again), 0x0a020101);
	assert_int_equal(join(&c), 0x0a020103);
	/* exhausted: refused and told so, nobody loses anything */
	assert_int_equal(join(&d), 0);
	assert_true(peer_take(&d, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_true(peer_take(&d, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_non_null(msg_find(&r.m, PLD_DELETE, 0));
	assert_int_equal(peer_sa(&d)->state, MM_DEAD);
	assert_int_equal(peer_sa(&c)->state, QM_IDLE);
	peer_free(&a);
	peer_free(&b);
	peer_free(&c);
	peer_free(&d);
	peer_free(&again);
	world_free(&w);
}

static void wrong_proxies(void **state)
{
	static const uint32_t wrong[] = { 0x0a020102, 0x0a020202, 0, 0xffffffff, GW_ADDR };
	struct received r;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_int_equal(join(&p), LEASE_ADDR);
	for (size_t i = 0; i < VG_ARRAY_SIZE(wrong); i++) {
		struct msg_notify n;

		peer_quick_1(&p, 500 + i, wrong[i]);
		assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
		msg_read_notify(msg_find(&r.m, PLD_NOTIFY, 0), &n);
		assert_int_equal(n.type, N_INVALID_ID);
		assert_int_equal(w.n_wire, 0);
	}
	assert_int_equal(kernel_fake_sas(&w.ike->kernel) + kernel_fake_halves(&w.ike->kernel), 0);
	assert_true(quick(&p, 600, LEASE_ADDR));
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	peer_free(&p);
	world_free(&w);
}

/* A client that skips mode configuration may have its old address, nobody else's. */
static void resumed_lease(void **state)
{
	struct world w;
	struct peer a, b, c;

	world_make(&w, deployment_conf);
	peer_init(&a, &w, PEER_ADDR);
	peer_init(&b, &w, PEER_ADDR);
	peer_init(&c, &w, 0x0a000009);
	assert_int_equal(join(&a), LEASE_ADDR);
	peer_delete(&a, 1, true, 3);
	assert_true(peer_connect(&c));
	peer_quick_1(&c, 8, LEASE_ADDR);	/* not its own: it is sent another */
	assert_int_equal(peer_sa(&c)->cfg, CFG_PUSHED);
	assert_int_not_equal(peer_sa(&c)->lease->addr, LEASE_ADDR);
	w.n_wire = 0;
	assert_true(peer_connect(&b));
	assert_true(quick(&b, 8, LEASE_ADDR));
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 1);
	peer_free(&a);
	peer_free(&b);
	peer_free(&c);
	world_free(&w);
}

static void initial_contact(void **state)
{
	struct world w;
	struct peer a, b, other;

	world_make(&w, deployment_conf);
	peer_init(&a, &w, PEER_ADDR);
	peer_init(&b, &w, PEER_ADDR);
	peer_init(&other, &w, 0x0a000009);
	assert_int_equal(join(&a), LEASE_ADDR);
	assert_true(quick(&a, 7, LEASE_ADDR));
	assert_int_equal(join(&other), LEASE_ADDR + 1);
	assert_true(quick(&other, 7, LEASE_ADDR + 1));
	b.initial_contact = true;
	assert_int_equal(join(&b), LEASE_ADDR);
	assert_int_equal(peer_sa(&a)->state, MM_DEAD);
	assert_int_equal(peer_sa(&other)->state, QM_IDLE);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_true(quick(&b, 7, LEASE_ADDR));
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);
	peer_free(&a);
	peer_free(&b);
	peer_free(&other);
	world_free(&w);
}

static void rekey_and_delete(void **state)
{
	uint32_t first;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_int_equal(join(&p), LEASE_ADDR);
	assert_true(quick(&p, 7, LEASE_ADDR));
	first = p.in_spi;
	assert_true(quick(&p, 8, LEASE_ADDR));
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 4);	/* make before break */
	peer_delete(&p, first, false, 9);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(kernel_fake_last(&w.ike->kernel)->out_spi, p.in_spi);
	/* IPsec SAs outlive the ISAKMP SA; the lease outlives both */
	peer_delete(&p, 1, true, 10);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	assert_int_equal(w.ike->pool[0].n_free, 253);
	world_run(&w, 3599000);
	assert_null(peer_sa(&p));
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 2);
	world_run(&w, 2000);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 0);
	assert_int_equal(kernel_fake_routes(&w.ike->kernel), 0);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	peer_free(&p);
	world_free(&w);
}

static void dead_peers(void **state)
{
	struct msg_notify n;
	struct received r;
	struct world w;
	struct peer p;
	char conf[1024];

	snprintf(conf, sizeof(conf), "%scrypto isakmp keepalive 10 2\n", deployment_conf);
	world_make(&w, conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_int_equal(join(&p), LEASE_ADDR);
	assert_true(quick(&p, 7, LEASE_ADDR));
	peer_notify(&p, N_R_U_THERE, 12345, 50);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	msg_read_notify(msg_find(&r.m, PLD_NOTIFY, 0), &n);
	assert_int_equal(n.type, N_R_U_THERE_ACK);
	assert_int_equal(msg_u32(&n.data), 12345);
	/* ours, answered: lives on */
	world_run(&w, 10000);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	msg_read_notify(msg_find(&r.m, PLD_NOTIFY, 0), &n);
	assert_int_equal(n.type, N_R_U_THERE);
	peer_notify(&p, N_R_U_THERE_ACK, msg_u32(&n.data), 51);
	world_run(&w, 9000);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_int_equal(w.n_wire, 0);
	/* never answered: everything goes */
	world_run(&w, 25000);
	assert_int_equal(w.n_wire, IKE_DPD_RETRIES);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_int_equal(kernel_fake_sas(&w.ike->kernel), 0);
	assert_int_equal(w.ike->pool[0].n_free, 254);
	peer_free(&p);
	world_free(&w);
}

static void lifetimes(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	peer_main_1(&p);
	world_run(&w, IKE_HALF_OPEN_MS + 1);
	assert_int_equal(w.ike->n_sas, 0);
	assert_int_equal(w.ike->n_half, 0);
	w.n_wire = 0;
	assert_int_equal(join(&p), LEASE_ADDR);
	world_run(&w, 86399000);
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	world_run(&w, 2000);
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_non_null(msg_find(&r.m, PLD_DELETE, 0));
	world_run(&w, IKE_PURGE_MS);
	assert_int_equal(w.ike->n_sas, 0);
	assert_int_equal(w.ike->timers.n, 0);
	peer_free(&p);
	world_free(&w);
}

/* One command; the answer, to be freed. */
static char *ask(struct world *w, const char *command)
{
	char line[CTL_LINE_MAX], *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	snprintf(line, sizeof(line), "%s", command);
	ctl_answer(&(struct ctl_request){ .ike = w->ike }, line, f);
	fclose(f);
	return text;
}

static void assert_answer(struct world *w, const char *command, const char *part)
{
	char *text = ask(w, command);

	if (!strstr(text, part))
		fail_msg("'%s' answers '%s'", command, text);
	assert_null(strstr(text, "cisco123"));
	free(text);
}

static void control(void **state)
{
	struct received r;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_answer(&w, "show crypto session", "");
	assert_int_equal(join(&p), LEASE_ADDR);
	assert_true(quick(&p, 7, LEASE_ADDR));
	assert_answer(&w, "sh cry isa sa", "201.70.32.101   201.70.32.82    QM_IDLE              "
		      "1      0\n");
	assert_answer(&w, "show crypto isakmp policy", "Protection suite of priority 1\n"
		      "        encryption algorithm:   DES - Data Encryption Standard (56 bit keys).\n"
		      "        hash algorithm:         Message Digest 5\n"
		      "        authentication method:  Pre-Shared Key\n"
		      "        Diffie-Hellman group:   #1 (768 bit)\n"
		      "        lifetime:               86400 seconds, no volume limit\n");
	assert_answer(&w, "show crypto session", "Assigned address: 10.2.1.1");
	assert_answer(&w, "show crypto session", "esp-des esp-md5-hmac");
	assert_answer(&w, "show ip local pool", "10.2.1.254        253       1\n");
	assert_answer(&w, "", "% no such command");
	assert_answer(&w, "show crypto", "% no such command");
	assert_answer(&w, "debug crypto isakmp", "Crypto ISAKMP debugging is on\n");
	assert_answer(&w, "undebug crypto all", "Crypto ISAKMP debugging is off\n"
		      "Crypto IPSEC debugging is off\nCrypto Engine debugging is off\n");
	assert_answer(&w, "clear crypto isakmp 9", "% no such connection");
	assert_int_equal(peer_sa(&p)->state, QM_IDLE);
	assert_answer(&w, "clear crypto isakmp 1", "");
	assert_int_equal(peer_sa(&p)->state, MM_DEAD);
	assert_true(peer_take(&p, &r, MSG_INFO, &(struct iv){ 0 }));
	assert_non_null(msg_find(&r.m, PLD_DELETE, 0));
	assert_answer(&w, "clear crypto isakmp", "");
	peer_free(&p);
	world_free(&w);
}

/* Keys are kept and shown where the configuration says so, and nowhere else. */
static void shown_keys(void **state)
{
	struct vpnd_conf *off = conf_new();
	struct vg_diags diags = { 0 };
	char conf[1500], hex[33], *text;
	const struct kernel_pair *pair;
	struct world w;
	struct peer p;

	world_make(&w, deployment_conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_int_equal(join(&p), LEASE_ADDR);
	assert_true(quick(&p, 7, LEASE_ADDR));
	assert_null(LIST_FIRST(&w.ike->children)->secret);
	assert_answer(&w, "show crypto keys", "% keys are handed out only with");
	peer_free(&p);
	world_free(&w);

	snprintf(conf, sizeof(conf), "%scrypto isakmp wireshark\n", deployment_conf);
	world_make(&w, conf);
	peer_init(&p, &w, PEER_ADDR);
	assert_int_equal(join(&p), LEASE_ADDR);
	assert_true(quick(&p, 7, LEASE_ADDR));
	text = ask(&w, "show crypto keys");
	assert_non_null(strstr(text, "ike "));
	for (int i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", p.keys.enc[i]);
	assert_non_null(strstr(text, hex));
	pair = kernel_fake_last(&w.ike->kernel);
	for (int i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", pair->in.auth[i]);
	assert_non_null(strstr(text, hex));
	assert_non_null(strstr(text, " esp-des esp-md5-hmac "));
	assert_non_null(strstr(text, "missing 0\n"));
	free(text);
	assert_non_null(strstr(world_told(&w), "were handed to process"));
	assert_null(strstr(world_told(&w), hex));
	/* no longer configured */
	assert_int_equal(conf_parse(off, deployment_conf, strlen(deployment_conf), &diags), 0);
	assert_int_equal(ike_reload(w.ike, off), 0);
	assert_null(LIST_FIRST(&w.ike->children)->secret);
	assert_answer(&w, "show crypto keys", "% keys are handed out only with");
	peer_free(&p);
	world_free(&w);
	vg_diags_free(&diags);
	conf_free(off);
}

int group_ike(size_t *total)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(main_mode), cmocka_unit_test(deployment),
		cmocka_unit_test(same_keys), cmocka_unit_test(config_modes),
		cmocka_unit_test(leases), cmocka_unit_test(wrong_proxies),
		cmocka_unit_test(resumed_lease), cmocka_unit_test(initial_contact),
		cmocka_unit_test(rekey_and_delete), cmocka_unit_test(dead_peers),
		cmocka_unit_test(lifetimes), cmocka_unit_test(control),
		cmocka_unit_test(shown_keys),
	};

	return RUN_GROUP(tests);
}
