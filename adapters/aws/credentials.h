/*
 * credentials.h - AWS credentials, and a cache that keeps one set of them fresh.
 *
 * Credentials are immutable and counted; they are replaced, never edited. The cache asks its source
 * only when somebody needs credentials: in the background when they are within 15 minutes of their end
 * (the old ones are handed out meanwhile), and waiting for it within 10 minutes; both windows are at
 * most a quarter and an eighth of the lifetime. However many wait, the source is asked once. A failure
 * is remembered for 5 s, so that a crowd does not ask a dead source one by one; credentials that have
 * not ended are still handed out then.
 */
#ifndef ADAPTERS_AWS_CREDENTIALS_H
#define ADAPTERS_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/secret.h"

struct loop;

struct aws_credentials {
	unsigned uses;
	char *key_id;
	struct secret key;
	struct secret token; /* unset: long-term keys */
	int64_t expires_ms;  /* wall clock; 0: never */
	char *source;        /* for people: "the environment", "profile \"x\"" */
};

/* All copied; token may be NULL. */
struct aws_credentials *aws_credentials_new(const char *key_id, const char *key, const char *token,
                                            int64_t expires_ms, const char *source);
/* The document of a container, the instance's metadata or a credential_process; NULL and why. */
struct aws_credentials *aws_credentials_read(const char *json, size_t length, const char *source,
                                             struct err *err) MUST_CHECK;
struct aws_credentials *aws_credentials_keep(struct aws_credentials *credentials);
void aws_credentials_drop(struct aws_credentials *credentials); /* NULL: nothing */

/* credentials: borrowed, NULL on error; err: NULL on success. */
typedef void aws_credentials_fn(void *arg, struct aws_credentials *credentials, const struct err *err);
/* A source: completes `done` exactly once, later, on the loop. */
typedef void aws_credentials_ask_fn(void *arg, aws_credentials_fn *done, void *done_arg);

struct aws_credentials_cache;
/* ahead_ms: AWS's clock minus our monotonic one, looked at whenever it matters; NULL, or 0 in it: our clock is right.
 * One that is an hour ahead would else take every new session for over. */
struct aws_credentials_cache *aws_credentials_cache_new(struct loop *loop, const int64_t *ahead_ms,
                                                        aws_credentials_ask_fn *ask, void *arg);
/* Who waits is told ERR_CANCELLED. The source must not complete after this: end it before. */
void aws_credentials_cache_free(struct aws_credentials_cache *cache);
/* Never completes before it has returned. */
void aws_credentials_cache_get(struct aws_credentials_cache *cache, aws_credentials_fn *done, void *arg);
/* AWS refused these (expired, rotated): unless others have come meanwhile, the next get asks anew. */
void aws_credentials_cache_refused(struct aws_credentials_cache *cache, const struct aws_credentials *refused);

#endif
