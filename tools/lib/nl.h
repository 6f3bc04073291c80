/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VG_NL_H
#define VG_NL_H

#include <signal.h>

#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "model.h"

/* Requests stay below this, so that nest lengths (16 bit) never overflow. */
#define VG_NL_MSG_SIZE (32 * 1024)

struct vg_nl;

/**
 * struct vg_nl_error - why the kernel, or the way to it, said no
 * @code: positive errno
 * @text: the kernel's own words, or ours where it had none
 * @attr: the attribute at fault, such as "acl.ace[3].src-wild", or ""
 * @line: line of the configuration of the object at fault, 0 if unknown
 * @doing: what was being tried
 */
struct vg_nl_error {
	int code;
	char text[256];
	char attr[128];
	unsigned int line;
	char doing[128];
};

/**
 * struct vg_reply - one message of the kernel
 * @cmd: command
 * @top: its attributes by type; of one that repeats, the last
 * @head: its attributes one by one
 * @len: length of all of them
 */
struct vg_reply {
	uint8_t cmd;
	struct nlattr *top[VPNGW_A_MAX + 1];
	struct nlattr *head;
	int len;
};

typedef int (*vg_nl_fn)(const struct vg_reply *r, void *arg);

int vg_nl_open(struct vg_nl **nl, struct vg_nl_error *err);
void vg_nl_close(struct vg_nl *nl);
struct nl_msg *vg_nl_msg(struct vg_nl *nl, uint8_t cmd, int flags);
void vg_nl_msg_free(struct nl_msg *msg);
int vg_nl_request(struct vg_nl *nl, struct nl_msg *msg, vg_nl_fn fn, void *arg,
		  struct vg_nl_error *err);
int vg_nl_simple(struct vg_nl *nl, uint8_t cmd, vg_nl_fn fn, void *arg, struct vg_nl_error *err);
int vg_nl_dump(struct vg_nl *nl, uint8_t cmd, vg_nl_fn fn, void (*restart)(void *), void *arg,
	       struct vg_nl_error *err);
int vg_nl_subscribe(struct vg_nl *nl, const char *const *groups, size_t n,
		    struct vg_nl_error *err);
int vg_nl_wait(struct vg_nl *nl, const sigset_t *mask);
int vg_nl_listen(struct vg_nl *nl, vg_nl_fn fn, void *arg, struct vg_nl_error *err);
int vg_nl_fd(struct vg_nl *nl);

void vg_nl_locate(const struct nlmsghdr *request, unsigned int offset, struct vg_nl_error *err);

/* Attributes of a width other than expected read as absent. */
uint8_t vg_get_u8(struct nlattr *a);
uint16_t vg_get_u16(struct nlattr *a);
uint32_t vg_get_u32(struct nlattr *a);
uint64_t vg_get_u64(struct nlattr *a);
uint32_t vg_get_addr(struct nlattr *a);
void vg_get_str(struct nlattr *a, char *buf, size_t size);
int vg_put_addr(struct nl_msg *msg, int type, uint32_t addr);
int vg_parse_nest(struct nlattr **tb, int max, struct nlattr *nest);

/* One noun each: model to attributes, and back. */
int vg_put_acl(struct nl_msg *msg, const struct vg_acl *acl, size_t *from);
int vg_get_acl(struct nlattr *nest, struct vg_config *cfg);
int vg_put_route_map(struct nl_msg *msg, const struct vg_route_map *rm);
int vg_get_route_map(struct nlattr *nest, struct vg_config *cfg);
int vg_put_pool(struct nl_msg *msg, const struct vg_pool *pool);
int vg_get_pool(struct nlattr *nest, struct vg_config *cfg);
int vg_put_nat_rule(struct nl_msg *msg, const struct vg_nat_rule *rule);
int vg_get_nat_rule(struct nlattr *nest, struct vg_config *cfg);
int vg_put_nat(struct nl_msg *msg, const struct vg_nat *nat);
int vg_get_nat(struct nlattr *nest, struct vg_nat *nat);
int vg_put_policy(struct nl_msg *msg, const struct vg_config *cfg, const struct vg_map_entry *e);
int vg_get_policy(struct nlattr *nest, struct vg_config *cfg);
int vg_put_iface(struct nl_msg *msg, const struct vg_iface *iface);
int vg_get_iface(struct nlattr *nest, struct vg_config *cfg);
int vg_put_sa(struct nl_msg *msg, const struct vg_sa *sa);
int vg_get_sa(struct nlattr *nest, struct vg_sa *sa);
int vg_get_xlate(struct nlattr *nest, struct vg_xlate *x);
int vg_get_drop(struct nlattr *nest, struct vg_drop *drop);
int vg_get_drops(const struct vg_reply *r, struct vg_config *cfg);
int vg_reply_parse(struct nlmsghdr *hdr, struct vg_reply *r);

/**
 * enum vg_commit_kind - what a transaction is for
 * @VG_COMMIT_LOAD: make a configuration the running one
 * @VG_COMMIT_UNLOAD: the same, and delete every association
 * @VG_COMMIT_TRY: let the kernel look at all objects, then abort
 */
enum vg_commit_kind {
	VG_COMMIT_LOAD,
	VG_COMMIT_UNLOAD,
	VG_COMMIT_TRY,
};

int vg_commit(struct vg_nl *nl, const struct vg_config *cfg, enum vg_commit_kind kind,
	      uint32_t *generation, struct vg_nl_error *err);
int vg_fetch(struct vg_nl *nl, uint8_t cmd, struct vg_config *state, struct vg_nl_error *err);

#endif
