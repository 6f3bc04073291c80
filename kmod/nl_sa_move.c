// SPDX-License-Identifier: GPL-2.0
/* Netlink: where the peer of a security association is now. */

#include "config.h"
#include "netlink.h"
#include "nl_sa.h"
#include "sad.h"
#include "vpngw.h"

#define SA_MOVE	(BIT_ULL(VPNGW_A_SA_SPI) | BIT_ULL(VPNGW_A_SA_DADDR) |			\
		 BIT_ULL(VPNGW_A_SA_ENCAP_SPORT) | BIT_ULL(VPNGW_A_SA_ENCAP_DPORT) |	\
		 BIT_ULL(VPNGW_A_SA_PEER))

static int check_request(const struct nlattr *attr, struct nlattr *const *tb,
			 struct netlink_ext_ack *extack)
{
	const struct nlattr *other = vpngw_nl_other(tb, VPNGW_A_SA_PAD, SA_MOVE);

	if (other) {
		NL_SET_ERR_MSG_ATTR(extack, other,
				    "only the ports and the address of a peer can be changed");
		return -EINVAL;
	}
	if (vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_SPI,
			     "say which association by its SPI") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_DADDR,
			     "an SPI means nothing without the destination address") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_ENCAP_SPORT,
			     "ESP in UDP needs the ports of both ends") ||
	    vpngw_nl_missing(extack, attr, tb, VPNGW_A_SA_ENCAP_DPORT,
			     "ESP in UDP needs the ports of both ends"))
		return -EINVAL;
	return 0;
}

/* May the association belong to a peer at that address? */
static int check_peer(struct vpngw_net *vn, const struct vpngw_sa *sa,
		      const union nf_inet_addr *peer, const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	bool in = sa->dir == VPNGW_DIRECTION_IN;

	if (peer->ip == (in ? sa->saddr.ip : sa->daddr.ip))
		return 0;
	if (sa->mode == VPNGW_MODE_TRANSPORT) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "in transport mode the address of the peer is in the selector");
		return -EOPNOTSUPP;
	}
	if (!in && vpngw_sad_find(vn, sa->spi, peer, sa->family)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "an association with this SPI and destination exists");
		return -EEXIST;
	}
	return 0;
}

static int move_sa(struct vpngw_net *vn, const struct nlattr *attr,
		   struct netlink_ext_ack *extack)
{
	struct nlattr *tb[VPNGW_A_SA_MAX + 1];
	union nf_inet_addr daddr = {}, peer;
	struct vpngw_sa *sa;
	int err;

	err = nla_parse_nested(tb, VPNGW_A_SA_PAD, attr, vpngw_sa_nl_policy, extack);
	if (!err)
		err = check_request(attr, tb, extack);
	if (!err)
		err = vpngw_nl_get_addr(tb[VPNGW_A_SA_DADDR], &daddr, extack);
	if (err)
		return err;

	sa = vpngw_sad_find(vn, cpu_to_be32(nla_get_u32(tb[VPNGW_A_SA_SPI])), &daddr,
			    NFPROTO_IPV4);
	if (!sa) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "there is no such association");
		return -ENOENT;
	}
	if (!sa->encap_dport) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "the association does not travel in UDP, so no NAT can have moved its peer");
		return -EINVAL;
	}
	peer = sa->dir == VPNGW_DIRECTION_IN ? sa->saddr : sa->daddr;
	if (tb[VPNGW_A_SA_PEER])
		err = vpngw_nl_get_addr(tb[VPNGW_A_SA_PEER], &peer, extack);
	if (!err)
		err = check_peer(vn, sa, &peer, attr, extack);
	if (!err)
		vpngw_sad_move(vn, sa, &peer, htons(nla_get_u16(tb[VPNGW_A_SA_ENCAP_SPORT])),
			       htons(nla_get_u16(tb[VPNGW_A_SA_ENCAP_DPORT])));
	return err;
}

int vpngw_nl_sa_move_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vpngw_net *vn = vpngw_net(genl_info_net(info));
	struct vpngw_txn *txn;
	int err = -EINVAL;

	mutex_lock(&vn->lock);
	txn = vpngw_txn_of(vn, info->snd_portid);
	if (txn)
		NL_SET_ERR_MSG(info->extack, "a peer is not moved within a transaction");
	else if (!vpngw_nl_missing(info->extack, NULL, info->attrs, VPNGW_A_SA,
				   "the request carries no association"))
		err = move_sa(vn, info->attrs[VPNGW_A_SA], info->extack);
	if (err && txn)
		txn->broken = true;
	mutex_unlock(&vn->lock);

	/* a key is out of place here, but who sends one shall not lose it */
	vpngw_nl_wipe_keys(info->nlhdr);
	return err;
}
