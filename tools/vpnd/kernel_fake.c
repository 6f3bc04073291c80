// SPDX-License-Identifier: GPL-2.0
/* A data plane that carries nothing and remembers everything but for how long. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "kernel.h"
#include "util.h"

/*
 * @saddr: who sends to an inbound one, 0 for an outbound one
 * @half: an inbound SA whose outbound one has not come yet
 * @soft: it is past its soft limit
 * @place: where its peer has moved to
 */
struct fake_sa {
	uint32_t daddr, spi, saddr;
	bool half, soft;
	struct kernel_place place;
};

struct fake {
	struct fake_sa *sa;
	size_t n_sa, cap_sa;
	uint32_t *route;
	size_t n_route, cap_route;
	struct kernel_pair last;
};

static struct fake_sa *find(struct fake *f, uint32_t daddr, uint32_t spi)
{
	for (size_t i = 0; i < f->n_sa; i++) {
		if (f->sa[i].daddr == daddr && f->sa[i].spi == spi)
			return &f->sa[i];
	}
	return NULL;
}

static int add(struct fake *f, uint32_t daddr, uint32_t spi, uint32_t saddr)
{
	struct fake_sa *sa;

	if (find(f, daddr, spi))
		return -EEXIST;
	sa = vg_push(&f->sa, &f->n_sa, &f->cap_sa);
	if (!sa)
		return -ENOMEM;
	*sa = (struct fake_sa){ .daddr = daddr, .spi = spi, .saddr = saddr, .half = saddr };
	return 0;
}

static int fake_get_spi(void *priv, uint32_t local, uint32_t *spi)
{
	do {
		if (crypto_random(spi, sizeof(*spi)))
			return -EIO;
	} while (*spi < 256 || find(priv, local, *spi));
	return 0;
}

static int fake_del(void *priv, uint32_t daddr, uint32_t spi)
{
	struct fake *f = priv;
	struct fake_sa *sa = find(f, daddr, spi);

	if (!sa)
		return -ENOENT;
	*sa = f->sa[--f->n_sa];
	return 0;
}

static int fake_add_in(void *priv, const struct kernel_pair *pair)
{
	return add(priv, pair->local, pair->in_spi, pair->peer);
}

static int fake_add_out(void *priv, const struct kernel_pair *pair)
{
	struct fake *f = priv;
	struct fake_sa *in = find(f, pair->local, pair->in_spi);
	int ret;

	if (!in || !in->half)
		return -ENOENT;
	ret = add(f, pair->peer, pair->out_spi, 0);
	if (ret)
		return ret;
	/* found again, since the array may have moved */
	find(f, pair->local, pair->in_spi)->half = false;
	f->last = *pair;
	return 0;
}

static int fake_move(void *priv, const struct kernel_place *place)
{
	struct fake_sa *sa = find(priv, place->daddr, place->spi);

	if (!sa)
		return -ENOENT;
	sa->place = *place;
	if (sa->saddr)
		sa->saddr = place->peer;
	else
		sa->daddr = place->peer;
	return 0;
}

static int fake_traffic(void *priv, uint32_t daddr, uint32_t spi, struct kernel_traffic *t)
{
	if (!spi)
		return 0;
	/* something that tells them apart */
	*t = (struct kernel_traffic){ spi % 1000, spi };
	return find(priv, daddr, spi) ? 0 : -ENOENT;
}

static enum kernel_sa fake_sa_state(void *priv, uint32_t daddr, uint32_t spi)
{
	const struct fake_sa *sa = find(priv, daddr, spi);

	return !sa ? KERNEL_SA_NONE : sa->soft ? KERNEL_SA_SOFT : KERNEL_SA_LIVES;
}

static int fake_keep(void *priv, const struct kernel_owner *owner, void *arg)
{
	struct fake *f = priv;

	for (size_t i = f->n_sa; i-- > 0;) {
		struct fake_sa *sa = &f->sa[i];

		if (owner->known(arg, sa->daddr, sa->spi))
			continue;
		if (!sa->saddr || !owner->orphan || owner->orphan(arg, sa->saddr, sa->spi))
			*sa = f->sa[--f->n_sa];
	}
	return 0;
}

static int fake_route(void *priv, bool install, uint32_t client, uint32_t peer)
{
	struct fake *f = priv;
	uint32_t *r;

	for (size_t i = 0; i < f->n_route; i++) {
		if (f->route[i] != client)
			continue;
		if (install)
			return -EEXIST;
		f->route[i] = f->route[--f->n_route];
		return 0;
	}
	if (!install)
		return -ESRCH;
	r = vg_push(&f->route, &f->n_route, &f->cap_route);
	if (!r)
		return -ENOMEM;
	*r = client;
	return 0;
}

static int fake_fd(void *priv)
{
	return -1;
}

static void fake_events(void *priv, kernel_event_fn fn, void *arg)
{
}

static void fake_close(void *priv)
{
	struct fake *f = priv;

	free(f->sa);
	free(f->route);
	crypto_wipe(f, sizeof(*f));
	free(f);
}

static const struct kernel_ops fake_ops = {
	.get_spi = fake_get_spi,
	.add_in = fake_add_in,
	.add_out = fake_add_out,
	.del_sa = fake_del,
	.move_sa = fake_move,
	.traffic = fake_traffic,
	.sa_state = fake_sa_state,
	.keep = fake_keep,
	.route = fake_route,
	.fd = fake_fd,
	.events = fake_events,
	.close = fake_close,
};

/**
 * kernel_sel_equal - are two selectors the same
 * @a: selector
 * @b: selector
 *
 * Return: true if so.
 */
bool kernel_sel_equal(const struct kernel_sel *a, const struct kernel_sel *b)
{
	return a->local == b->local && a->local_mask == b->local_mask &&
		a->remote == b->remote && a->remote_mask == b->remote_mask &&
		a->proto == b->proto && a->local_port == b->local_port &&
		a->remote_port == b->remote_port;
}

/**
 * kernel_sel_joins - is it the traffic between two ends, which needs no tunnel
 * @sel: traffic
 * @local: our outer address
 * @peer: the peer's
 *
 * Return: true if so (RFC 4301 4.1).
 */
bool kernel_sel_joins(const struct kernel_sel *sel, uint32_t local, uint32_t peer)
{
	return sel->local == local && sel->local_mask == UINT32_MAX && sel->remote == peer &&
		sel->remote_mask == UINT32_MAX;
}

/**
 * kernel_fake_open - a backend that carries nothing
 * @k: where it goes
 *
 * Return: 0 or -ENOMEM.
 */
int kernel_fake_open(struct kernel *k)
{
	k->ops = &fake_ops;
	k->priv = calloc(1, sizeof(struct fake));
	return k->priv ? 0 : -ENOMEM;
}

static unsigned int count(const struct kernel *k, bool half)
{
	const struct fake *f = k->priv;
	unsigned int n = 0;

	for (size_t i = 0; i < f->n_sa; i++)
		n += f->sa[i].half == half;
	return n;
}

/**
 * kernel_fake_halves - inbound SAs that wait for their outbound one
 * @k: a fake
 *
 * Return: number.
 */
unsigned int kernel_fake_halves(const struct kernel *k)
{
	return count(k, true);
}

/**
 * kernel_fake_sas - SAs installed
 * @k: a fake
 *
 * Return: number, two for each pair.
 */
unsigned int kernel_fake_sas(const struct kernel *k)
{
	return count(k, false);
}

/**
 * kernel_fake_set - something happens to an SA, and nobody is told
 * @k: a fake
 * @daddr: destination of the SA
 * @spi: its SPI
 * @state: what becomes of it
 */
void kernel_fake_set(const struct kernel *k, uint32_t daddr, uint32_t spi, enum kernel_sa state)
{
	struct fake_sa *sa = find(k->priv, daddr, spi);

	if (sa && state == KERNEL_SA_NONE)
		fake_del(k->priv, daddr, spi);
	else if (sa)
		sa->soft = state == KERNEL_SA_SOFT;
}

/**
 * kernel_fake_place - where the peer of an SA has moved to
 * @k: a fake
 * @daddr: destination of the SA
 * @spi: its SPI
 *
 * Return: what move_sa() was told last, or NULL if there is no such SA or it was not.
 */
const struct kernel_place *kernel_fake_place(const struct kernel *k, uint32_t daddr,
					     uint32_t spi)
{
	const struct fake_sa *sa = find(k->priv, daddr, spi);

	return sa && sa->place.spi ? &sa->place : NULL;
}

/**
 * kernel_fake_routes - host routes installed
 * @k: a fake
 *
 * Return: number.
 */
unsigned int kernel_fake_routes(const struct kernel *k)
{
	return ((const struct fake *)k->priv)->n_route;
}

/**
 * kernel_fake_last - the pair installed last
 * @k: a fake
 *
 * Return: pair, with its keys.
 */
const struct kernel_pair *kernel_fake_last(const struct kernel *k)
{
	return &((const struct fake *)k->priv)->last;
}
