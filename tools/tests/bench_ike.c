// SPDX-License-Identifier: GPL-2.0
/*
 * Clients that connect to an IKEv1 responder, whose ever it is, as fast as it lets
 * them: main mode with a pre-shared key and a quick mode each, from an address of
 * its own each. Both ends check the other's hashes.
 *
 *	bench_ike GATEWAY FIRST COUNT PROCESSES des|aes
 *
 * FIRST is the first client's address; all of them have to be local. PROCESSES
 * connect side by side. Prints "handshakes N failed N seconds S".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test_vpnd_peer.h"

#define TRIES		5
#define WAIT_S		1

static struct sockaddr_in gateway;
static int sock;
static struct mbuf last;

static void put(struct peer *p, const struct mbuf *b)
{
	last = *b;
	sendto(sock, b->data, b->len, 0, (struct sockaddr *)&gateway, sizeof(gateway));
}

/* Waits for what comes next; the last message is sent again if nothing does. */
static bool answered(struct peer *p)
{
	struct world *w = p->w;

	for (int i = 0; i < TRIES; i++) {
		ssize_t n = recv(sock, w->wire[0].data, sizeof(w->wire[0].data), 0);

		if (n > 0) {
			w->wire[0].len = n;
			w->wire[0].to = p->at;
			w->n_wire = 1;
			return true;
		}
		put(p, &last);
	}
	return false;
}

static bool handshake(struct peer *p)
{
	struct received r;

	peer_main_1(p);
	if (!answered(p) || !peer_main_3(p) || !answered(p) || !peer_main_5(p) ||
	    !answered(p) || !peer_main_6(p))
		return false;
	peer_quick_1(p, 1000, p->at.addr);
	if (!answered(p) || !peer_quick_2(p, &r))
		return false;
	peer_quick_3(p);
	return true;
}

static void open_socket(uint32_t addr)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(500), .sin_addr.s_addr = htonl(addr),
	};
	struct timeval wait = { .tv_sec = WAIT_S };

	sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		fail_msg("socket: %s", strerror(errno));
}

/* Every @step-th of the clients; returns how many connected. */
static unsigned int run(uint32_t first, unsigned int begin, unsigned int count,
			unsigned int step, bool aes)
{
	static struct world w = { .put = put };
	struct dh *dh = NULL;
	unsigned int ok = 0;

	for (unsigned int i = begin; i < count; i += step) {
		struct peer p;

		peer_init(&p, &w, first + i);
		if (aes) {
			p.encr = IKE_AES;
			p.key_bits = 128;
			p.hash = IKE_SHA256;
			p.group = 14;
		}
		/* ours is no part of what is measured */
		p.dh = dh;
		open_socket(first + i);
		ok += handshake(&p);
		dh = p.dh;
		close(sock);
	}
	crypto_dh_free(dh);
	return ok;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned int count, processes, ok = 0, n;
	struct in_addr first;
	double begin;
	int fd[2];

	if (argc != 6 || inet_pton(AF_INET, argv[1], &gateway.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[2], &first) != 1) {
		fputs("usage: bench_ike GATEWAY FIRST COUNT PROCESSES des|aes\n", stderr);
		return 2;
	}
	gateway.sin_family = AF_INET;
	gateway.sin_port = htons(500);
	count = atoi(argv[3]);
	processes = atoi(argv[4]);
	if (pipe(fd) || crypto_init())
		fail_msg("no pipe, or libcrypto does not do");
	begin = now();
	for (unsigned int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail_msg("fork: %s", strerror(errno));
		if (pid)
			continue;
		n = run(ntohl(first.s_addr), i, count, processes, !strcmp(argv[5], "aes"));
		if (write(fd[1], &n, sizeof(n)) != sizeof(n))
			_exit(1);
		_exit(0);
	}
	close(fd[1]);
	while (read(fd[0], &n, sizeof(n)) == sizeof(n))
		ok += n;
	printf("handshakes %u failed %u seconds %.3f\n", ok, count - ok, now() - begin);
	while (wait(NULL) > 0)
		;
	return ok != count;
}
