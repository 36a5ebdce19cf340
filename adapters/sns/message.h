/*
 * message.h - one SNS HTTP(S) delivery: read from its body, and the bytes that SNS signed.
 *
 * No I/O and no belief: a message that parses is still anybody's until sns_key_verify says so.
 * Facts: "HTTP/HTTPS notification JSON format" and "Verifying the signatures of Amazon SNS
 * messages" of the SNS developer guide; checked against messages that SNS signed.
 */
#ifndef ADAPTERS_SNS_MESSAGE_H
#define ADAPTERS_SNS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct json_object;

enum sns_type { SNS_NOTIFICATION, SNS_SUBSCRIPTION, SNS_UNSUBSCRIPTION };

/* Strings are valid UTF-8, NUL-terminated, and live until sns_message_free. UnsubscribeURL is
 * left out on purpose: whoever opens it cuts the feed, and nobody signed it. */
struct sns_message {
	enum sns_type type;
	const char *id;        /* 1 ... 128 of letters, digits and ._:- ; the same on redelivery */
	const char *topic;     /* ARN, at most 512 bytes */
	const char *subject;   /* NULL when absent */
	const char *text;      /* the Message; may hold NULs */
	size_t text_length;
	int64_t sent_ms;       /* Timestamp, wall clock */
	const char *token;     /* confirmations only, else NULL; a secret: never log it */
	/* For checking the signature. */
	int version;           /* 1: SHA-1, 2: SHA-256, 0: neither */
	const char *signature; /* base64 */
	const char *certificate_url;
	struct json_object *json; /* owner of the strings */
};

/*
 * Exact spellings only: a member that differs from a known one in case alone, and a body that
 * names a member twice, are refused, so that no second reader can see another message.
 * ERR_USAGE otherwise; *message is written on success only.
 */
bool sns_message_parse(struct sns_message *message, const char *body, size_t length,
                       struct err *err) MUST_CHECK;
void sns_message_free(struct sns_message *message);

/* Calls back with the pieces of the string to sign, in order. */
void sns_message_signed_text(const struct sns_message *message,
                             void (*piece)(void *arg, const void *bytes, size_t length), void *arg);

/* "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation". */
const char *sns_type_name(enum sns_type type);

#endif
