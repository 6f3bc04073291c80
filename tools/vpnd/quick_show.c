// SPDX-License-Identifier: GPL-2.0
/* What quick mode tells in the words of IOS's key engine. */
#include "proposal.h"
#include "quick.h"

/**
 * struct key_msg - a key engine message, about one direction
 * @dest: who receives
 * @src: who sends
 * @set: transform set
 */
struct key_msg {
	struct msg_id dest_proxy, src_proxy;
	uint32_t dest, src, spi, life, kilobytes;
	unsigned int conn, keysize;
	const char *set;
};

static void show_proxy(const struct log *log, const char *what, const struct msg_id *id)
{
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

	log_line(log, LOG_IPSEC, "    %s_proxy= %s/%s/%u/%u (type=%u),", what,
		 vg_addr_str(id->lo, a), vg_addr_str(id->hi, b), id->proto, id->port, id->type);
}

static void show_key_msg(const struct log *log, const struct key_msg *k)
{
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN];

	log_line(log, LOG_IPSEC, "  (key eng. msg.) dest= %s, src= %s,", vg_addr_str(k->dest, a),
		 vg_addr_str(k->src, b));
	show_proxy(log, "dest", &k->dest_proxy);
	show_proxy(log, "src", &k->src_proxy);
	log_line(log, LOG_IPSEC, "    protocol= ESP, transform= %s ,", k->set);
	log_line(log, LOG_IPSEC, "    lifedur= %us and %ukb,", k->life, k->kilobytes);
	log_line(log, LOG_IPSEC, "    spi= 0x%X(%u), conn_id= %u, keysize= %u, flags= 0x4",
		 k->spi, k->spi, k->conn, k->keysize);
}

/**
 * quick_show_request - an offer that fits a transform set, before there are SPIs
 * @sa: SA
 * @choice: what fits
 * @ci: traffic of the initiator
 * @cr: ours
 */
void quick_show_request(const struct ike_sa *sa, const struct esp_choice *choice,
			const struct msg_id *ci, const struct msg_id *cr)
{
	const struct log *log = &sa->ike->log;
	char set[64];

	log_line(log, LOG_IPSEC, "IPSEC(validate_proposal_request): proposal part #1,");
	show_key_msg(log, &(struct key_msg){
		.dest_proxy = *cr, .src_proxy = *ci, .dest = sa->local.addr,
		.src = sa->peer.addr, .keysize = choice->set->key_bits,
		.set = proposal_set_text(choice->set, set),
	});
}

static struct msg_id proxy_of(uint32_t addr, uint32_t mask, int16_t proto, int32_t port)
{
	return (struct msg_id){
		.type = mask == UINT32_MAX ? ID_IPV4_ADDR : ID_IPV4_SUBNET,
		.proto = proto < 0 ? 0 : proto, .port = port < 0 ? 0 : port,
		.lo = addr, .hi = mask,
	};
}

static void show_sas(const struct log *log, const struct kernel_pair *p, const char *set,
		     unsigned int conn)
{
	const struct kernel_sel *s = &p->sel;
	struct key_msg k = {
		.dest_proxy = proxy_of(s->local, s->local_mask, s->proto, s->local_port),
		.src_proxy = proxy_of(s->remote, s->remote_mask, s->proto, s->remote_port),
		.dest = p->local, .src = p->peer, .spi = p->in_spi, .life = p->life,
		.kilobytes = p->kilobytes, .conn = conn, .keysize = p->key_bits, .set = set,
	};
	struct msg_id proxy = k.src_proxy;

	log_line(log, LOG_IPSEC, "IPSEC(initialize_sas): ,");
	show_key_msg(log, &k);
	k.src_proxy = k.dest_proxy;
	k.dest_proxy = proxy;
	k.dest = p->peer;
	k.src = p->local;
	k.spi = p->out_spi;
	k.conn = conn + 1;
	log_line(log, LOG_IPSEC, "IPSEC(initialize_sas): ,");
	show_key_msg(log, &k);
}

static void show_created(const struct log *log, uint32_t dest, uint32_t spi, const char *set,
			 unsigned int conn)
{
	char a[VG_ADDR_LEN];

	log_line(log, LOG_IPSEC, "IPSEC(create_sa): sa created, (sa) sa_dest= %s, sa_prot= 50, "
		 "sa_spi= 0x%X(%u), sa_trans= %s , sa_conn_id= %u", vg_addr_str(dest, a), spi, spi,
		 set, conn);
}

/**
 * quick_show_created - a pair is in the kernel
 * @sa: ISAKMP SA
 * @qm: quick mode that made it
 * @conn: connection identity of the inbound one
 */
void quick_show_created(const struct ike_sa *sa, const struct qm *qm, unsigned int conn)
{
	const struct log *log = &sa->ike->log;
	const struct kernel_pair *p = &qm->pair;
	char a[VG_ADDR_LEN], b[VG_ADDR_LEN], c[VG_ADDR_LEN], d[VG_ADDR_LEN], text[64];
	struct conf_set set = { .encr = p->encr, .key_bits = p->key_bits, .auth = p->auth };

	vg_addr_str(p->peer, a);
	vg_addr_str(p->local, b);
	vg_addr_str(p->sel.remote, c);
	vg_addr_str(p->sel.local, d);
	proposal_set_text(&set, text);
	sa_log(sa, "Creating IPSec SAs");
	log_line(log, LOG_ISAKMP, "        inbound SA from %s to %s (proxy %s to %s)", a, b, c,
		 d);
	log_line(log, LOG_ISAKMP, "        has spi %d and conn_id %u and flags %u",
		 (int32_t)p->in_spi, conn, 4);
	log_line(log, LOG_ISAKMP, "        outbound SA from %s to %s (proxy %s to %s)", b, a, d,
		 c);
	log_line(log, LOG_ISAKMP, "        has spi %d and conn_id %u and flags %u",
		 (int32_t)p->out_spi, conn + 1, 4);
	show_sas(log, p, text, conn);
	show_created(log, p->local, p->in_spi, text, conn);
	show_created(log, p->peer, p->out_spi, text, conn + 1);
	if (qm->lease)
		log_line(log, LOG_ISAKMP, "ISAKMP: Locking struct %X for IPSEC",
			 qm->lease->addr);
}
