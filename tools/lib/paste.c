// SPDX-License-Identifier: GPL-2.0
/*
 * A configuration is copied out of a terminal more often than not, and some of its
 * lines then begin with what is none of theirs: a prompt, the pager's " --More-- " and
 * the characters that wiped it out. That is overwritten with blanks, so that columns
 * stay what they are.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "paste.h"
#include "util.h"

#define PAGER		"--More--"
#define PAGER_BLANKS	9	/* behind it, when backspaces got lost */

/* Length of what moves the cursor or wipes: backspace, return, ESC [ ... letter. */
static size_t control(const char *p)
{
	size_t len;

	if (*p == '\b' || *p == '\r' || *p == '\a')
		return 1;
	if (p[0] != '\033' || p[1] != '[')
		return 0;
	len = 2 + strspn(p + 2, "0123456789;?");
	return isalpha((unsigned char)p[len]) ? len + 1 : 0;
}

static size_t blanks(const char *p, size_t most)
{
	size_t n = strspn(p, " ");

	return n < most ? n : most;
}

/**
 * vg_paste_pager - overwrite the pager's prompt at the beginning of a line
 * @line: line
 *
 * Return: length of what was overwritten; what is behind it is the line.
 */
size_t vg_paste_pager(char *line)
{
	size_t done = 0;

	for (;;) {
		size_t at = done + strspn(line + done, " \t"), end, len;

		/* The blanks that wiped it may be all that is left of it. */
		if (strncasecmp(line + at, PAGER, strlen(PAGER)) && !control(line + at))
			break;
		if (!control(line + at))
			at += strlen(PAGER);
		for (end = 0, len = at; line[len] == ' ' || control(line + len);) {
			size_t n = control(line + len);

			len += n ? n : 1;
			end = n ? len : end;
		}
		if (!end)
			end = at + blanks(line + at, PAGER_BLANKS);
		memset(line + done, ' ', end - done);
		done = end;
	}
	return done;
}

/* R1#, R1>, R1(config-if)#: a name, maybe a mode, and the sign. */
static size_t prompt(const char *line)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_./:@";
	size_t len = strspn(line, name);

	if (!len)
		return 0;
	if (line[len] == '(') {
		size_t mode = strcspn(line + len, ") \t");

		if (line[len + mode] != ')')
			return 0;
		len += mode + 1;
	}
	if (line[len] != '#' && line[len] != '>')
		return 0;
	len++;
	return len + strspn(line + len, " \t\r");
}

/**
 * vg_paste_prompt - overwrite the prompts at the beginning of a line
 * @line: line
 *
 * Return: length of what was overwritten; what is behind it is the line.
 */
size_t vg_paste_prompt(char *line)
{
	size_t done = 0, len;

	while ((len = prompt(line + done))) {
		memset(line + done, ' ', len);
		done += len;
	}
	return done;
}

static bool begins(const char *line, const char *words)
{
	return !strncasecmp(line, words, strlen(words));
}

static bool is_show(const char *line)
{
	size_t len = strcspn(line, " \t");

	if (len < 2 || len > strlen("show") || strncasecmp(line, "show", len))
		return false;
	line += len;
	line += strspn(line, " \t");
	return begins(line, "run") || begins(line, "start") || begins(line, "conf");
}

/**
 * vg_paste_header - is this about the configuration, not a line of it
 * @line: line, without blanks in front
 *
 * Return: true for what "show running-config" prints above it, and for that command.
 */
bool vg_paste_header(const char *line)
{
	return begins(line, "Building configuration") || begins(line, "Current configuration") ||
	       (begins(line, "Using ") && strstr(line, " out of ")) ||
	       (begins(line, "Load for ") && strstr(line, "utilization")) ||
	       begins(line, "Time source is ") || begins(line, "configure terminal") ||
	       is_show(line);
}
