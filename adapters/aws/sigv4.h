/*
 * sigv4.h - AWS Signature Version 4, in the form of an Authorization header.
 *
 * Pure: no clock, no environment, no network. libcurl 7.88 has a signer of its own, but it signs
 * neither encoded paths nor queries rightly and takes no time from outside, so it cannot allow for
 * clock skew. The stages (canonical request, string to sign, signature) are separate functions, so
 * that each can be tested against the published vectors. A canonical request holds the session
 * token: it is never logged.
 *
 * Facts: "Signature Version 4 signing process", AWS General Reference.
 */
#ifndef ADAPTERS_AWS_SIGV4_H
#define ADAPTERS_AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_header;
struct str;

#define SIGV4_DATE_SIZE 17 /* "20150830T123600Z" */
#define SIGV4_HEX_SIZE 65  /* a SHA-256 in hex */

struct sigv4_request {
	const char *method;
	const char *path;  /* as on the wire, without query; "" is "/" */
	const char *query; /* as on the wire, behind '?'; NULL or "": none */
	/* Ended by { NULL }. All are signed except those that a proxy may alter (sigv4_is_signed). Host,
	 * X-Amz-Date, X-Amz-Security-Token... must be among them. */
	const struct http_header *headers;
	const char *body_hash; /* sigv4_hash of exactly the bytes sent */
	bool raw_path;         /* keep "." and ".." segments and empty ones: S3 alone wants that */
};

struct sigv4_scope {
	const char *date; /* SIGV4_DATE_SIZE form, the same as in X-Amz-Date */
	const char *region, *service;
};

/* Derived keys: good for a day, a region, a service and a key. Zeroed memory is an empty cache. */
#define SIGV4_KEYS 16
struct sigv4_keys {
	struct sigv4_key {
		char key_id[132], date[9], region[32], service[32];
		unsigned char secret_hash[32]; /* a corrected secret under the same id is another key */
		unsigned char bytes[32];
	} items[SIGV4_KEYS];
	unsigned next;
	int64_t derived; /* how many were computed, for tests */
};
void sigv4_keys_clear(struct sigv4_keys *keys); /* wipes them */

void sigv4_date(int64_t wall_ms, char out[SIGV4_DATE_SIZE]);
void sigv4_hash(const void *bytes, size_t length, char out[SIGV4_HEX_SIZE]);
bool sigv4_is_signed(const char *header);

/* The stages. */
void sigv4_signed_headers(const struct sigv4_request *request, struct str *out); /* "host;x-amz-date" */
void sigv4_canonical_request(const struct sigv4_request *request, struct str *out);
void sigv4_string_to_sign(const struct sigv4_scope *scope, const char *canonical_request, struct str *out);
/* key_id of at most 128 characters, as IAM's are; longer ones are cut in the cache's eyes only. */
void sigv4_signature(struct sigv4_keys *keys, const struct sigv4_scope *scope, const char *key_id,
                     const char *secret, const char *string_to_sign, char out[SIGV4_HEX_SIZE]);

/* All of them: the value of the Authorization header, added to *out. */
void sigv4_authorization(struct sigv4_keys *keys, const struct sigv4_request *request,
                         const struct sigv4_scope *scope, const char *key_id, const char *secret,
                         struct str *out);

#endif
