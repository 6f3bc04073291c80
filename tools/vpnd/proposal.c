// SPDX-License-Identifier: GPL-2.0
/*
 * Offers against policies. The tables of names are also the list of what can be
 * negotiated at all. Each comparison tells its result in the words of IOS, and
 * then what was offered and what the policy wants.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "proposal.h"

struct name {
	uint32_t value;
	const char *name;
};

static const struct name encr_names[] = {
	{ IKE_DES, "DES-CBC" }, { IKE_3DES, "3DES-CBC" }, { IKE_AES, "AES-CBC" }, { 0, NULL },
};

static const struct name hash_names[] = {
	{ IKE_MD5, "MD5" }, { IKE_SHA1, "SHA" }, { IKE_SHA256, "SHA256" },
	{ IKE_SHA384, "SHA384" }, { IKE_SHA512, "SHA512" }, { 0, NULL },
};

static const struct name auth_names[] = {
	{ IKE_AUTH_PSK, "pre-share" }, { 2, "DSS sig" }, { 3, "RSA sig" }, { 4, "RSA encr" },
	{ IKE_AUTH_XAUTH_PSK, "XAUTHInitPreShared" }, { 65005, "XAUTHInitRSA" }, { 0, NULL },
};

static const struct name esp_names[] = {
	{ ESP_DES, "ESP_DES" }, { ESP_3DES, "ESP_3DES" }, { ESP_NULL, "ESP_NULL" },
	{ ESP_AES_CBC, "ESP_AES" }, { 0, NULL },
};

static const struct name set_names[] = {
	{ ESP_DES, "esp-des" }, { ESP_3DES, "esp-3des" }, { ESP_NULL, "esp-null" },
	{ ESP_AES_CBC, "esp-aes" }, { 0, NULL },
};

static const struct {
	enum esp_auth id;
	const char *name, *set_name;
	uint8_t key_len;
} esp_auths[] = {
	{ ESP_AUTH_MD5, "HMAC-MD5", "esp-md5-hmac", 16 },
	{ ESP_AUTH_SHA1, "HMAC-SHA", "esp-sha-hmac", 20 },
	{ ESP_AUTH_SHA256, "HMAC-SHA256", "esp-sha256-hmac", 32 },
	{ ESP_AUTH_SHA384, "HMAC-SHA384", "esp-sha384-hmac", 48 },
	{ ESP_AUTH_SHA512, "HMAC-SHA512", "esp-sha512-hmac", 64 },
};

static const char *name_of(const struct name *names, uint32_t value)
{
	for (; names->name; names++) {
		if (names->value == value)
			return names->name;
	}
	return "unknown";
}

static const char *esp_auth_name(uint32_t id, bool of_set)
{
	for (size_t i = 0; i < sizeof(esp_auths) / sizeof(esp_auths[0]); i++) {
		if (esp_auths[i].id == id)
			return of_set ? esp_auths[i].set_name : esp_auths[i].name;
	}
	return "unknown";
}

/**
 * proposal_auth_key_len - octets of an authenticator's key (RFC 2403, 2404, 4868)
 * @auth: authenticator
 *
 * Return: length, 0 for one that is not supported.
 */
size_t proposal_auth_key_len(enum esp_auth auth)
{
	for (size_t i = 0; i < sizeof(esp_auths) / sizeof(esp_auths[0]); i++) {
		if (esp_auths[i].id == auth)
			return esp_auths[i].key_len;
	}
	return 0;
}

/**
 * proposal_esp_key_len - octets of an ESP cipher's key
 * @encr: cipher
 * @key_bits: key length, 0 for a cipher of fixed size
 *
 * Return: length.
 */
size_t proposal_esp_key_len(enum esp_transform encr, unsigned int key_bits)
{
	switch (encr) {
	case ESP_DES:
		return 8;
	case ESP_3DES:
		return 24;
	case ESP_AES_CBC:
		return key_bits / 8;
	default:
		return 0;
	}
}

/**
 * proposal_set_text - a transform set in the words of IOS
 * @set: it
 * @buf: where it goes
 *
 * Return: @buf.
 */
const char *proposal_set_text(const struct conf_set *set, char buf[64])
{
	char bits[8] = "";

	if (set->encr == ESP_AES_CBC && set->key_bits != 128)
		snprintf(bits, sizeof(bits), " %u", set->key_bits);
	snprintf(buf, 64, "%s%s %s", name_of(set_names, set->encr), bits,
		 esp_auth_name(set->auth, true));
	return buf;
}

/* Attributes of a phase 1 transform; 0 where there is none. */
struct ike_offer {
	uint32_t encr, key_bits, hash, auth, group, life, kilobytes;
};

/* Attributes of a phase 2 transform. */
struct esp_offer {
	uint32_t group, encaps, auth, key_bits, life, kilobytes;
};

/*
 * Life attributes come in pairs, type first (RFC 2407 4.5). A life that needs
 * more than 32 bits is as good as none.
 */
static bool take_life(const struct msg_attr *a, uint32_t type, uint32_t *life,
		      uint32_t *kilobytes)
{
	uint32_t value = a->wide ? UINT32_MAX : a->value;

	if (type != LIFE_SECONDS && type != LIFE_KILOBYTES)
		return false;
	*(type == LIFE_SECONDS ? life : kilobytes) = value;
	return true;
}

/* False for a transform that cannot be accepted under any policy. */
static bool read_ike(const struct msg_transform *t, struct ike_offer *o)
{
	uint32_t *where, type = 0;

	memset(o, 0, sizeof(*o));
	for (uint8_t i = 0; i < t->n; i++) {
		const struct msg_attr *a = &t->attr[i];

		switch (a->type) {
		case IKE_ATTR_ENCR:
			where = &o->encr;
			break;
		case IKE_ATTR_HASH:
			where = &o->hash;
			break;
		case IKE_ATTR_AUTH:
			where = &o->auth;
			break;
		case IKE_ATTR_GROUP:
			where = &o->group;
			break;
		case IKE_ATTR_KEY_LEN:
			where = &o->key_bits;
			break;
		case IKE_ATTR_LIFE_TYPE:
			type = a->value;
			continue;
		case IKE_ATTR_LIFE:
			if (!take_life(a, type, &o->life, &o->kilobytes))
				return false;
			continue;
		default:
			return false;	/* we would agree to we know not what */
		}
		if (*where || a->wide)
			return false;	/* twice */
		*where = a->value;
	}
	return t->id == KEY_IKE;
}

/* Lines in the order of the offer, as IOS has them; phase 2 says "SA life". */
static void show_life(const struct msg_attr *a, bool duration, const char *what,
		      const struct log *log)
{
	if (!duration)
		log_line(log, LOG_ISAKMP, "ISAKMP:      %s type in %s", what,
			 a->value == LIFE_SECONDS ? "seconds" : "kilobytes");
	else if (a->wide)
		log_line(log, LOG_ISAKMP, "ISAKMP:      %s duration of more than %u", what,
			 UINT32_MAX);
	else
		log_line(log, LOG_ISAKMP, "ISAKMP:      %s duration of %u", what, a->value);
}

static void show_other(const struct msg_attr *a, const struct log *log)
{
	log_line(log, LOG_ISAKMP, "ISAKMP:      attribute %u, which is not supported", a->type);
}

static void show_ike_attr(const struct msg_attr *a, const struct log *log)
{
	switch (a->type) {
	case IKE_ATTR_ENCR:
		log_line(log, LOG_ISAKMP, "ISAKMP:      encryption %s",
			 name_of(encr_names, a->value));
		break;
	case IKE_ATTR_KEY_LEN:
		log_line(log, LOG_ISAKMP, "ISAKMP:      keylength of %u", a->value);
		break;
	case IKE_ATTR_HASH:
		log_line(log, LOG_ISAKMP, "ISAKMP:      hash %s", name_of(hash_names, a->value));
		break;
	case IKE_ATTR_GROUP:
		log_line(log, LOG_ISAKMP, "ISAKMP:      default group %u", a->value);
		break;
	case IKE_ATTR_AUTH:
		log_line(log, LOG_ISAKMP, "ISAKMP:      auth %s", name_of(auth_names, a->value));
		break;
	case IKE_ATTR_LIFE_TYPE:
	case IKE_ATTR_LIFE:
		show_life(a, a->type == IKE_ATTR_LIFE, "life", log);
		break;
	default:
		show_other(a, log);
	}
}

static bool fits_ike(const struct ike_offer *o, const struct conf_policy *p, uint16_t auth,
		     const struct log *log)
{
	bool ok = true;

	if (o->encr != p->encr) {
		log_line(log, LOG_ISAKMP, "ISAKMP:      Encryption algorithm offered does not "
			 "match policy! offered %s (%u), policy %u has %s",
			 name_of(encr_names, o->encr), o->encr, p->priority,
			 name_of(encr_names, p->encr));
		ok = false;
	} else if (o->key_bits != p->key_bits) {
		log_line(log, LOG_ISAKMP, "ISAKMP:      Proposed key length does not match "
			 "policy! offered %u, policy %u has %u", o->key_bits, p->priority,
			 p->key_bits);
		ok = false;
	}
	if (o->hash != p->hash) {
		log_line(log, LOG_ISAKMP, "ISAKMP:      Hash algorithm offered does not match "
			 "policy! offered %s (%u), policy %u has %s",
			 name_of(hash_names, o->hash), o->hash, p->priority,
			 name_of(hash_names, p->hash));
		ok = false;
	}
	if (o->group != p->group) {
		log_line(log, LOG_ISAKMP, "ISAKMP:      Diffie-Hellman group offered does not "
			 "match policy! offered %u, policy %u has %u", o->group, p->priority,
			 p->group);
		ok = false;
	}
	if (o->auth != auth || !p->psk) {
		log_line(log, LOG_ISAKMP, "ISAKMP:      Authentication method offered does not "
			 "match policy! offered %s (%u), policy %u has %s",
			 name_of(auth_names, o->auth), o->auth, p->priority,
			 p->psk ? name_of(auth_names, auth) : "rsa-sig, which is not supported");
		ok = false;
	}
	return ok;
}

static bool try_ike(const struct msg_sa *sa, const struct msg_proposal *prop, uint8_t i,
		    const struct conf_policy *p, uint16_t auth, struct ike_choice *choice,
		    const struct log *log, unsigned int conn)
{
	const struct msg_transform *t = &sa->transform[prop->first + i];
	struct ike_offer o;
	bool ok;

	log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): Checking ISAKMP transform %u against "
		 "priority %u policy", conn, t->number, p->priority);
	for (uint8_t n = 0; n < t->n; n++)
		show_ike_attr(&t->attr[n], log);
	ok = read_ike(t, &o);
	if (!ok)
		log_line(log, LOG_ISAKMP,
			 "ISAKMP:      transform has an unknown or repeated attribute");
	ok = ok && fits_ike(&o, p, auth, log);
	log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): atts are %sacceptable. Next payload is %u",
		 conn, ok ? "" : "not ", t->next);
	if (!ok)
		return false;
	choice->policy = p;
	choice->proposal = prop;
	choice->transform = t;
	choice->life = o.life && o.life < p->lifetime ? o.life : p->lifetime;
	return true;
}

/**
 * proposal_match_ike - choose a transform of a phase 1 offer (RFC 2409 5)
 * @sa: offer
 * @conf: policies, tried in the order of their priority
 * @auth: method that the peer has to offer
 * @choice: where the choice goes; points into @sa and @conf
 * @log: where the explanation goes
 * @conn: connection identity in it
 *
 * A life longer than the policy's does not refuse the offer, as IOS says it
 * would: the SA ends when the shorter one does.
 *
 * Return: 0, or -ENOENT if nothing fits.
 */
int proposal_match_ike(const struct msg_sa *sa, const struct vpnd_conf *conf,
		       uint16_t auth, struct ike_choice *choice, const struct log *log,
		       unsigned int conn)
{
	for (size_t i = 0; i < conf->policy.n; i++) {
		for (uint8_t j = 0; j < sa->n_proposals; j++) {
			const struct msg_proposal *prop = &sa->proposal[j];

			if (prop->protocol != PROTO_ISAKMP)
				continue;
			for (uint8_t k = 0; k < prop->n; k++) {
				if (try_ike(sa, prop, k, &conf->policy.v[i], auth, choice, log,
					    conn))
					return 0;
			}
		}
	}
	log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): no offers accepted!", conn);
	return -ENOENT;
}

static bool read_esp(const struct msg_transform *t, struct esp_offer *o)
{
	uint32_t *where, type = 0;

	memset(o, 0, sizeof(*o));
	for (uint8_t i = 0; i < t->n; i++) {
		const struct msg_attr *a = &t->attr[i];

		switch (a->type) {
		case IPSEC_ATTR_GROUP:
			where = &o->group;
			break;
		case IPSEC_ATTR_ENCAPS:
			where = &o->encaps;
			break;
		case IPSEC_ATTR_AUTH:
			where = &o->auth;
			break;
		case IPSEC_ATTR_KEY_LEN:
			where = &o->key_bits;
			break;
		case IPSEC_ATTR_LIFE_TYPE:
			type = a->value;
			continue;
		case IPSEC_ATTR_LIFE:
			if (!take_life(a, type, &o->life, &o->kilobytes))
				return false;
			continue;
		default:
			return false;
		}
		if (*where || a->wide)
			return false;
		*where = a->value;
	}
	return true;
}

static void show_esp_attr(const struct msg_attr *a, const struct log *log)
{
	switch (a->type) {
	case IPSEC_ATTR_AUTH:
		log_line(log, LOG_ISAKMP, "ISAKMP:      authenticator is %s",
			 esp_auth_name(a->value, false));
		break;
	case IPSEC_ATTR_ENCAPS:
		log_line(log, LOG_ISAKMP, "ISAKMP:      encaps is %u", a->value);
		break;
	case IPSEC_ATTR_KEY_LEN:
		log_line(log, LOG_ISAKMP, "ISAKMP:      key length is %u", a->value);
		break;
	case IPSEC_ATTR_GROUP:
		log_line(log, LOG_ISAKMP, "ISAKMP:      group is %u", a->value);
		break;
	case IPSEC_ATTR_LIFE_TYPE:
	case IPSEC_ATTR_LIFE:
		show_life(a, a->type == IPSEC_ATTR_LIFE, "SA life", log);
		break;
	default:
		show_other(a, log);
	}
}

/* As in IOS, "mode transport" does not concern what is not between the two ends. */
static bool wants_transport(const struct conf_set *set, const struct esp_wish *wish)
{
	return set->transport && wish->ends && !wish->udp;
}

/* Behind NAT nothing but a tunnel in UDP works, elsewhere there is no reason for one. */
static bool fits_encaps(uint32_t encaps, const struct conf_set *set,
			const struct esp_wish *wish, const struct log *log)
{
	uint32_t want = wish->udp ? ENCAPS_UDP_TUNNEL :
		wants_transport(set, wish) ? ENCAPS_TRANSPORT : ENCAPS_TUNNEL;

	if (wish->udp && encaps == ENCAPS_UDP_TUNNEL_DRAFT)
		encaps = ENCAPS_UDP_TUNNEL;
	if (encaps == want || (!encaps && !wish->udp))
		return true;
	log_line(log, LOG_IPSEC, "IPSEC(validate_proposal): transform set %s wants encaps %u, "
		 "offered %u", set->name, want, encaps);
	return false;
}

static bool fits_esp(uint8_t id, const struct esp_offer *o, const struct conf_set *set,
		     const struct esp_wish *wish, const struct log *log)
{
	uint32_t bits = set->encr == ESP_AES_CBC ? set->key_bits : 0;
	bool ok = true;

	if (id != set->encr || o->key_bits != bits) {
		log_line(log, LOG_IPSEC, "IPSEC(validate_proposal): transform set %s wants %s %u, "
			 "offered %s %u", set->name, name_of(esp_names, set->encr), bits,
			 name_of(esp_names, id), o->key_bits);
		ok = false;
	}
	if (o->auth != set->auth) {
		log_line(log, LOG_IPSEC, "IPSEC(validate_proposal): transform set %s wants %s, "
			 "offered %s", set->name, esp_auth_name(set->auth, false),
			 o->auth ? esp_auth_name(o->auth, false) : "no authenticator");
		ok = false;
	}
	return fits_encaps(o->encaps, set, wish, log) && ok;
}

/* "set pfs" asks for a group at least as strong; without it any offer goes. */
static bool fits_pfs(const struct esp_offer *o, const struct conf_entry *e,
		     const struct log *log)
{
	if (o->group && !crypto_dh_len(o->group)) {
		log_line(log, LOG_IPSEC, "IPSEC(validate_proposal): group %u is not supported",
			 o->group);
		return false;
	}
	if (e->pfs && o->group < e->pfs) {
		log_line(log, LOG_IPSEC, "IPSEC(validate_proposal): entry %s %u wants group %u, "
			 "offered %u", e->map, e->seq, e->pfs, o->group);
		return false;
	}
	return true;
}

static void set_lives(struct esp_choice *c, const struct esp_offer *o,
		      const struct vpnd_conf *conf)
{
	uint32_t life = c->entry->life ? c->entry->life : conf->life;
	uint32_t kilobytes = c->entry->kilobytes ? c->entry->kilobytes : conf->kilobytes;

	c->tell_life = !o->life || o->life > life ||
		(o->kilobytes && o->kilobytes > kilobytes);
	c->life = o->life && o->life < life ? o->life : life;
	c->kilobytes = o->kilobytes && o->kilobytes < kilobytes ? o->kilobytes : kilobytes;
}

/* Is the traffic within what one line of an access list permits? */
static bool listed(const struct conf_entry *e, const struct kernel_sel *sel)
{
	for (uint8_t i = 0; i < e->n_proxies; i++) {
		const struct conf_proxy *p = &e->proxy[i];

		if ((sel->local & p->local_mask) == p->local &&
		    (sel->local_mask & p->local_mask) == p->local_mask &&
		    (sel->remote & p->remote_mask) == p->remote &&
		    (sel->remote_mask & p->remote_mask) == p->remote_mask &&
		    (p->proto < 0 || p->proto == sel->proto))
			return true;
	}
	return false;
}

static bool fits_wish(const struct conf_entry *e, const struct esp_wish *w)
{
	bool peer = !e->n_peers && !w->site;

	if (w->map && (e->seq != w->seq || strcmp(e->map, w->map)))
		return false;
	for (uint8_t i = 0; i < e->n_peers; i++)
		peer |= e->peer[i] == w->peer;
	return peer && (!e->listed || !w->sel || listed(e, w->sel));
}

static bool try_esp(const struct msg_transform *t, const struct vpnd_conf *conf,
		    const struct esp_wish *wish, struct esp_choice *c,
		    const struct log *log)
{
	struct esp_offer o;

	log_line(log, LOG_ISAKMP, "ISAKMP: transform %u, %s", t->number,
		 name_of(esp_names, t->id));
	log_line(log, LOG_ISAKMP, "ISAKMP:   attributes in transform:");
	for (uint8_t i = 0; i < t->n; i++)
		show_esp_attr(&t->attr[i], log);
	if (!read_esp(t, &o)) {
		log_line(log, LOG_ISAKMP,
			 "ISAKMP:      transform has an unknown or repeated attribute");
		return false;
	}
	for (size_t i = 0; i < conf->entry.n; i++) {
		const struct conf_entry *e = &conf->entry.v[i];

		if (!fits_wish(e, wish))
			continue;
		log_line(log, LOG_ISAKMP, "validate proposal %zu", i);
		for (uint8_t j = 0; j < e->n_sets; j++) {
			const struct conf_set *set = conf_set_find(conf, e->set[j]);

			if (!set || !fits_esp(t->id, &o, set, wish, log) ||
			    !fits_pfs(&o, e, log))
				continue;
			c->entry = e;
			c->set = set;
			c->transform = t;
			c->transport = wants_transport(set, wish);
			c->group = o.group;
			set_lives(c, &o, conf);
			return true;
		}
	}
	return false;
}

/* AND-combinations (same number) would need AH or IPcomp, which we lack. */
static bool combined(const struct msg_sa *sa, uint8_t i)
{
	return (i && sa->proposal[i - 1].number == sa->proposal[i].number) ||
		(i + 1 < sa->n_proposals && sa->proposal[i + 1].number == sa->proposal[i].number);
}

/**
 * proposal_match_esp - choose a transform of a quick mode offer (RFC 2409 5.5)
 * @sa: offer
 * @conf: transform sets and entries of crypto maps
 * @wish: what else an entry has to fit
 * @choice: where the choice goes; points into @sa and @conf
 * @log: where the explanation goes
 * @conn: connection identity in it
 *
 * Return: 0, or -ENOENT if nothing fits.
 */
int proposal_match_esp(const struct msg_sa *sa, const struct vpnd_conf *conf,
		       const struct esp_wish *wish, struct esp_choice *choice,
		       const struct log *log, unsigned int conn)
{
	for (uint8_t i = 0; i < sa->n_proposals; i++) {
		const struct msg_proposal *prop = &sa->proposal[i];

		log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): Checking IPSec proposal %u", conn,
			 prop->number);
		if (prop->protocol != PROTO_ESP || prop->spi.len != 4 || combined(sa, i) ||
		    msg_u32(&prop->spi) < 256) {
			log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): proposal is not ESP alone with "
				 "an SPI", conn);
			continue;
		}
		choice->proposal = prop;
		for (uint8_t j = 0; j < prop->n; j++) {
			const struct msg_transform *t = &sa->transform[prop->first + j];

			if (try_esp(t, conf, wish, choice, log)) {
				log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): atts are acceptable.",
					 conn);
				return 0;
			}
			log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): atts not acceptable. Next "
				 "payload is %u", conn, t->next);
		}
	}
	log_line(log, LOG_ISAKMP, "ISAKMP (0:%u): phase 2 SA not acceptable!", conn);
	return -ENOENT;
}
