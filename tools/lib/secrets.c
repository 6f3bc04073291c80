// SPDX-License-Identifier: GPL-2.0
/*
 * What may be a key or a password in a line, be it one of ours or of the router's other
 * commands: most stand behind a word that says so, a few where their command has them.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "secrets.h"
#include "util.h"

#define WORDS_MAX 640

struct line {
	struct {
		char *text;
		size_t len;
		bool secret;
	} w[WORDS_MAX];
	size_t n, first;		/* first: behind "no" */
};

static bool is(const struct line *l, size_t i, const char *word)
{
	return i < l->n && l->w[i].len == strlen(word) &&
	       !strncasecmp(l->w[i].text, word, l->w[i].len);
}

/* Commands may be abbreviated. */
static bool may_be(const struct line *l, size_t i, const char *word, size_t least)
{
	return i < l->n && l->w[i].len >= least && l->w[i].len <= strlen(word) &&
	       !strncasecmp(l->w[i].text, word, l->w[i].len);
}

static bool is_secret_word(const struct line *l, size_t i)
{
	static const char * const words[] = {
		"cipher", "authenticator", "key", "password", "secret", "key-string", "community",
	};

	if (is(l, i, "auth") && (is(l, i + 1, "md5") || is(l, i + 1, "sha")))
		return false;		/* of SNMP */
	for (size_t j = 0; j < VG_ARRAY_SIZE(words); j++) {
		/* Abbreviations too: "ciph" introduces a key as well as "cipher". */
		if (may_be(l, i, words[j], 2))
			return true;
	}
	return false;
}

static bool is_number(const struct line *l, size_t i)
{
	for (size_t k = 0; i < l->n && k < l->w[i].len; k++) {
		if (!isdigit((unsigned char)l->w[i].text[k]))
			return false;
	}
	return i < l->n;
}

static bool is_long_hex(const struct line *l, size_t i)
{
	for (size_t k = 0; k < l->w[i].len; k++) {
		if (!isxdigit((unsigned char)l->w[i].text[k]))
			return false;
	}
	return l->w[i].len >= 12;
}

/* A secret, or its type and the secret: "7 0822455D0A16" */
static void hide(struct line *l, size_t i)
{
	if (i >= l->n)
		return;
	l->w[i].secret = true;
	if (l->w[i].len < 2 && i + 1 < l->n)
		l->w[i + 1].secret = true;
}

/* Behind the name of what it is for. */
static void hide_behind_words(struct line *l)
{
	bool user = may_be(l, l->first, "username", 2), secret = false;

	for (size_t i = 0; i < l->n; i++) {
		if (secret || is_long_hex(l, i)) {
			l->w[i].secret = true;
			/* "key 0 WORD", "secret 5 HASH", a password of several words */
			secret = l->w[i].len < 2 || (user && secret);
		} else {
			secret = is_secret_word(l, i);
		}
	}
}

/* md5 KEY, md5 7 KEY, but not "md5 key-chain NAME" */
static void hide_behind_hash(struct line *l)
{
	for (size_t i = l->first; i + 1 < l->n; i++) {
		if (!is(l, i, "md5") && !is(l, i, "sha"))
			continue;
		if (!may_be(l, i + 1, "key-string", 4) && !may_be(l, i + 1, "key-chain", 4))
			hide(l, i + 1);
	}
}

/* authentication-key KEY, but "authentication-key 1 md5 KEY" is seen to already */
static void hide_authentication_key(struct line *l)
{
	for (size_t i = l->first; i + 1 < l->n; i++) {
		if (is(l, i, "authentication-key") &&
		    !(is_number(l, i + 1) && is(l, i + 2, "md5")))
			hide(l, i + 1);
		else if (is(l, i, "pre-shared-key") && !may_be(l, i + 1, "address", 4) &&
			 !may_be(l, i + 1, "hostname", 4) && !is(l, i + 1, "key"))
			hide(l, i + 1 + (is(l, i + 1, "local") || is(l, i + 1, "remote")));
	}
}

/* standby 1 authentication [text] WORD, and the same of vrrp and glbp */
static void hide_redundancy(struct line *l)
{
	if (!may_be(l, l->first, "standby", 2) && !is(l, l->first, "vrrp") &&
	    !is(l, l->first, "glbp"))
		return;
	for (size_t i = l->first + 1; i + 1 < l->n; i++) {
		if (!may_be(l, i, "authentication", 2))
			continue;
		if (is(l, i + 1, "text"))
			hide(l, i + 2);
		else if (!is(l, i + 1, "md5"))
			hide(l, i + 1);
		return;
	}
}

/* snmp-server host H [vrf V] [traps|informs] [version V [LEVEL]] COMMUNITY */
static void hide_snmp_host(struct line *l, size_t i)
{
	for (i++; i < l->n;) {
		if (is(l, i, "vrf")) {
			i += 2;
		} else if (may_be(l, i, "traps", 4) || may_be(l, i, "informs", 4)) {
			i++;
		} else if (may_be(l, i, "version", 3)) {
			i += is(l, i + 1, "3") ? 3 : 2;
		} else {
			l->w[i].secret = true;
			return;
		}
	}
}

/* snmp-server user U G v3 auth md5 KEY priv {des|3des|aes [BITS]} KEY */
static void hide_snmp(struct line *l)
{
	if (!may_be(l, l->first, "snmp-server", 3))
		return;
	if (may_be(l, l->first + 1, "host", 2)) {
		hide_snmp_host(l, l->first + 2);
		return;
	}
	for (size_t i = l->first + 1; i + 2 < l->n; i++) {
		if (may_be(l, i, "priv", 3))
			hide(l, i + 2 + (may_be(l, i + 1, "aes", 3) && is_number(l, i + 2) &&
					 i + 3 < l->n));
	}
}

static void split(struct line *l, char *text)
{
	l->n = 0;
	for (text += strspn(text, " \t\r"); *text; text += strspn(text, " \t\r")) {
		size_t len = strcspn(text, " \t\r");

		if (l->n == WORDS_MAX) {	/* no line that means something */
			memset(text, '*', strlen(text));
			break;
		}
		l->w[l->n].text = text;
		l->w[l->n].len = len;
		l->w[l->n++].secret = false;
		text += len;
	}
	l->first = is(l, 0, "no") || is(l, 0, "default");
}

static void mask(struct line *l)
{
	bool names = false;

	/* "key chain NAME" and "crypto key generate" name things */
	if (may_be(l, l->first, "key", 2) && is(l, l->first + 1, "chain"))
		names = l->n == l->first + 3;
	else if (may_be(l, l->first, "crypto", 2))
		names = is(l, l->first + 1, "key");
	if (!names) {
		hide_behind_words(l);
		hide_behind_hash(l);
		hide_authentication_key(l);
		hide_redundancy(l);
		hide_snmp(l);
	}
	for (size_t i = 0; i < l->n; i++) {
		if (l->w[i].secret)
			memset(l->w[i].text, '*', l->w[i].len);
	}
}

/**
 * vg_mask_secrets - overwrite what may be a key or a password with asterisks
 * @text: one line of configuration, changed in place, columns kept
 *
 * A diagnostic shows the offending line, and its output ends in logs.
 */
void vg_mask_secrets(char *text)
{
	struct line l;

	split(&l, text);
	mask(&l);
}

/**
 * vg_mask_kept - vg_mask_secrets() for a line that is none of ours
 * @text: one line of configuration, changed in place, columns kept
 *
 * "key 1" is then the number of one in a chain, and not that of a group.
 */
void vg_mask_kept(char *text)
{
	struct line l;

	split(&l, text);
	if (l.n - l.first != 2 || !is(&l, l.first, "key") || !is_number(&l, l.first + 1))
		mask(&l);
}
