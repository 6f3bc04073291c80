/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the parser and the handlers of its commands. */
#ifndef VG_PARSER_H
#define VG_PARSER_H

#include "grammar.h"
#include "model.h"
#include "parse.h"

enum vg_mode {
	VG_MODE_GLOBAL,
	VG_MODE_IFACE,
	VG_MODE_ACL_STANDARD,
	VG_MODE_ACL_EXTENDED,
	VG_MODE_ROUTE_MAP,
	VG_MODE_POOL,
	VG_MODE_TRANSFORM,
	VG_MODE_MAP,
	VG_MODE_DYNAMIC,
	VG_MODE_POLICY,
	VG_MODE_KEYRING,
	VG_MODE_GROUP,
	VG_MODE_SKIP,		/* inside something that has no effect here */
	VG_MODES,
};

/* The compiled tables of language.c, by mode; NULL where a mode has no commands. */
struct vg_language {
	struct vg_grammar *mode[VG_MODES];
};

/**
 * struct vg_parser - state of reading a configuration
 * @mode: sub-mode that the next line belongs to
 * @cur: index of the object of that sub-mode in its list
 * @keyring: name of the keyring being read
 * @noise: columns of the current line that a terminal has added in front
 * @indent: indentation of the line that opened the sub-mode
 * @at: position of the command being handled
 * @no: it is a "no" or "default" form
 * @is_default: it is a "default" form
 * @base: indentation of the first line below an interface, 0 before that
 * @nested: inside a sub-mode of an interface that is none of ours
 * @indented: sub-mode lines are indented in this text, so that one which is
 *	not is meant for the global mode
 * @noop: the handler says that the line has no effect here
 */
struct vg_parser {
	struct vg_config *cfg;
	struct vg_diags *diags;
	const struct vg_parse_options *opt;
	struct vg_language *lang;
	struct vg_match match;
	struct vg_token *tok;
	enum vg_mode mode;
	size_t cur, cur_sub;
	char keyring[VG_NAME_LEN];
	unsigned int noise, indent, base;
	struct vg_src at;
	bool no, is_default, noop, indented, nested;
	char quote;		/* end of a banner being read */
	bool more, full;	/* it has text already; it has too much */
	enum { NO_CHAIN, CHAIN, CHAIN_LEFT } chain;	/* what was kept last is a chain of
							 * certificates, below which they are,
							 * and maybe another line came since
							 */
	bool certificate;	/* inside the hexadecimal text of one */
	struct vg_src open_at;	/* where either of them began */
};

/* Without memory a handler returns -ENOMEM; all else is a diagnostic. */
typedef int (*vg_handler)(struct vg_parser *p, const struct vg_match *m);

struct vg_mode_table {
	const char *name;
	const struct vg_cmd *cmds;
	size_t n;
};

extern const struct vg_mode_table vg_modes[VG_MODES];

#define vg_error(p, cap, ...) \
	vg_diag_add((p)->diags, VG_ERROR, vg_cap_at(p, cap), __VA_ARGS__)
#define vg_warn(p, cap, ...) \
	vg_diag_add((p)->diags, VG_WARNING, vg_cap_at(p, cap), __VA_ARGS__)

void vg_incomplete(struct vg_parser *p, const struct vg_match *m, const char *expected);
struct vg_src vg_cap_at(const struct vg_parser *p, const struct vg_capture *cap);
void vg_ref_set(struct vg_parser *p, struct vg_ref *ref, const struct vg_match *m,
		const char *label);
void vg_ref_set_acl(struct vg_parser *p, struct vg_ref *ref, const struct vg_match *m,
		    const char *label);
void vg_iface_name(const struct vg_match *m, char name[VG_NAME_LEN]);

int vg_cmd_inert(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_refuse(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_certificate(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_banner(struct vg_parser *p, const struct vg_match *m);
bool vg_in_banner(struct vg_parser *p, const char *line);
bool vg_in_certificate(struct vg_parser *p, const char *line);
void vg_leave_chain(struct vg_parser *p, const char *line);
int vg_cmd_end(struct vg_parser *p, const struct vg_match *m);

int vg_cmd_interface(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_address(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_dynamic_address(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_nat(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_crypto_map(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_route_cache(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_access_group(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_if_adjust_mss(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_route(struct vg_parser *p, const struct vg_match *m);

int vg_cmd_acl_numbered(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_named(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_entry(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_no_seq(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_remark(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_numbered_remark(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_no(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_acl_resequence(struct vg_parser *p, const struct vg_match *m);
int vg_acls_finish(struct vg_config *cfg, struct vg_diags *diags);

int vg_cmd_route_map(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_rm_match_acl(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_rm_match_iface(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_rm_foreign(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_pool(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_pool_no(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_pool_address(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_source(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_static(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_unsupported(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_timer(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_host_limit(struct vg_parser *p, const struct vg_match *m);

int vg_cmd_transform_set(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_transform_mode(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_transform_esn(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_lifetime(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_transparency(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_replay(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_df_bit(struct vg_parser *p, const struct vg_match *m);

int vg_cmd_crypto_map(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_crypto_map_no(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_dynamic_map(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_dynamic_map_no(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_local(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_client(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_dynamic_peer(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_peer(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_acl(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_transform(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_pfs(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_lifetime(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_reverse_route(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_key(struct vg_parser *p, const struct vg_match *m);
void vg_maps_finish(struct vg_config *cfg);

int vg_cmd_isakmp_policy(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_policy_encr(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_policy_hash(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_policy_auth(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_policy_group(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_policy_lifetime(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_isakmp_key(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_keyring(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_keyring_key(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_key_local(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_key_hostname(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_client_pool(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_keepalive(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_nat_keepalive(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_wireshark(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_isakmp_enable(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_no_aggressive(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_isakmp_identity(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_local_pool(struct vg_parser *p, const struct vg_match *m);
void vg_isakmp_finish(struct vg_config *cfg);

int vg_cmd_aaa(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_aaa_list(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_username(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_map_list(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_key(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_servers(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_domain(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_pool(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_acl(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_netmask(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_flag(struct vg_parser *p, const struct vg_match *m);
int vg_cmd_group_banner(struct vg_parser *p, const struct vg_match *m);
void vg_group_banner_line(struct vg_parser *p, const char *line);

#endif
