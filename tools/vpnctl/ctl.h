/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VPNCTL_H
#define VPNCTL_H

#include <getopt.h>
#include <stdio.h>

#include <json-c/json.h>

#include "bind.h"
#include "grammar.h"
#include "nl.h"
#include "parse.h"
#include "text.h"

#define EXIT_OK		0
#define EXIT_REFUSED	1
#define EXIT_USAGE	2

/**
 * struct ctl - one run of the program
 * @nl: connection to the kernel, opened for the commands that need it
 * @out: where answers go
 * @json: answers are JSON
 * @system: load: change addresses and routes of this host, too
 * @secrets: show keys and passwords
 * @complete: list what the last word may become
 * @dry_run: load: say what would change
 * @rollback: load: seconds after which to go back unless confirmed, 0 for never
 * @run_dir: where vpnd listens and the running configuration is kept
 * @pcap: packet-tracer: capture whose packets are traced, or NULL
 * @wireshark: where "show crypto keys" writes
 * @count: events after which "monitor" and "debug" stop, 0 for never
 * @rate: events a second that "debug" tells of, 0 for the default
 */
struct ctl {
	struct vg_nl *nl;
	FILE *out;
	bool json, system, secrets, dry_run, complete;
	unsigned int rollback;
	const char *run_dir, *pcap, *wireshark;
	unsigned long count, rate;
	struct vg_parse_options parse;
	struct vg_binding *bindings;
	size_t n_bindings;
};

typedef int (*ctl_fn)(struct ctl *c, const struct vg_match *m);

int cmd_load(struct ctl *c, const struct vg_match *m);
int cmd_check(struct ctl *c, const struct vg_match *m);
int cmd_unload(struct ctl *c, const struct vg_match *m);
int cmd_confirm(struct ctl *c, const struct vg_match *m);
int cmd_show_running(struct ctl *c, const struct vg_match *m);
int cmd_show_crypto_sa(struct ctl *c, const struct vg_match *m);
int cmd_show_transform_sets(struct ctl *c, const struct vg_match *m);
int cmd_show_dynamic_maps(struct ctl *c, const struct vg_match *m);
int cmd_show_crypto_map(struct ctl *c, const struct vg_match *m);
int cmd_show_engine(struct ctl *c, const struct vg_match *m);
int cmd_show_weak(struct ctl *c, const struct vg_match *m);
int cmd_show_isakmp_statistics(struct ctl *c, const struct vg_match *m);
int cmd_show_isakmp_sa(struct ctl *c, const struct vg_match *m);
int cmd_show_isakmp_policy(struct ctl *c, const struct vg_match *m);
int cmd_show_isakmp_key(struct ctl *c, const struct vg_match *m);
int cmd_show_keys(struct ctl *c, const struct vg_match *m);
int cmd_show_session(struct ctl *c, const struct vg_match *m);
int cmd_show_local_pool(struct ctl *c, const struct vg_match *m);
int cmd_clear_session(struct ctl *c, const struct vg_match *m);
int cmd_connect_session(struct ctl *c, const struct vg_match *m);
int cmd_clear_isakmp(struct ctl *c, const struct vg_match *m);
int cmd_show_translations(struct ctl *c, const struct vg_match *m);
int cmd_show_nat_statistics(struct ctl *c, const struct vg_match *m);
int cmd_show_access_lists(struct ctl *c, const struct vg_match *m);
int cmd_show_route_map(struct ctl *c, const struct vg_match *m);
int cmd_show_drops(struct ctl *c, const struct vg_match *m);
int cmd_show_interfaces(struct ctl *c, const struct vg_match *m);
int cmd_clear_sa(struct ctl *c, const struct vg_match *m);
int cmd_clear_sa_counters(struct ctl *c, const struct vg_match *m);
int cmd_clear_translation(struct ctl *c, const struct vg_match *m);
int cmd_clear_access_list(struct ctl *c, const struct vg_match *m);
int cmd_clear_nat_statistics(struct ctl *c, const struct vg_match *m);
int cmd_clear_drops(struct ctl *c, const struct vg_match *m);
int cmd_packet_tracer(struct ctl *c, const struct vg_match *m);
int cmd_debug_nat(struct ctl *c, const struct vg_match *m);
int cmd_debug_packet(struct ctl *c, const struct vg_match *m);
int cmd_debug_engine(struct ctl *c, const struct vg_match *m);
int cmd_monitor(struct ctl *c, const struct vg_match *m);
int cmd_debug_keys(struct ctl *c, const struct vg_match *m);
int cmd_undebug_keys(struct ctl *c, const struct vg_match *m);
int cmd_version(struct ctl *c, const struct vg_match *m);
int cmd_help(struct ctl *c, const struct vg_match *m);

extern const struct vg_cmd ctl_commands[];
extern const size_t ctl_n_commands;
extern const struct option ctl_options[];

int help_next(FILE *out, const struct vg_token *tok, size_t n, const char *prefix);
void help_complete(const struct vg_token *tok, size_t n, const char *prefix,
		   void (*fn)(void *arg, const char *word), void *arg);
void help_commands(FILE *out);
int ctl_prompt(struct ctl *c);
int ctl_filtered(struct ctl *c, ctl_fn fn, const struct vg_match *m);
int ctl_run(struct ctl *c, const struct vg_token *tok, size_t n);
int ctl_main(int argc, char **argv, FILE *out);
int ctl_open(struct ctl *c);
int ctl_error(const struct vg_nl_error *err);
int ctl_fetch(struct ctl *c, uint8_t cmd, struct vg_config **state);
int ctl_ask(struct ctl *c, const char *line, char **answer);
int ctl_follow(struct ctl *c, const char *line);
int ctl_running(struct ctl *c, struct vg_config **cfg);
void ctl_hand_over(struct ctl *c, const char *text, size_t len, bool negotiated);
int ctl_difference(struct ctl *c, const struct vg_config *cfg, FILE *out);
int rollback_prepare(struct ctl *c);
void rollback_arm(struct ctl *c);
void rollback_drop(const struct ctl *c);
void ctl_print_json(struct ctl *c, struct json_object *obj);

/* Views: they know the model and a stream, so that tests can call them. */
struct view {
	struct vg_config *iface, *policy, *sa, *acl, *route_map, *pool, *rule, *xlate, *nat;
};

void view_narrow(struct view *v, uint32_t peer, const char *map, const char *iface);
void view_crypto_sa(FILE *out, const struct view *v, bool detail);
void view_crypto_map(FILE *out, const struct view *v);
void view_translations(FILE *out, const struct vg_config *state, const struct vg_config *rules,
		       bool verbose);
void view_nat_statistics(FILE *out, const struct view *v);
void view_access_lists(FILE *out, const struct vg_config *state, const char *name);
void view_route_maps(FILE *out, const struct vg_config *state, const struct vg_config *iface,
		     const char *name);
void view_drops(FILE *out, const struct vg_config *state, bool all);
void view_interfaces(FILE *out, const struct vg_config *state);
void view_engine(FILE *out, const struct view *v, const struct vg_config *cfg, char *ike);
void view_weak(FILE *out, const struct vg_diags *diags, const struct vg_config *sas);
void view_transform_sets(FILE *out, const struct vg_config *cfg, const char *name);
void view_dynamic_maps(FILE *out, const struct vg_config *cfg, const char *name);
void view_isakmp_policies(FILE *out, const struct vg_config *cfg);
int keys_tables(char *answer, FILE *ike, FILE *esp, unsigned int *missing);
int keys_merge(int dir, const char *name, const char *lines);
void view_isakmp_keys(FILE *out, const struct vg_config *cfg, bool secrets);
void view_free(struct view *v);
const char *view_iface_name(const struct vg_config *iface, uint32_t ifindex, char buf[32]);
void view_event(FILE *out, const char *time, const struct vg_reply *r);

/* The same as JSON; what is not the array of a noun is an object of it. */
struct json_object *json_sa(const struct vg_sa *sa);
struct json_object *json_policy(const struct vg_map_entry *e);
struct json_object *json_xlate(const struct vg_xlate *x);
struct json_object *json_fixed(const struct vg_nat_rule *r);
struct json_object *json_acl(const struct vg_acl *acl);
struct json_object *json_route_map(const struct vg_route_map *rm, const struct vg_config *iface);
struct json_object *json_nat_statistics(const struct view *v);
struct json_object *json_iface(const struct vg_iface *iface);
struct json_object *json_drop(const struct vg_drop *drop);
struct json_object *json_event(const char *time, const struct vg_reply *r);
struct json_object *json_engine(const struct view *v);
struct json_object *json_weak(const struct vg_diags *diags, const struct vg_config *sas);
struct json_object *json_transform_sets(const struct vg_config *cfg, const char *name);
struct json_object *json_dynamic_maps(const struct vg_config *cfg, const char *name);
struct json_object *json_policies(const struct vg_config *cfg);
struct json_object *json_shared_keys(const struct vg_config *cfg, bool secrets);
struct json_object *json_isakmp_sas(char *text);
struct json_object *json_sessions(char *text);
struct json_object *json_local_pools(char *text);
struct json_object *json_diags(const struct vg_diags *diags);
void json_addr(struct json_object *obj, const char *key, uint32_t addr);
void json_str(struct json_object *obj, const char *key, const char *value);
void json_num(struct json_object *obj, const char *key, uint64_t value);

#endif
