/*
 * sns_sender.h - a pretended SNS: keys, certificates and signed bodies, made from the documented
 * rules without any code of adapters/sns.
 */
#ifndef TESTS_SNS_SENDER_H
#define TESTS_SNS_SENDER_H

#include <openssl/evp.h>
#include <stdint.h>

#define SENDER_TOPIC "arn:aws:sns:us-west-2:123456789012:alarms"
#define SENDER_HOST "sns.us-west-2.amazonaws.com"
#define SENDER_PATH "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
#define SENDER_URL "https://" SENDER_HOST SENDER_PATH

EVP_PKEY *sender_rsa_key(void); /* 2048 bits; one for the whole program, never freed by a caller */

struct sender_certificate {
	const char *san;    /* "DNS:sns.amazonaws.com"; NULL: no such extension */
	const char *common_name; /* NULL: "sns.amazonaws.com" */
	int64_t from_ms, until_ms;
	EVP_PKEY *key;      /* NULL: sender_rsa_key */
};
/* As PEM; free() it. */
char *sender_certificate(const struct sender_certificate *certificate);
/* One that is good at `now_ms`. */
char *sender_good_certificate(int64_t now_ms);

struct sender_message { /* NULL members get something good */
	const char *type, *id, *topic, *text, *version, *url, *token;
	const char *subject; /* NULL: none */
	int64_t sent_ms;     /* 0: 2026-03-06T20:00:00.000Z */
	EVP_PKEY *key;       /* NULL: sender_rsa_key */
};
#define SENDER_SENT_MS 1772827200000LL
/* A body as SNS would post it; free() it. */
char *sender_body(const struct sender_message *message);

#endif
