// SPDX-License-Identifier: GPL-2.0
/* The way to the kernel: socket, acknowledgements, dumps, extended errors. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "nl.h"

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define DUMP_RETRIES 20

struct vg_nl {
	struct nl_sock *sock;
	int family;
};

struct exchange {
	vg_nl_fn fn;
	void *arg;
	const struct nlmsghdr *request;
	struct vg_nl_error *err;
	int error;		/* positive errno of the kernel, or negative of a callback */
	bool done;
};

static int fail(struct vg_nl_error *err, int code, const char *text)
{
	err->code = code;
	snprintf(err->text, sizeof(err->text), "%s", text ? text : strerror(code));
	return -code;
}

static int fail_nl(struct vg_nl_error *err, int nlerr)
{
	switch (-nlerr) {
	case NLE_PERM:
		return fail(err, EPERM, "not permitted: this needs CAP_NET_ADMIN (run as root)");
	case NLE_NOMEM:
		return fail(err, ENOMEM, NULL);
	case NLE_INTR:
		return fail(err, EINTR, NULL);
	default:
		return fail(err, EIO, nl_geterror(nlerr));
	}
}

/**
 * vg_nl_open - reach the kernel module
 * @out: where the connection goes
 * @err: why not
 *
 * Return: 0 or -errno; -ENOENT if the module is not loaded.
 */
int vg_nl_open(struct vg_nl **out, struct vg_nl_error *err)
{
	struct vg_nl *nl = calloc(1, sizeof(*nl));
	int on = 1, ret;

	memset(err, 0, sizeof(*err));
	*out = NULL;
	if (!nl)
		return fail(err, ENOMEM, NULL);
	nl->sock = nl_socket_alloc();
	if (!nl->sock) {
		ret = fail(err, ENOMEM, NULL);
		goto err_free;
	}
	ret = genl_connect(nl->sock);
	if (ret < 0) {
		ret = fail_nl(err, ret);
		goto err_free;
	}
	nl_socket_enable_msg_peek(nl->sock);
	nl_socket_set_buffer_size(nl->sock, 1 << 20, 1 << 18);
	/* Both are best effort: without them errors are numbers only. */
	setsockopt(nl_socket_get_fd(nl->sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(nl_socket_get_fd(nl->sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	nl->family = genl_ctrl_resolve(nl->sock, VPNGW_FAMILY_NAME);
	if (nl->family < 0) {
		if (nl->family == -NLE_OBJ_NOTFOUND)
			ret = fail(err, ENOENT, "kernel module is not loaded (modprobe vpngw)");
		else
			ret = fail_nl(err, nl->family);
		goto err_free;
	}
	*out = nl;
	return 0;

err_free:
	vg_nl_close(nl);
	return ret;
}

/**
 * vg_nl_close - end a connection; an open transaction is aborted
 * @nl: connection or NULL
 */
void vg_nl_close(struct vg_nl *nl)
{
	if (!nl)
		return;
	nl_socket_free(nl->sock);
	free(nl);
}

/**
 * vg_nl_fd - file descriptor of a connection, for poll()
 * @nl: connection
 *
 * Return: the descriptor.
 */
int vg_nl_fd(struct vg_nl *nl)
{
	return nl_socket_get_fd(nl->sock);
}

/**
 * vg_nl_msg - begin a request
 * @nl: connection, NULL in tests
 * @cmd: command
 * @flags: netlink flags
 *
 * Return: message or NULL without memory.
 */
struct nl_msg *vg_nl_msg(struct vg_nl *nl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(2 * VG_NL_MSG_SIZE);

	if (!msg)
		return NULL;
	if (genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl ? nl->family : GENL_MIN_ID, 0,
			flags | NLM_F_REQUEST, cmd, VPNGW_FAMILY_VERSION))
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * vg_nl_msg_free - wipe and free a request, which may hold keys
 * @msg: message or NULL
 */
void vg_nl_msg_free(struct nl_msg *msg)
{
	if (!msg)
		return;
	explicit_bzero(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

/**
 * vg_reply_parse - take a message of the kernel apart
 * @hdr: message
 * @r: where its parts go
 *
 * Return: 0 or -EBADMSG.
 */
int vg_reply_parse(struct nlmsghdr *hdr, struct vg_reply *r)
{
	if (!genlmsg_valid_hdr(hdr, 0) ||
	    genlmsg_parse(hdr, 0, r->top, VPNGW_A_MAX, NULL) < 0)
		return -EBADMSG;
	r->cmd = genlmsg_hdr(hdr)->cmd;
	r->head = genlmsg_attrdata(genlmsg_hdr(hdr), 0);
	r->len = genlmsg_attrlen(genlmsg_hdr(hdr), 0);
	return 0;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct exchange *x = arg;
	struct vg_reply r;
	int ret = vg_reply_parse(nlmsg_hdr(msg), &r);

	if (!ret && x->fn)
		ret = x->fn(&r, x->arg);
	if (ret < 0) {
		x->error = ret;
		return NL_STOP;
	}
	return NL_OK;
}

static void read_extack(struct exchange *x, const struct nlmsghdr *hdr, const void *tlv, int len)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];

	if (!(hdr->nlmsg_flags & NLM_F_ACK_TLVS) || len <= 0 ||
	    nla_parse(tb, NLMSGERR_ATTR_MAX, (struct nlattr *)tlv, len, NULL) < 0)
		return;
	vg_get_str(tb[NLMSGERR_ATTR_MSG], x->err->text, sizeof(x->err->text));
	if (tb[NLMSGERR_ATTR_OFFS] && x->request)
		vg_nl_locate(x->request, vg_get_u32(tb[NLMSGERR_ATTR_OFFS]), x->err);
}

static void set_kernel_error(struct exchange *x, int error)
{
	x->error = error;
	x->done = true;
	x->err->code = error;
	if (x->err->text[0])
		return;
	snprintf(x->err->text, sizeof(x->err->text), "%s", error == EPERM ?
		 "not permitted: this needs CAP_NET_ADMIN (run as root)" : strerror(error));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	const struct nlmsghdr *hdr = (const struct nlmsghdr *)e - 1;
	size_t used = sizeof(*e);
	struct exchange *x = arg;

	if (!(hdr->nlmsg_flags & NLM_F_CAPPED))
		used += NLMSG_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (nlmsg_datalen(hdr) > (int)used)
		read_extack(x, hdr, (const char *)e + used, nlmsg_datalen(hdr) - used);
	set_kernel_error(x, -e->error);
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	((struct exchange *)arg)->done = true;
	return NL_STOP;
}

/* The end of a dump carries its error, if there was one. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *hdr = nlmsg_hdr(msg);
	struct exchange *x = arg;
	int error = 0;

	x->done = true;
	if (nlmsg_datalen(hdr) >= (int)sizeof(error))
		memcpy(&error, nlmsg_data(hdr), sizeof(error));
	if (error < 0) {
		read_extack(x, hdr, (const char *)nlmsg_data(hdr) + sizeof(error),
			    nlmsg_datalen(hdr) - sizeof(error));
		set_kernel_error(x, -error);
	}
	return NL_STOP;
}

static int receive(struct vg_nl *nl, struct exchange *x)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int ret = 0;

	if (!cb)
		return fail(x->err, ENOMEM, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, x);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, x);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, x);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, x);
	while (!x->done && !x->error && ret >= 0)
		ret = nl_recvmsgs(nl->sock, cb);
	nl_cb_put(cb);

	if (x->error > 0)
		return -x->error;
	if (x->error < 0)
		return fail(x->err, -x->error, NULL);
	if (ret == -NLE_DUMP_INTR)
		return -EINTR;
	return ret < 0 ? fail_nl(x->err, ret) : 0;
}

/**
 * vg_nl_request - send a request and wait for what it leads to
 * @nl: connection
 * @msg: request; wiped and freed in any case
 * @fn: called for a reply, or NULL
 * @arg: for @fn
 * @err: why not; .doing is left alone
 *
 * Return: 0 or -errno.
 */
int vg_nl_request(struct vg_nl *nl, struct nl_msg *msg, vg_nl_fn fn, void *arg,
		  struct vg_nl_error *err)
{
	struct exchange x = { .fn = fn, .arg = arg, .err = err };
	char why[64];
	int ret;

	if (!msg)
		return fail(err, ENOMEM, NULL);
	err->text[0] = '\0';
	err->attr[0] = '\0';
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	x.request = nlmsg_hdr(msg);
	ret = nl_send_auto(nl->sock, msg);
	if (ret < 0) {
		ret = fail_nl(err, ret);
	} else {
		ret = receive(nl, &x);
		/* not refused by the kernel: nobody knows whether it was done */
		if (ret < 0 && !x.error) {
			snprintf(why, sizeof(why), "%.63s", err->text);
			snprintf(err->text, sizeof(err->text), "the kernel's answer was lost "
				 "(%s); look whether the request was done", why);
		}
	}
	vg_nl_msg_free(msg);
	return ret;
}

/**
 * vg_nl_simple - a request without attributes
 * @nl: connection
 * @cmd: command
 * @fn: called for a reply, or NULL
 * @arg: for @fn
 * @err: why not
 *
 * Return: 0 or -errno.
 */
int vg_nl_simple(struct vg_nl *nl, uint8_t cmd, vg_nl_fn fn, void *arg, struct vg_nl_error *err)
{
	return vg_nl_request(nl, vg_nl_msg(nl, cmd, 0), fn, arg, err);
}

/**
 * vg_nl_dump - read all objects of one noun
 * @nl: connection
 * @cmd: command
 * @fn: called for each message
 * @restart: called when a change under way spoilt the dump, before it is
 *	started again
 * @arg: for both
 * @err: why not
 *
 * Return: 0 or -errno.
 */
int vg_nl_dump(struct vg_nl *nl, uint8_t cmd, vg_nl_fn fn, void (*restart)(void *), void *arg,
	       struct vg_nl_error *err)
{
	int ret = -EINTR;

	for (int i = 0; i < DUMP_RETRIES && ret == -EINTR; i++) {
		struct nl_msg *msg = vg_nl_msg(nl, cmd, NLM_F_DUMP);
		struct exchange x = { .fn = fn, .arg = arg, .err = err };

		if (!msg)
			return fail(err, ENOMEM, NULL);
		restart(arg);
		ret = nl_send_auto(nl->sock, msg);
		vg_nl_msg_free(msg);
		if (ret < 0)
			return fail_nl(err, ret);
		ret = receive(nl, &x);
	}
	if (ret == -EINTR)
		return fail(err, EAGAIN, "the table keeps changing while it is read; try again");
	return ret;
}

/**
 * vg_nl_subscribe - ask for the notifications of some groups
 * @nl: connection, afterwards good for vg_nl_listen() only
 * @groups: names of the groups
 * @n: how many, at most 16
 * @err: why not
 *
 * Return: 0 or -errno.
 */
int vg_nl_subscribe(struct vg_nl *nl, const char *const *groups, size_t n,
		    struct vg_nl_error *err)
{
	int id[16], ret = 0;

	if (n > VG_ARRAY_SIZE(id))
		return fail(err, E2BIG, NULL);
	/* All questions first: a notification among the answers would upset libnl. */
	for (size_t i = 0; i < n; i++) {
		id[i] = genl_ctrl_resolve_grp(nl->sock, VPNGW_FAMILY_NAME, groups[i]);
		if (id[i] < 0)
			return fail_nl(err, id[i]);
	}
	for (size_t i = 0; i < n && ret >= 0; i++)
		ret = nl_socket_add_membership(nl->sock, id[i]);
	return ret < 0 ? fail_nl(err, ret) : 0;
}

/* Notifications answer no request, so their number is nobody's successor. */
static int any_sequence(struct nl_msg *msg, void *arg)
{
	return NL_OK;
}

/**
 * vg_nl_wait - wait for a notification
 * @nl: connection of vg_nl_subscribe()
 * @mask: signals that are blocked meanwhile, or NULL for no change. Those that the
 *	caller has blocked itself and leaves out here are not missed
 *
 * libnl goes on waiting when a signal has come.
 *
 * Return: 0, -EINTR if a signal was handled, or another -errno.
 */
int vg_nl_wait(struct vg_nl *nl, const sigset_t *mask)
{
	struct pollfd fd = { .fd = nl_socket_get_fd(nl->sock), .events = POLLIN };

	return ppoll(&fd, 1, NULL, mask) < 0 ? -errno : 0;
}

/**
 * vg_nl_listen - handle the notifications that have arrived, wait for one
 * @nl: connection
 * @fn: called for each; a negative return ends the wait with it
 * @arg: for @fn
 * @err: why not
 *
 * Return: 0, -ENOBUFS if notifications were lost, or another -errno.
 */
int vg_nl_listen(struct vg_nl *nl, vg_nl_fn fn, void *arg, struct vg_nl_error *err)
{
	struct exchange x = { .fn = fn, .arg = arg, .err = err };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int ret;

	if (!cb)
		return fail(err, ENOMEM, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &x);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, any_sequence, NULL);
	errno = 0;
	ret = nl_recvmsgs(nl->sock, cb);
	nl_cb_put(cb);
	if (x.error < 0)
		return x.error;
	/* libnl turns a full socket buffer into "out of memory". */
	if (ret == -NLE_NOMEM && errno == ENOBUFS)
		return -ENOBUFS;
	if (ret == -NLE_INTR || errno == EINTR)
		return -EINTR;
	return ret < 0 ? fail_nl(err, ret) : 0;
}
