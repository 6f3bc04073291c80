// SPDX-License-Identifier: GPL-2.0
/* vpnctl: the command table, options, and what every command needs. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "daemon.h"

#define C(pattern, handler, help) { pattern, VG_FN(handler), 0, 0, help }

#define TRACED	"[{length <octets:28-65535>|df|tos <tosval:0-255>|flags <tcpflags:0-255>|"	\
		"id <idval:0-65535>}]*"

/* What follows a view, as in IOS. */
#define PIPE	" [\\| {include|exclude|begin} <filter:any>+]"

const struct vg_cmd ctl_commands[] = {
	C("load <file:word>", cmd_load, "make a configuration the running one"),
	C("confirm", cmd_confirm, "keep what load --rollback has loaded"),
	C("check <file:word>", cmd_check, "examine a configuration, touch nothing"),
	C("unload", cmd_unload, "take the running configuration and all associations away"),
	C("show running-config" PIPE, cmd_show_running, "the configuration that was loaded"),
	C("show crypto ipsec sa [{peer <addr:addr>|map <name:word>|interface <if:word>}] [detail]"
	  PIPE, cmd_show_crypto_sa, "security associations"),
	C("show crypto ipsec transform-set [<name:word>]" PIPE, cmd_show_transform_sets,
	  "how packets are protected"),
	C("show crypto dynamic-map [<name:word>]" PIPE, cmd_show_dynamic_maps,
	  "entries for peers at any address"),
	C("show crypto map" PIPE, cmd_show_crypto_map, "crypto maps and where they are applied"),
	C("show crypto engine connections active" PIPE, cmd_show_engine,
	  "associations by number, with their packets"),
	C("show crypto weak" PIPE, cmd_show_weak, "what is weak, configured and in use"),
	C("show crypto isakmp sa" PIPE, cmd_show_isakmp_sa, "negotiations with peers (vpnd)"),
	C("show crypto isakmp statistics" PIPE, cmd_show_isakmp_statistics,
	  "what was refused, and logins (vpnd)"),
	C("show crypto isakmp policy" PIPE, cmd_show_isakmp_policy, "how peers may negotiate keys"),
	C("show crypto isakmp key" PIPE, cmd_show_isakmp_key, "whose keys are configured"),
	C("show crypto session" PIPE, cmd_show_session,
	  "clients, their addresses and associations"),
	C("show crypto keys" PIPE, cmd_show_keys, "with --wireshark: for reading captures"),
	C("show ip local pool" PIPE, cmd_show_local_pool, "addresses given to clients"),
	C("show ip nat translations [verbose]" PIPE, cmd_show_translations, "live translations"),
	C("show ip nat statistics" PIPE, cmd_show_nat_statistics, "translation counters and pools"),
	C("show access-lists [<list:word>]" PIPE, cmd_show_access_lists,
	  "access lists with their counters"),
	C("show ip access-lists [<list:word>]" PIPE, cmd_show_access_lists, "the same"),
	C("show route-map [<list:word>]" PIPE, cmd_show_route_map,
	  "route-maps with their counters"),
	C("show drops [all]" PIPE, cmd_show_drops, "why packets were dropped; all: also zeros"),
	C("show interfaces" PIPE, cmd_show_interfaces, "roles of the interfaces"),
	C("clear crypto sa [{peer <addr:addr>|map <name:word> [<seq:1-65535>]|"
	  "entry <dst:addr> esp <spi:spi>}]", cmd_clear_sa,
	  "delete security associations"),
	C("clear crypto sa counters", cmd_clear_sa_counters,
	  "set counters of security associations to zero"),
	C("clear crypto isakmp [<conn:1-4294967295>]", cmd_clear_isakmp,
	  "end negotiations and tell the peers"),
	C("clear crypto session [remote <peer:addr>]", cmd_clear_session,
	  "end all that there is with a peer, or with all of them"),
	C("connect crypto session remote <peer:addr>", cmd_connect_session,
	  "have keys negotiated with a peer before packets need them"),
	C("clear ip nat translation {*=all|all} [forced]", cmd_clear_translation,
	  "delete translations"),
	C("clear ip nat translation [{tcp|udp|icmp}] inside <ig:addr> <il:addr> "
	  "[outside <ol:addr> <og:addr>] [forced]", cmd_clear_translation,
	  "those of a host, to another"),
	C("clear ip nat translation {tcp|udp|icmp} inside <ig:addr> <igport:0-65535> <il:addr> "
	  "<ilport:0-65535> [outside <ol:addr> <olport:0-65535> <og:addr> <ogport:0-65535>] "
	  "[forced]", cmd_clear_translation, "one connection"),
	C("clear ip nat translation outside <ol:addr> <og:addr> [forced]", cmd_clear_translation,
	  "those to an outside host"),
	C("clear ip nat statistics", cmd_clear_nat_statistics, "set translation counters to zero"),
	C("clear access-list counters [<list:word>]", cmd_clear_access_list,
	  "set access list counters to zero"),
	C("clear drops", cmd_clear_drops, "set drop counters to zero"),
	C("packet-tracer input <if:word> tcp <src:addr> <sport:tport> <dst:addr> <dport:tport> "
	  TRACED, cmd_packet_tracer, "what would become of a packet, and why"),
	C("packet-tracer input <if:word> udp <src:addr> <sport:uport> <dst:addr> <dport:uport> "
	  TRACED, cmd_packet_tracer, "the same for UDP"),
	C("packet-tracer input <if:word> icmp <src:addr> [<icmptype:0-255> <icmpcode:0-255>] "
	  "<dst:addr> " TRACED, cmd_packet_tracer, "the same for ICMP"),
	C("packet-tracer input <if:word> <proto:proto> <src:addr> <dst:addr> " TRACED,
	  cmd_packet_tracer, "the same for any other protocol"),
	C("packet-tracer input <if:word>", cmd_packet_tracer,
	  "the same for each packet of a capture (--pcap)"),
	C("debug ip nat [detailed]", cmd_debug_nat, "follow what NAT does with packets"),
	C("debug ip packet", cmd_debug_packet, "follow the packets that are dropped"),
	C("debug crypto engine", cmd_debug_engine,
	  "follow the packets and associations of ESP"),
	C("monitor", cmd_monitor, "print events as they happen"),
	C("debug crypto {isakmp|ipsec|all}", cmd_debug_keys,
	  "follow negotiations with peers (vpnd) until interrupted"),
	C("undebug {all|crypto {isakmp|ipsec|engine|all}}", cmd_undebug_keys,
	  "end that, wherever it was begun"),
	C("no debug {all|crypto {isakmp|ipsec|engine|all}}", cmd_undebug_keys, "the same"),
	C("version", cmd_version, "version of this program"),
	C("help", cmd_help, "this list"),
};

const size_t ctl_n_commands = VG_ARRAY_SIZE(ctl_commands);

const struct option ctl_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "strict", no_argument, NULL, 's' },
	{ "force-static-aead", no_argument, NULL, 'f' },
	{ "interface", required_argument, NULL, 'i' },
	{ "system", no_argument, NULL, 'S' },
	{ "complete", no_argument, NULL, 'C' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "rollback", required_argument, NULL, 'R' },
	{ "run-dir", required_argument, NULL, 'r' },
	{ "secrets", no_argument, NULL, 'k' },
	{ "wireshark", required_argument, NULL, 'w' },
	{ "count", required_argument, NULL, 'c' },
	{ "rate", required_argument, NULL, 'l' },
	{ "pcap", required_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(FILE *out)
{
	fputs("Usage: vpnctl [OPTION...] COMMAND\n\nCommands may be abbreviated; ? in place of a word lists the next ones:\n",
	      out);
	help_commands(out);
	fputs("\nOptions:\n"
	      "  --json                  answer as JSON (see json-schema)\n"
	      "  --strict                load, check: a line without effect is an error\n"
	      "  --force-static-aead     load, check: accept GCM and the like with manual keys\n"
	      "  --interface NAME=DEVICE load: the device of an interface\n"
	      "  --system                load: give this host the addresses and static routes, too\n"
	      "  --dry-run               load: say what would change, change nothing\n"
	      "  --rollback SECONDS      load: go back unless confirmed by then\n"
	      "  --secrets               show: keys and passwords, too\n"
	      "  --run-dir DIR           where vpnd listens, default " VG_RUN_DIR "\n"
	      "                          (in another network namespace: a directory in it)\n"
	      "  --count N               monitor, debug: stop after N events\n"
	      "  --pcap FILE             packet-tracer: trace the packets of a capture\n"
	      "  --rate N                debug: tell of so many events a second, default 200\n"
	      "  --wireshark DIR         show crypto keys: where they are written\n"
	      "\nExit status: 0 done, 1 refused or failed, 2 wrong usage.\n", out);
}

int cmd_help(struct ctl *c, const struct vg_match *m)
{
	print_help(c->out);
	return EXIT_OK;
}

int cmd_version(struct ctl *c, const struct vg_match *m)
{
	struct json_object *obj;

	if (!c->json) {
		fprintf(c->out, "vpnctl %s\n", VPNGW_VERSION);
		return EXIT_OK;
	}
	obj = json_object_new_object();
	json_str(obj, "version", VPNGW_VERSION);
	ctl_print_json(c, obj);
	return EXIT_OK;
}

/**
 * ctl_error - say why the kernel, or the way to it, failed
 * @err: why
 *
 * Return: exit status.
 */
int ctl_error(const struct vg_nl_error *err)
{
	fprintf(stderr, "vpngw: %s%s%s%s%s%s\n", err->doing, err->doing[0] ? ": " : "", err->text,
		err->attr[0] ? " (attribute " : "", err->attr, err->attr[0] ? ")" : "");
	return EXIT_REFUSED;
}

/**
 * ctl_open - reach the kernel module
 * @c: this run
 *
 * Return: 0, or exit status after a message.
 */
int ctl_open(struct ctl *c)
{
	struct vg_nl_error err;

	if (c->nl || !vg_nl_open(&c->nl, &err))
		return 0;
	return ctl_error(&err);
}

/**
 * ctl_fetch - read all objects of one noun
 * @c: this run
 * @cmd: dump command
 * @state: where the new state goes, NULL on failure
 *
 * Return: 0, or exit status after a message.
 */
int ctl_fetch(struct ctl *c, uint8_t cmd, struct vg_config **state)
{
	struct vg_nl_error err = { 0 };

	*state = vg_config_new();
	if (!*state)
		return EXIT_REFUSED;
	if (ctl_open(c) || (vg_fetch(c->nl, cmd, *state, &err) && ctl_error(&err))) {
		vg_config_free(*state);
		*state = NULL;
		return EXIT_REFUSED;
	}
	return 0;
}

/**
 * ctl_print_json - print and free an object
 * @c: this run
 * @obj: object
 */
void ctl_print_json(struct ctl *c, struct json_object *obj)
{
	fprintf(c->out, "%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
			JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

static int add_binding(struct ctl *c, const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t cap = c->n_bindings;
	struct vg_binding *b;

	if (!eq || eq == arg || !eq[1]) {
		fprintf(stderr, "vpnctl: --interface wants NAME=DEVICE, not '%s'\n", arg);
		return EXIT_USAGE;
	}
	b = vg_push(&c->bindings, &c->n_bindings, &cap);
	if (!b)
		return EXIT_REFUSED;
	*b = (struct vg_binding){ arg, eq - arg, eq + 1, false };
	return 0;
}

static int read_number(const char *name, unsigned long *value)
{
	char *end;

	*value = strtoul(optarg, &end, 10);
	if (!*end && *value)
		return 0;
	fprintf(stderr, "vpnctl: --%s wants a number\n", name);
	return EXIT_USAGE;
}

static int read_options(struct ctl *c, int argc, char **argv)
{
	char *end;
	int opt, ret;

	optind = 0;
	while ((opt = getopt_long(argc, argv, "jh", ctl_options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			c->json = true;
			break;
		case 's':
			c->parse.strict = true;
			break;
		case 'f':
			c->parse.force_static_aead = true;
			break;
		case 'S':
			c->system = true;
			break;
		case 'i':
			ret = add_binding(c, optarg);
			if (ret)
				return ret;
			break;
		case 'C':		/* for the shell's completion */
			c->complete = true;
			break;
		case 'n':
			c->dry_run = true;
			break;
		case 'R':
			c->rollback = strtoul(optarg, &end, 10);
			if (!*end && c->rollback && c->rollback <= 86400)
				break;
			fprintf(stderr, "vpnctl: --rollback wants 1 to 86400 seconds\n");
			return EXIT_USAGE;
		case 'k':
			c->secrets = true;
			break;
		case 'r':
			c->run_dir = optarg;
			break;
		case 'w':
			c->wireshark = optarg;
			break;
		case 'c':
		case 'l':
			ret = read_number(opt == 'c' ? "count" : "rate",
					  opt == 'c' ? &c->count : &c->rate);
			if (ret)
				return ret;
			break;
		case 'p':
			c->pcap = optarg;
			break;
		case 'h':
			print_help(c->out);
			return -1;
		case 'V':
			cmd_version(c, NULL);
			return -1;
		default:
			fprintf(stderr, "vpnctl: see 'vpnctl help'\n");
			return EXIT_USAGE;
		}
	}
	return 0;
}

static void misunderstood(const struct vg_token *tok, size_t n, const struct vg_match *m)
{
	fputs("vpnctl:", stderr);
	for (size_t i = 0; i < m->where && i < n; i++)
		fprintf(stderr, " %s", tok[i].text);
	if (m->where < n)
		fprintf(stderr, " '%s' <- %s", tok[m->where].text,
			m->ambiguous ? "ambiguous" : "not understood");
	fprintf(stderr, "%s\n  expected: %s\n", m->where < n ? "" : " ... is incomplete",
		m->expected);
}

/**
 * ctl_run - run one command
 * @c: this run
 * @tok: its words
 * @n: how many
 *
 * Return: exit status.
 */
int ctl_run(struct ctl *c, const struct vg_token *tok, size_t n)
{
	const char *last = n ? tok[n - 1].text : "";
	struct vg_grammar *g;
	struct vg_match m = { 0 };
	int ret = EXIT_USAGE;

	if (n && *last && last[strlen(last) - 1] == '?') {
		char *prefix = strndup(last, strlen(last) - 1);

		ret = prefix ? help_next(c->out, tok, n - 1, prefix) : EXIT_REFUSED;
		free(prefix);
		return ret;
	}
	g = vg_grammar_new(ctl_commands, ctl_n_commands);
	if (g && vg_grammar_match(g, tok, n, &m) == VG_MATCH)
		ret = ctl_filtered(c, (ctl_fn)m.cmd->fn, &m);
	else
		misunderstood(tok, n, &m);
	vg_match_free(&m);
	vg_grammar_free(g);
	return ret;
}

static void print_candidate(void *out, const char *word)
{
	fprintf(out, "%s\n", word);
}

/* Options of the table; what completion itself uses is none for people. */
static void complete_option(FILE *out, const char *prefix)
{
	char text[40];

	for (const struct option *opt = ctl_options; opt->name; opt++) {
		snprintf(text, sizeof(text), "--%s", opt->name);
		if (opt->val != 'C' && !strncmp(text, prefix, strlen(prefix)))
			fprintf(out, "%s\n", text);
	}
}

static int run_words(struct ctl *c, int argc, char **argv)
{
	struct vg_token *tok = calloc(argc + 1, sizeof(*tok));
	int ret = EXIT_OK;

	if (!tok)
		return EXIT_REFUSED;
	for (int i = 0; i < argc; i++)
		tok[i] = (struct vg_token){ argv[i], strlen(argv[i]), i + 1 };
	if (c->complete && *argv[argc - 1] == '-')
		complete_option(c->out, argv[argc - 1]);
	else if (c->complete)
		help_complete(tok, argc - 1, argv[argc - 1], print_candidate, c->out);
	else
		ret = ctl_run(c, tok, argc);
	free(tok);
	return ret;
}

/**
 * ctl_main - the program
 * @argc: as for main()
 * @argv: as for main()
 * @out: where answers go
 *
 * Return: exit status.
 */
int ctl_main(int argc, char **argv, FILE *out)
{
	char run_dir[VG_RUN_DIR_LEN];
	struct ctl c = { .out = out, .run_dir = vg_run_dir(run_dir) };
	int ret = read_options(&c, argc, argv);

	if (!ret && optind == argc && isatty(STDIN_FILENO) && !c.complete) {
		ret = ctl_prompt(&c);
	} else if (!ret && optind == argc) {
		print_help(stderr);
		ret = EXIT_USAGE;
	} else if (!ret) {
		ret = run_words(&c, argc - optind, argv + optind);
	} else if (ret < 0) {
		ret = EXIT_OK;
	}
	if (fflush(out) && ret == EXIT_OK)
		ret = EXIT_REFUSED;
	vg_nl_close(c.nl);
	free(c.bindings);
	return ret;
}

#ifndef VPNGW_UNIT_TEST
int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_DFL);
	return ctl_main(argc, argv, stdout);
}
#endif
