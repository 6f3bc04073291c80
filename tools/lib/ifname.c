// SPDX-License-Identifier: GPL-2.0
/*
 * Names of interfaces: gi0/1, GIGABITETHERNET0/1 and GigabitEthernet0/1 are one. A
 * name is a type, which may be abbreviated if it is a known one, and a number.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ifname.h"
#include "util.h"

#define SIZE (VPNGW_NAME_MAX + 1)

/* The first that fits is meant, if it is written with so many letters at least. */
static const struct {
	const char *name;
	unsigned int least;
} types[] = {
	{ "Ethernet", 1 }, { "FastEthernet", 1 }, { "GigabitEthernet", 1 }, { "Serial", 1 },
	{ "Loopback", 2 }, { "Dialer", 2 }, { "Tunnel", 2 }, { "Vlan", 2 },
	{ "Port-channel", 2 }, { "TenGigabitEthernet", 2 }, { "TwentyFiveGigE", 3 },
	{ "FortyGigabitEthernet", 2 }, { "HundredGigE", 2 }, { "ATM", 2 }, { "Async", 2 },
	{ "BRI", 3 }, { "BVI", 2 }, { "Cellular", 2 }, { "Group-Async", 3 }, { "Hssi", 2 },
	{ "MFR", 3 }, { "Multilink", 2 }, { "Null", 2 }, { "POS", 3 }, { "TokenRing", 2 },
	{ "Virtual-Template", 9 }, { "Virtual-Access", 9 }, { "Virtual-PPP", 9 },
};

/* Devices of Linux, which would be abbreviations. */
static bool is_device(const char *written, size_t len)
{
	static const char * const names[] = { "eth", "tun", "vlan" };

	for (size_t i = 0; i < VG_ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == len && !memcmp(written, names[i], len))
			return true;
	}
	return false;
}

static const char *type_of(const char *written, size_t len)
{
	for (size_t i = 0; i < VG_ARRAY_SIZE(types); i++) {
		if (len >= types[i].least && len <= strlen(types[i].name) &&
		    !strncasecmp(written, types[i].name, len))
			return types[i].name;
	}
	return NULL;
}

static void expand(const char *written, bool devices, char name[SIZE])
{
	size_t len = strcspn(written, "0123456789");
	const char *type = NULL;

	if (written[len] && !written[len + strspn(written + len, "0123456789/.:")])
		type = type_of(written, len);
	memset(name, 0, SIZE);
	if (!type || (!devices && is_device(written, len)) ||
	    strlen(type) + strlen(written + len) >= SIZE) {
		strncpy(name, written, SIZE - 1);
		return;
	}
	strcpy(name, type);
	strcat(name, written + len);
}

/**
 * vg_ifname - name of an interface as IOS shows it
 * @written: as it was written: another case, an abbreviation
 * @name: where it goes; what has a name of Linux keeps it
 */
void vg_ifname(const char *written, char name[SIZE])
{
	expand(written, false, name);
}

/**
 * vg_ifname_key - what names of one interface have in common
 * @written: one of them
 * @key: where it goes
 */
void vg_ifname_key(const char *written, char key[SIZE])
{
	expand(written, true, key);
	for (char *p = key; *p; p++)
		*p = tolower((unsigned char)*p);
}

/**
 * vg_ifname_same - are these names of one interface
 * @a: name
 * @b: name
 *
 * Return: true if so.
 */
bool vg_ifname_same(const char *a, const char *b)
{
	char x[SIZE], y[SIZE];

	vg_ifname_key(a, x);
	vg_ifname_key(b, y);
	return !strcmp(x, y);
}
