/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of ISAKMP (RFC 2408), the IPsec DOI (RFC 2407), IKE (RFC 2409), mode
 * configuration (draft-dukes-ike-mode-cfg-02), dead peer detection (RFC 3706) and
 * NAT traversal (RFC 3947).
 * Numbers only; how octets lie on the wire is msg.c's business alone.
 */
#ifndef VPND_ISAKMP_H
#define VPND_ISAKMP_H

#include <stdint.h>

#define ISAKMP_HDR_LEN		28
#define ISAKMP_COOKIE_LEN	8
#define ISAKMP_VERSION		0x10

#define ISAKMP_FLAG_ENC		1
#define ISAKMP_FLAG_COMMIT	2
#define ISAKMP_FLAG_AUTH	4

enum isakmp_exchange {			/* RFC 2408 3.1, RFC 2409 appendix A */
	EXCH_MAIN		= 2,
	EXCH_AGGRESSIVE		= 4,
	EXCH_INFO		= 5,
	EXCH_TRANSACTION	= 6,
	EXCH_QUICK		= 32,
	EXCH_NEW_GROUP		= 33,
};

enum isakmp_payload {			/* RFC 2408 3.1 */
	PLD_NONE		= 0,
	PLD_SA			= 1,
	PLD_PROPOSAL		= 2,
	PLD_TRANSFORM		= 3,
	PLD_KE			= 4,
	PLD_ID			= 5,
	PLD_CERT		= 6,
	PLD_CR			= 7,
	PLD_HASH		= 8,
	PLD_SIG			= 9,
	PLD_NONCE		= 10,
	PLD_NOTIFY		= 11,
	PLD_DELETE		= 12,
	PLD_VID			= 13,
	PLD_ATTR		= 14,
	PLD_NATD		= 20,	/* RFC 3947 */
	PLD_NATOA		= 21,
	PLD_TYPES		= 22,	/* one more than the last that we know */
	PLD_NATD_DRAFT		= 130,	/* before RFC 3947; msg.c reads them as the above */
	PLD_NATOA_DRAFT		= 131,
};

#define IPSEC_DOI		1	/* RFC 2407 4.1 */
#define SIT_IDENTITY_ONLY	1

enum isakmp_protocol {			/* RFC 2407 4.4.1 */
	PROTO_ISAKMP		= 1,
	PROTO_AH		= 2,
	PROTO_ESP		= 3,
	PROTO_IPCOMP		= 4,
};

#define KEY_IKE			1	/* the only phase 1 transform */

enum ike_attr {				/* RFC 2409 appendix A */
	IKE_ATTR_ENCR		= 1,
	IKE_ATTR_HASH		= 2,
	IKE_ATTR_AUTH		= 3,
	IKE_ATTR_GROUP		= 4,
	IKE_ATTR_LIFE_TYPE	= 11,
	IKE_ATTR_LIFE		= 12,
	IKE_ATTR_PRF		= 13,
	IKE_ATTR_KEY_LEN	= 14,
};

enum ike_encr {
	IKE_DES			= 1,
	IKE_3DES		= 5,
	IKE_AES			= 7,
};

enum ike_hash {
	IKE_MD5			= 1,
	IKE_SHA1		= 2,
	IKE_SHA256		= 4,
	IKE_SHA384		= 5,
	IKE_SHA512		= 6,
};

#define IKE_AUTH_PSK		1
#define IKE_AUTH_XAUTH_PSK	65001	/* and the initiator logs in (XAUTH) */

enum life_type {
	LIFE_SECONDS		= 1,
	LIFE_KILOBYTES		= 2,
};

enum ipsec_attr {			/* RFC 2407 4.5 */
	IPSEC_ATTR_LIFE_TYPE	= 1,
	IPSEC_ATTR_LIFE		= 2,
	IPSEC_ATTR_GROUP	= 3,
	IPSEC_ATTR_ENCAPS	= 4,
	IPSEC_ATTR_AUTH		= 5,
	IPSEC_ATTR_KEY_LEN	= 6,
};

enum esp_transform {			/* RFC 2407 4.4.4 and its registry */
	ESP_DES			= 2,
	ESP_3DES		= 3,
	ESP_NULL		= 11,
	ESP_AES_CBC		= 12,
};

enum esp_auth {				/* RFC 2407 4.5 and its registry */
	ESP_AUTH_MD5		= 1,
	ESP_AUTH_SHA1		= 2,
	ESP_AUTH_SHA256		= 5,
	ESP_AUTH_SHA384		= 6,
	ESP_AUTH_SHA512		= 7,
};

#define ENCAPS_TUNNEL		1
#define ENCAPS_TRANSPORT	2
#define ENCAPS_UDP_TUNNEL	3	/* RFC 3947 5.1 */
#define ENCAPS_UDP_TUNNEL_DRAFT	61443

enum isakmp_id {			/* RFC 2407 4.6.2.1 */
	ID_IPV4_ADDR		= 1,
	ID_FQDN			= 2,
	ID_USER_FQDN		= 3,
	ID_IPV4_SUBNET		= 4,
	ID_IPV4_RANGE		= 7,
	ID_KEY_ID		= 11,
};

enum isakmp_notify {			/* RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706 */
	N_INVALID_PAYLOAD	= 1,
	N_NO_PROPOSAL		= 14,
	N_PAYLOAD_MALFORMED	= 16,
	N_INVALID_ID		= 18,
	N_AUTH_FAILED		= 24,
	N_ADDRESS_UNAVAILABLE	= 28,	/* ADDRESS-NOTIFICATION; IOS's word for "no lease" */
	N_CONNECTED		= 16384,
	N_RESPONDER_LIFETIME	= 24576,
	N_REPLAY_STATUS		= 24577,
	N_INITIAL_CONTACT	= 24578,
	N_R_U_THERE		= 36136,
	N_R_U_THERE_ACK		= 36137,
};

enum cfg_type {				/* draft-dukes-ike-mode-cfg-02 3.2 */
	CFG_REQUEST		= 1,
	CFG_REPLY		= 2,
	CFG_SET			= 3,
	CFG_ACK			= 4,
};

enum cfg_attr {				/* the same 3.4, and Unity */
	CFG_IP4_ADDRESS		= 1,
	CFG_IP4_NETMASK		= 2,
	CFG_IP4_DNS		= 3,
	CFG_IP4_NBNS		= 4,
	CFG_ADDRESS_EXPIRY	= 5,
	CFG_APP_VERSION		= 7,
	CFG_XAUTH_TYPE		= 16520,	/* draft-beaulieu-ike-xauth-02 6.2 */
	CFG_XAUTH_USER_NAME	= 16521,
	CFG_XAUTH_USER_PASSWORD	= 16522,
	CFG_XAUTH_STATUS	= 16527,
	CFG_UNITY_BANNER	= 28672,
	CFG_UNITY_SAVE_PASSWORD	= 28673,
	CFG_UNITY_DOMAIN	= 28674,
	CFG_UNITY_SPLIT_DNS	= 28675,
	CFG_UNITY_SPLIT_INCLUDE	= 28676,
	CFG_UNITY_PFS		= 28679,
};

#define XAUTH_GENERIC		0	/* type: a name and a password */
#define XAUTH_FAIL		0	/* status */
#define XAUTH_OK		1

#define ATTR_TV			0x8000	/* short form, value in place of a length */

#endif
