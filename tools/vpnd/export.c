// SPDX-License-Identifier: GPL-2.0
/*
 * Keys for whoever reads a capture. Where "crypto isakmp wireshark" is not
 * configured none are kept beyond their use and none are handed out.
 */
#include <stdlib.h>

#include "export.h"
#include "proposal.h"

/**
 * export_keep - remember the keys of a pair
 * @c: pair
 * @pair: the same with its keys
 */
void export_keep(struct child *c, const struct kernel_pair *pair)
{
	c->secret = malloc(sizeof(*c->secret));
	if (c->secret)
		*c->secret = *pair;
}

/**
 * export_forget - wipe them
 * @c: pair
 */
void export_forget(struct child *c)
{
	if (c->secret)
		crypto_wipe(c->secret, sizeof(*c->secret));
	free(c->secret);
	c->secret = NULL;
}

static void put_hex(const void *p, size_t len, FILE *out)
{
	const uint8_t *o = p;

	fputc(' ', out);
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", o[i]);
}

static void put_esp(const struct kernel_pair *p, bool in, FILE *out)
{
	const struct kernel_keys *keys = in ? &p->in : &p->out;
	/* a length would be a third word */
	struct conf_set set = { .encr = p->encr, .key_bits = 128, .auth = p->auth };
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN], text[64];

	fprintf(out, "esp %s %s 0x%08x %s", vg_addr_str(in ? p->peer : p->local, a),
		vg_addr_str(in ? p->local : p->peer, b), in ? p->in_spi : p->out_spi,
		proposal_set_text(&set, text));
	put_hex(keys->enc, p->enc_len, out);
	put_hex(keys->auth, p->auth_len, out);
	fputc('\n', out);
}

/**
 * export_keys - "show crypto keys": those of phase 1 and of the pairs
 * @ike: state
 * @pid: who asks, for the log
 * @out: lines "ike COOKIE KEY" and "esp FROM TO SPI CIPHER AUTHENTICATOR KEY KEY"
 */
void export_keys(struct ike *ike, int pid, FILE *out)
{
	unsigned int sas = 0, pairs = 0, missing = 0;
	const struct child *c;

	if (!ike->conf->wireshark) {
		fputs("% keys are handed out only with \"crypto isakmp wireshark\" in the "
		      "configuration\n", out);
		return;
	}
	for (size_t i = 0; i < IKE_BUCKETS; i++) {
		const struct ike_sa *sa;

		LIST_FOREACH(sa, &ike->bucket[i], link) {
			if (sa->state != QM_IDLE)
				continue;
			fputs("ike", out);
			put_hex(sa->cky_i, ISAKMP_COOKIE_LEN, out);
			put_hex(sa->keys.enc, sa->keys.enc_len, out);
			fputc('\n', out);
			sas++;
		}
	}
	LIST_FOREACH(c, &ike->children, link) {
		if (!c->secret) {
			missing++;
			continue;
		}
		put_esp(c->secret, true, out);
		put_esp(c->secret, false, out);
		pairs++;
	}
	fprintf(out, "missing %u\n", missing);
	log_line(&ike->log, LOG_NOTICE, "the keys of %u ISAKMP SAs and %u pairs of IPsec SAs were "
		 "handed to process %d", sas, pairs, pid);
}
