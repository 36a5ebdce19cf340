/*
 * ask.h - one request to query_range: its form, its login or signature, its tries.
 *
 * A POST form, so that no query is too long for a URL. Three tries within 30 s in all: when there was no
 * connection or no answer, and on 429 and 5xx, Retry-After obeyed (bot/http_client); and once more with new
 * credentials when AWS says that those of the signature are over.
 */
#ifndef ADAPTERS_PROMETHEUS_ASK_H
#define ADAPTERS_PROMETHEUS_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct bot;
struct config_prometheus;
struct prometheus_ask; /* one that runs */

#define PROMETHEUS_ASK_POINTS 11000 /* a series at most; a server refuses more */

struct prometheus_query { /* borrowed until the call returns */
	const struct config_prometheus *entry;
	const char *text;
	int64_t first_ms, last_ms, step_ms; /* times of the first and the last point */
};

/* body: NUL-terminated, borrowed during the callback; NULL on error. err: a sentence that begins with the entry's
 * name. */
typedef void prometheus_ask_fn(void *arg, const char *body, size_t length, const struct err *err);
/* Completes once, never before it has returned. */
struct prometheus_ask *prometheus_ask(struct bot *bot, const struct prometheus_query *query, prometheus_ask_fn *done,
                                      void *arg);
/* It is not completed any more. */
void prometheus_ask_cancel(struct prometheus_ask *ask);

#endif
