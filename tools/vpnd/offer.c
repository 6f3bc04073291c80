// SPDX-License-Identifier: GPL-2.0
/* What we offer when we begin: all that the configuration would accept. */
#include <string.h>

#include "model.h"
#include "offer.h"
#include "proposal.h"

static void put_life(struct mbuf *b, uint16_t type_attr, uint16_t attr, uint16_t type,
		     uint32_t life)
{
	uint8_t o[4] = { life >> 24, life >> 16, life >> 8, life };

	mbuf_attr(b, type_attr, type);
	mbuf_attr_long(b, attr, o, sizeof(o));
}

static size_t begin_transform(struct mbuf *b, bool last, uint8_t number, uint8_t id)
{
	size_t start = b->len;

	mbuf_u32(b, (uint32_t)(last ? PLD_NONE : PLD_TRANSFORM) << 24);
	mbuf_u8(b, number);
	mbuf_u8(b, id);
	mbuf_u16(b, 0);
	return start;
}

static size_t begin_proposal(struct mbuf *b, uint8_t protocol, uint8_t spi_len, uint8_t n)
{
	size_t start = b->len;

	mbuf_u32(b, 0);			/* no further proposal; length below */
	mbuf_u8(b, 1);
	mbuf_u8(b, protocol);
	mbuf_u8(b, spi_len);
	mbuf_u8(b, n);
	return start;
}

/**
 * offer_ike - an SA payload with every policy that has a pre-shared key
 * @b: message
 * @conf: configuration
 *
 * Return: false if there is no such policy.
 */
bool offer_ike(struct mbuf *b, const struct vpnd_conf *conf)
{
	size_t at = mbuf_begin(b, PLD_SA), proposal;
	uint8_t n = 0, number = 0;

	for (size_t i = 0; i < conf->policy.n && n < OFFERS_MAX; i++)
		n += conf->policy.v[i].psk;
	mbuf_u32(b, IPSEC_DOI);
	mbuf_u32(b, SIT_IDENTITY_ONLY);
	proposal = begin_proposal(b, PROTO_ISAKMP, 0, n);
	for (size_t i = 0; number < n; i++) {
		const struct conf_policy *p = &conf->policy.v[i];
		size_t start;

		if (!p->psk)
			continue;
		number++;
		start = begin_transform(b, number == n, number, KEY_IKE);
		mbuf_attr(b, IKE_ATTR_ENCR, p->encr);
		mbuf_attr(b, IKE_ATTR_HASH, p->hash);
		mbuf_attr(b, IKE_ATTR_GROUP, p->group);
		mbuf_attr(b, IKE_ATTR_AUTH, IKE_AUTH_PSK);
		put_life(b, IKE_ATTR_LIFE_TYPE, IKE_ATTR_LIFE, LIFE_SECONDS, p->lifetime);
		if (p->encr == IKE_AES)
			mbuf_attr(b, IKE_ATTR_KEY_LEN, p->key_bits);
		mbuf_end(b, start);
	}
	mbuf_end(b, proposal);
	mbuf_end(b, at);
	return n;
}

/**
 * offer_esp - an SA payload with every transform set of an entry
 * @b: message
 * @conf: configuration
 * @e: entry
 * @spi: ours
 * @natt: encapsulation in UDP, as the version of NAT traversal numbers it; 0: none
 * @ends: the traffic is that between the two ends, so transport mode will do
 *
 * Return: false if the entry has no transform set.
 */
bool offer_esp(struct mbuf *b, const struct vpnd_conf *conf, const struct conf_entry *e,
	       uint32_t spi, uint16_t natt, bool ends)
{
	uint32_t kilobytes = e->kilobytes ? e->kilobytes : conf->kilobytes;
	size_t at = mbuf_begin(b, PLD_SA), proposal;
	uint8_t n = 0, number = 0;

	for (uint8_t i = 0; i < e->n_sets; i++)
		n += conf_set_find(conf, e->set[i]) ? 1 : 0;
	mbuf_u32(b, IPSEC_DOI);
	mbuf_u32(b, SIT_IDENTITY_ONLY);
	proposal = begin_proposal(b, PROTO_ESP, 4, n);
	mbuf_u32(b, spi);
	for (uint8_t i = 0; number < n; i++) {
		const struct conf_set *set = conf_set_find(conf, e->set[i]);
		size_t start;

		if (!set)
			continue;
		number++;
		start = begin_transform(b, number == n, number, set->encr);
		mbuf_attr(b, IPSEC_ATTR_ENCAPS, natt ? natt :
			  set->transport && ends ? ENCAPS_TRANSPORT : ENCAPS_TUNNEL);
		put_life(b, IPSEC_ATTR_LIFE_TYPE, IPSEC_ATTR_LIFE, LIFE_SECONDS,
			 e->life ? e->life : conf->life);
		if (kilobytes != VG_NO_VOLUME)
			put_life(b, IPSEC_ATTR_LIFE_TYPE, IPSEC_ATTR_LIFE, LIFE_KILOBYTES,
				 kilobytes);
		mbuf_attr(b, IPSEC_ATTR_AUTH, set->auth);
		if (set->encr == ESP_AES_CBC)
			mbuf_attr(b, IPSEC_ATTR_KEY_LEN, set->key_bits);
		if (e->pfs)
			mbuf_attr(b, IPSEC_ATTR_GROUP, e->pfs);
		mbuf_end(b, start);
	}
	mbuf_end(b, proposal);
	mbuf_end(b, at);
	return n;
}
