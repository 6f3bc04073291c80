// SPDX-License-Identifier: GPL-2.0
/* The initiator of test_vpnd_peer.h, and the world it lives in. */
#include "natt.h"
#include "test_vpnd_peer.h"

static const struct msg_id inside_net = {
	.type = ID_IPV4_SUBNET, .lo = 0x0a020200, .hi = 0xffffff00,
};

const char deployment_conf[] =
	"crypto isakmp policy 1\n hash md5\n authentication pre-share\n"
	"crypto isakmp key cisco123 address 0.0.0.0\n"
	"crypto isakmp client configuration address-pool local ourpool\n"
	"crypto ipsec transform-set trans1 esp-des esp-md5-hmac\n"
	"crypto dynamic-map dynmap 10\n set transform-set trans1\n"
	"crypto map intmap client configuration address initiate\n"
	"crypto map intmap client configuration address respond\n"
	"crypto map intmap 10 ipsec-isakmp dynamic dynmap\n"
	"interface Ethernet0\n ip address 201.70.32.101 255.255.255.0\n crypto map intmap\n"
	"ip local pool ourpool 10.2.1.1 10.2.1.254\n";

static int on_send(void *arg, const struct endpoint *local, const struct endpoint *peer,
		   const void *data, size_t len)
{
	struct world *w = arg;

	assert_int_equal(local->addr, GW_ADDR);
	w->bytes_out += len;
	if (w->n_wire == VG_ARRAY_SIZE(w->wire))
		return 0;
	w->wire[w->n_wire].to = *peer;
	memcpy(w->wire[w->n_wire].data, data, len);
	w->wire[w->n_wire++].len = len;
	return 0;
}

static void on_line(void *arg, enum log_topic topic, const char *line)
{
	struct world *w = arg;

	fprintf(w->log, "%s\n", line);
}

void world_make(struct world *w, const char *conf)
{
	struct vg_diags diags = { 0 };

	memset(w, 0, sizeof(*w));
	w->conf = conf_new();
	assert_int_equal(conf_parse(w->conf, conf, strlen(conf), &diags), 0);
	assert_int_equal(diags.errors, 0);
	vg_diags_free(&diags);
	w->log = open_memstream(&w->told, &w->told_size);
	w->ike = ike_new(w->conf);
	assert_non_null(w->ike);
	assert_int_equal(kernel_fake_open(&w->ike->kernel), 0);
	w->ike->log = (struct log){ on_line, w, ~0U };
	w->ike->send = on_send;
	w->ike->send_arg = w;
	w->ike->now = 1000000;
}

void world_free(struct world *w)
{
	ike_free(w->ike);
	conf_free(w->conf);
	fclose(w->log);
	free(w->told);
}

/* Let time pass, stopping at each timer. */
void world_run(struct world *w, uint64_t ms)
{
	uint64_t end = w->ike->now + ms;

	while (timers_next(&w->ike->timers) <= end) {
		w->ike->now = timers_next(&w->ike->timers);
		timers_run(&w->ike->timers, w->ike->now);
	}
	w->ike->now = end;
}

const char *world_told(struct world *w)
{
	fflush(w->log);
	return w->told;
}

void peer_init(struct peer *p, struct world *w, uint32_t addr)
{
	memset(p, 0, sizeof(*p));
	p->w = w;
	p->at = (struct endpoint){ addr, 500 };
	p->id_addr = addr;
	p->psk = "cisco123";
	p->group = 1;
	p->encr = IKE_DES;
	p->hash = IKE_MD5;
	p->auth = IKE_AUTH_PSK;
	p->msgid = 1000;
	crypto_random(p->cky_i, 8);
	crypto_random(p->ni, 20);
}

void peer_free(struct peer *p)
{
	crypto_dh_free(p->dh);
}

void peer_put(struct peer *p, const struct mbuf *b)
{
	struct endpoint gw = { GW_ADDR, p->gw_port ? p->gw_port : 500 };

	if (p->w->put) {
		p->w->put(p, b);
		return;
	}
	ike_input(p->w->ike, &gw, &p->at, b->data, b->len);
}

void peer_header(struct peer *p, struct mbuf *b, uint8_t exch, uint32_t msgid)
{
	struct msg_hdr h = { .exch = exch, .msgid = msgid };

	memcpy(h.cky_i, p->cky_i, 8);
	memcpy(h.cky_r, p->cky_r, 8);
	mbuf_start(b, &h);
}

/* Takes what the gateway sent first; false if it sent nothing. */
bool peer_take(struct peer *p, struct received *r, enum msg_kind kind, struct iv *iv)
{
	struct world *w = p->w;
	const char *why = NULL;
	size_t len, i;

	for (i = 0; i < w->n_wire; i++) {
		if (w->wire[i].to.addr == p->at.addr && w->wire[i].to.port == p->at.port)
			break;
	}
	if (i == w->n_wire)
		return false;
	len = w->wire[i].len;
	memcpy(r->data, w->wire[i].data, len);
	memmove(&w->wire[i], &w->wire[i + 1], (--w->n_wire - i) * sizeof(w->wire[0]));
	if (iv) {
		uint8_t *body = r->data + ISAKMP_HDR_LEN, last[BLOCK_MAX];
		struct msg_hdr h;

		assert_int_equal(msg_header(r->data, len, &h, &why), 0);
		assert_true(h.flags & ISAKMP_FLAG_ENC);
		if (!iv->block)
			iv_phase2(iv, p->hash, &p->iv, h.msgid);
		memcpy(last, r->data + len - iv->block, iv->block);
		assert_int_equal(crypto_cbc(p->encr, p->keys.enc, p->keys.enc_len, iv->cur, false,
					    body, body, len - ISAKMP_HDR_LEN), 0);
		memcpy(iv->cur, last, iv->block);
	}
	if (msg_payloads(&r->m, r->data, len, kind, &why))
		fail_msg("gateway's message: %s", why);
	return true;
}

void peer_encrypt(struct peer *p, struct mbuf *b, struct iv *iv)
{
	b->data[19] |= ISAKMP_FLAG_ENC | (p->commit ? ISAKMP_FLAG_COMMIT : 0);
	assert_true(mbuf_pad(b, iv->block));
	assert_true(mbuf_finish(b));
	assert_int_equal(crypto_cbc(p->encr, p->keys.enc, p->keys.enc_len, iv->cur, true,
				    b->data + ISAKMP_HDR_LEN, b->data + ISAKMP_HDR_LEN,
				    b->len - ISAKMP_HDR_LEN), 0);
	iv_sent(iv, b->data + ISAKMP_HDR_LEN, b->len - ISAKMP_HDR_LEN);
}

void peer_seal(struct peer *p, struct mbuf *b, struct iv *iv, uint32_t msgid, size_t at)
{
	struct blob rest = mbuf_behind(b, at, p->keys.len);
	uint8_t hash[HASH_MAX];

	if (!iv->block)
		iv_phase2(iv, p->hash, &p->iv, msgid);
	keymat_hash1(&p->keys, msgid, &rest, hash);
	mbuf_set_hash(b, at, hash, p->keys.len);
	peer_encrypt(p, b, iv);
}

/* The SA payload, and its body for the hashes. */
static void put_offer(struct peer *p, struct mbuf *b)
{
	uint8_t t[64] = { 0, 0, 0, 0, 1, KEY_IKE, 0, 0 };
	uint16_t attrs[] = {
		1, p->encr, 2, p->hash, 4, p->group, 3, p->auth, 14, p->key_bits,
	};
	struct blob none = { t, 0 }, transform;
	size_t len = 8;

	for (size_t i = 0; i < VG_ARRAY_SIZE(attrs) && attrs[i + 1]; i += 2) {
		t[len++] = 0x80;
		t[len++] = attrs[i];
		t[len++] = attrs[i + 1] >> 8;
		t[len++] = attrs[i + 1];
	}
	t[3] = len;
	transform = (struct blob){ t, len };
	mbuf_sa(b, 1, PROTO_ISAKMP, &none, &transform);
	p->sai_len = b->len - ISAKMP_HDR_LEN - 4;
	memcpy(p->sai, b->data + ISAKMP_HDR_LEN + 4, p->sai_len);
}

void peer_main_1(struct peer *p)
{
	struct mbuf b;

	peer_header(p, &b, EXCH_MAIN, 0);
	put_offer(p, &b);
	natt_put_vid(&b, p->natt);
	mbuf_finish(&b);
	peer_put(p, &b);
}

/* NAT-D payloads: the gateway's address is as it was sent to, the own one is not. */
static void put_natd(struct peer *p, struct mbuf *b)
{
	uint8_t place[6] = { GW_ADDR >> 24, GW_ADDR >> 16 & 255, GW_ADDR >> 8 & 255, GW_ADDR & 255,
			     500 >> 8, 500 & 255 };
	struct blob parts[] = { { p->cky_i, 8 }, { p->cky_r, 8 }, { place, sizeof(place) } };
	uint8_t type = p->natt == NATT_RFC ? PLD_NATD : PLD_NATD_DRAFT, hash[HASH_MAX];
	size_t len = crypto_hash_len(p->hash);

	if (!p->natt)
		return;
	assert_int_equal(crypto_hash(p->hash, parts, VG_ARRAY_SIZE(parts), hash), 0);
	mbuf_payload(b, type, hash, len);
	hash[0] ^= 1;
	mbuf_payload(b, type, hash, len);
}

bool peer_main_3(struct peer *p)
{
	struct received r;
	struct mbuf b;

	if (!peer_take(p, &r, MSG_MM2, NULL))
		return false;
	memcpy(p->cky_r, r.m.hdr.cky_r, 8);
	if (!p->dh)
		p->dh = crypto_dh_new(p->group);
	crypto_dh_public(p->dh, p->ke_i);
	peer_header(p, &b, EXCH_MAIN, 0);
	mbuf_payload(&b, PLD_KE, p->ke_i, crypto_dh_len(p->group));
	mbuf_payload(&b, PLD_NONCE, p->ni, sizeof(p->ni));
	mbuf_payload(&b, PLD_VID, "\xaf\xca\xd7\x13\x68\xa1\xf1\xc9\x6b\x86\x96\xfc\x77\x57\x01",
		     16);
	mbuf_payload(&b, PLD_VID, "another one", 11);
	put_natd(p, &b);
	mbuf_finish(&b);
	peer_put(p, &b);
	return true;
}

/* Keys, from what both sides have sent. */
static void derive(struct peer *p, const struct blob *nr)
{
	struct blob psk = { (const uint8_t *)p->psk, strlen(p->psk) };
	struct blob ni = { p->ni, sizeof(p->ni) }, gxy, i, r;
	size_t len = crypto_dh_len(p->group);
	uint8_t z[DH_MAX];

	assert_int_equal(crypto_dh_shared(p->dh, p->ke_r, len, z), 0);
	gxy = (struct blob){ z, crypto_dh_secret_len(p->group) };
	i = (struct blob){ p->ke_i, len };
	r = (struct blob){ p->ke_r, len };
	p->keys = (struct ike_keys){ .hash = p->hash, .encr = p->encr };
	keymat_skeyid_psk(&p->keys, &psk, &ni, nr);
	keymat_phase1(&p->keys, &gxy, p->cky_i, p->cky_r, crypto_key_len(p->encr, p->key_bits));
	iv_phase1(&p->iv, p->hash, p->encr, &i, &r);
}

/* HASH_I over an ID payload's body. */
static void hash_i(struct peer *p, const struct blob *id, uint8_t *hash)
{
	size_t len = crypto_dh_len(p->group);
	struct ike_half mine = { p->cky_i, { p->ke_i, len }, *id };
	struct ike_half other = { p->cky_r, { p->ke_r, len }, { NULL, 0 } };
	struct blob sai = { p->sai, p->sai_len };

	keymat_auth(&p->keys, &mine, &other, &sai, hash);
}

static bool is_hash_r(struct peer *p, const struct msg *m)
{
	size_t len = crypto_dh_len(p->group);
	struct ike_half mine = { p->cky_i, { p->ke_i, len }, { NULL, 0 } };
	struct ike_half other = { p->cky_r, { p->ke_r, len }, msg_find(m, PLD_ID, 0)->body };
	struct blob sai = { p->sai, p->sai_len };
	uint8_t hash[HASH_MAX];

	keymat_auth(&p->keys, &other, &mine, &sai, hash);
	return !memcmp(hash, msg_find(m, PLD_HASH, 0)->body.p, p->keys.len);
}

bool peer_main_5(struct peer *p)
{
	struct blob id, none = { p->ni, 0 };
	uint8_t hash[HASH_MAX];
	struct received r;
	struct mbuf b;

	if (!peer_take(p, &r, MSG_MM4, NULL))
		return false;
	memcpy(p->ke_r, msg_find(&r.m, PLD_KE, 0)->body.p, crypto_dh_len(p->group));
	derive(p, &msg_find(&r.m, PLD_NONCE, 0)->body);
	peer_header(p, &b, EXCH_MAIN, 0);
	mbuf_id(&b, &(struct msg_id){ .type = ID_IPV4_ADDR, .lo = p->id_addr });
	id = (struct blob){ b.data + ISAKMP_HDR_LEN + 4, 8 };
	hash_i(p, &id, hash);
	mbuf_payload(&b, PLD_HASH, hash, p->keys.len);
	if (p->initial_contact)
		mbuf_notify(&b, PROTO_ISAKMP, N_INITIAL_CONTACT, &none, &none);
	peer_encrypt(p, &b, &p->iv);
	if (p->natt) {		/* RFC 3947 4 */
		p->at.port = 1024;
		p->gw_port = NATT_PORT;
	}
	peer_put(p, &b);
	return true;
}

bool peer_main_6(struct peer *p)
{
	struct received r;

	if (!peer_take(p, &r, MSG_MM6, &p->iv))
		return false;
	assert_true(is_hash_r(p, &r.m));
	return true;
}

void peer_aggressive_1(struct peer *p)
{
	struct msg_id id = {
		.type = ID_KEY_ID, .proto = 17, .port = 500,
		.data = { (const uint8_t *)p->name, strlen(p->name) },
	};
	struct mbuf b;

	if (!p->dh)
		p->dh = crypto_dh_new(p->group);
	crypto_dh_public(p->dh, p->ke_i);
	peer_header(p, &b, EXCH_AGGRESSIVE, 0);
	put_offer(p, &b);
	mbuf_payload(&b, PLD_KE, p->ke_i, crypto_dh_len(p->group));
	mbuf_payload(&b, PLD_NONCE, p->ni, sizeof(p->ni));
	mbuf_id(&b, &id);
	mbuf_payload(&b, PLD_VID, "another one", 11);
	mbuf_finish(&b);
	peer_put(p, &b);
}

/* False without an answer; @p->hash_r says whether it proves that they have our key. */
bool peer_aggressive_2(struct peer *p)
{
	struct received r;

	if (!peer_take(p, &r, MSG_AM2, NULL))
		return false;
	memcpy(p->cky_r, r.m.hdr.cky_r, 8);
	memcpy(p->ke_r, msg_find(&r.m, PLD_KE, 0)->body.p, crypto_dh_len(p->group));
	derive(p, &msg_find(&r.m, PLD_NONCE, 0)->body);
	p->hash_r = is_hash_r(p, &r.m);
	return true;
}

void peer_aggressive_3(struct peer *p, bool encrypted)
{
	uint8_t body[4 + 64] = { ID_KEY_ID, 17, 500 >> 8, 500 & 255 }, hash[HASH_MAX];
	struct blob id = { body, 4 + strlen(p->name) }, none = { p->ni, 0 };
	struct mbuf b;

	memcpy(body + 4, p->name, strlen(p->name));
	hash_i(p, &id, hash);
	peer_header(p, &b, EXCH_AGGRESSIVE, 0);
	mbuf_payload(&b, PLD_HASH, hash, p->keys.len);
	if (p->initial_contact)
		mbuf_notify(&b, PROTO_ISAKMP, N_INITIAL_CONTACT, &none, &none);
	if (encrypted)
		peer_encrypt(p, &b, &p->iv);
	else
		mbuf_finish(&b);
	peer_put(p, &b);
}

bool peer_connect(struct peer *p)
{
	peer_main_1(p);
	return peer_main_3(p) && peer_main_5(p) && peer_main_6(p);
}

struct ike_sa *peer_sa(struct peer *p)
{
	return ike_sa_find(p->w->ike, p->cky_i, p->cky_r);
}

void peer_quick_1(struct peer *p, uint32_t msgid, uint32_t client)
{
	uint16_t encaps = !p->gw_port ? ENCAPS_TUNNEL : p->natt == NATT_RFC ? ENCAPS_UDP_TUNNEL :
		ENCAPS_UDP_TUNNEL_DRAFT;
	uint8_t t[] = { 0, 0, 0, 16, 1, ESP_DES, 0, 0, 0x80, 5, 0, 1, 0x80, 4, encaps >> 8,
			encaps };
	struct blob transform = { t, sizeof(t) };
	uint8_t spi[4];
	struct mbuf b;
	size_t at;

	crypto_random(spi, 4);
	spi[0] |= 1;
	p->in_spi = msg_u32(&(struct blob){ spi, 4 });
	crypto_random(p->qni, sizeof(p->qni));
	p->msgid = msgid;
	p->qiv = (struct iv){ 0 };
	peer_header(p, &b, EXCH_QUICK, msgid);
	at = mbuf_begin_hash(&b, p->keys.len);
	mbuf_sa(&b, 1, PROTO_ESP, &(struct blob){ spi, 4 }, &transform);
	mbuf_payload(&b, PLD_NONCE, p->qni, sizeof(p->qni));
	mbuf_id(&b, &(struct msg_id){ .type = ID_IPV4_ADDR, .lo = client });
	mbuf_id(&b, &inside_net);
	peer_seal(p, &b, &p->qiv, msgid, at);
	peer_put(p, &b);
}

bool peer_quick_2(struct peer *p, struct received *r)
{
	struct blob ni = { p->qni, sizeof(p->qni) }, rest, spi;
	const struct payload *nr;
	uint8_t hash[HASH_MAX];
	struct msg_sa sa;

	if (!peer_take(p, r, MSG_QM2, &p->qiv))
		return false;
	rest = msg_behind(&r->m, &r->m.p[0]);
	keymat_hash2(&p->keys, p->msgid, &ni, &rest, hash);
	assert_memory_equal(hash, r->m.p[0].body.p, p->keys.len);
	nr = msg_find(&r->m, PLD_NONCE, 0);
	p->qnr_len = nr->body.len;
	memcpy(p->qnr, nr->body.p, nr->body.len);
	msg_read_sa(msg_find(&r->m, PLD_SA, 0), &sa);
	spi = sa.proposal[0].spi;
	p->out_spi = msg_u32(&spi);
	return true;
}

void peer_quick_3(struct peer *p)
{
	struct blob ni = { p->qni, sizeof(p->qni) }, nr = { p->qnr, p->qnr_len };
	uint8_t hash[HASH_MAX];
	struct mbuf b;

	peer_header(p, &b, EXCH_QUICK, p->msgid);
	keymat_hash3(&p->keys, p->msgid, &ni, &nr, hash);
	mbuf_payload(&b, PLD_HASH, hash, p->keys.len);
	peer_encrypt(p, &b, &p->qiv);
	peer_put(p, &b);
}

/* A transaction with attributes: pairs of type and text, up to type 0. */
void peer_attrs(struct peer *p, uint8_t type, uint32_t msgid, struct iv *iv,
		const struct peer_attr *attrs)
{
	struct mbuf b;
	size_t at, start;

	peer_header(p, &b, EXCH_TRANSACTION, msgid);
	at = mbuf_begin_hash(&b, p->keys.len);
	start = mbuf_begin(&b, PLD_ATTR);
	mbuf_u8(&b, type);
	mbuf_u8(&b, 0);
	mbuf_u16(&b, 77);
	for (; attrs->type; attrs++) {
		if (attrs->text)
			mbuf_attr_long(&b, attrs->type, attrs->text, strlen(attrs->text));
		else
			mbuf_attr(&b, attrs->type, attrs->value);
	}
	mbuf_end(&b, start);
	peer_seal(p, &b, iv, msgid, at);
	peer_put(p, &b);
}

void peer_cfg(struct peer *p, uint8_t type, uint32_t msgid, struct iv *iv)
{
	static const struct peer_attr address[] = { { CFG_IP4_ADDRESS, "", 0 }, { 0 } };

	peer_attrs(p, type, msgid, iv, address);
}

/* Takes a SET or a REPLY; its message ID, or 0. */
uint32_t peer_set(struct peer *p, struct iv *iv, uint32_t *addr)
{
	struct received r;
	struct msg_cfg cfg;

	*addr = 0;
	if (!peer_take(p, &r, MSG_TRANSACTION, iv))
		return 0;
	msg_read_cfg(msg_find(&r.m, PLD_ATTR, 0), &cfg);
	for (uint8_t i = 0; i < cfg.n; i++) {
		if (cfg.attr[i].type == CFG_IP4_ADDRESS)
			*addr = cfg.attr[i].value;
	}
	return r.m.hdr.msgid;
}

void peer_notify(struct peer *p, uint16_t type, uint32_t seq, uint32_t msgid)
{
	uint8_t spi[16], data[4] = { seq >> 24, seq >> 16, seq >> 8, seq };
	struct iv iv = { 0 };
	struct mbuf b;
	size_t at;

	memcpy(spi, p->cky_i, 8);
	memcpy(spi + 8, p->cky_r, 8);
	peer_header(p, &b, EXCH_INFO, msgid);
	at = mbuf_begin_hash(&b, p->keys.len);
	mbuf_notify(&b, PROTO_ISAKMP, type, &(struct blob){ spi, 16 }, &(struct blob){ data, 4 });
	peer_seal(p, &b, &iv, msgid, at);
	peer_put(p, &b);
}

static void put_delete(struct mbuf *b, uint8_t protocol, const uint8_t *spi, uint8_t len)
{
	size_t start = mbuf_begin(b, PLD_DELETE);

	mbuf_u32(b, IPSEC_DOI);
	mbuf_u8(b, protocol);
	mbuf_u8(b, len);
	mbuf_u16(b, 1);
	mbuf_put(b, spi, len);
	mbuf_end(b, start);
}

void peer_delete(struct peer *p, uint32_t spi, bool ike_first, uint32_t msgid)
{
	uint8_t o[4] = { spi >> 24, spi >> 16, spi >> 8, spi }, cky[16];
	struct iv iv = { 0 };
	struct mbuf b;
	size_t at;

	memcpy(cky, p->cky_i, 8);
	memcpy(cky + 8, p->cky_r, 8);
	peer_header(p, &b, EXCH_INFO, msgid);
	at = mbuf_begin_hash(&b, p->keys.len);
	if (ike_first)
		put_delete(&b, PROTO_ISAKMP, cky, 16);
	put_delete(&b, PROTO_ESP, o, 4);
	peer_seal(p, &b, &iv, msgid, at);
	peer_put(p, &b);
}
