// SPDX-License-Identifier: GPL-2.0
/* UDP: datagrams with the address they came to, and answers from that address. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

/**
 * net_open - open the socket
 * @port: port, on all addresses
 *
 * Return: descriptor or -errno.
 */
int net_open(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
	/* routers may cut messages, since nobody is believed who asks for shorter ones */
	int dont = IP_PMTUDISC_DONT;
	int err;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)) &&
	    !setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont)) &&
	    !bind(fd, (struct sockaddr *)&any, sizeof(any)))
		return fd;
	err = errno;
	close(fd);
	return -err;
}

/**
 * net_receive - take a datagram
 * @fd: socket
 * @local: where the address goes that it came to
 * @peer: where the address goes that it came from
 * @data: where it goes
 * @size: room there; what is longer is cut, and then is no message
 *
 * Return: length, or -errno; -EAGAIN when there is none.
 */
int net_receive(int fd, struct endpoint *local, struct endpoint *peer, void *data, size_t size)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr align;
	} control;
	struct sockaddr_in from = { 0 };
	struct iovec iov = { data, size };
	struct msghdr m = {
		.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	ssize_t n = recvmsg(fd, &m, 0);
	bool found = false;

	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO)
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		local->addr = ntohl(info.ipi_addr.s_addr);
		found = true;
	}
	if (!found)
		return -EPROTO;
	peer->addr = ntohl(from.sin_addr.s_addr);
	peer->port = ntohs(from.sin_port);
	return n;
}

/**
 * net_send - send a datagram
 * @fd: socket
 * @local: address to send from
 * @peer: where to
 * @data: datagram
 * @len: its length
 *
 * Return: 0 or -errno; the peer or we will try again, whatever it is.
 */
int net_send(int fd, const struct endpoint *local, const struct endpoint *peer,
	     const void *data, size_t len)
{
	union {
		char buf[CMSG_SPACE(sizeof(struct in_pktinfo))];
		struct cmsghdr align;
	} control = { .buf = { 0 } };
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(peer->port),
		.sin_addr.s_addr = htonl(peer->addr),
	};
	struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(local->addr) };
	struct iovec iov = { (void *)data, len };
	struct msghdr m = {
		.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = IPPROTO_IP;
	c->cmsg_type = IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof(info));
	memcpy(CMSG_DATA(c), &info, sizeof(info));
	return sendmsg(fd, &m, 0) < 0 ? -errno : 0;
}
