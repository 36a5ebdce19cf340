#include "adapters/aws/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"

#define ADVISORY_MS (15 * 60 * 1000)
#define MANDATORY_MS (10 * 60 * 1000)
#define FAILURE_KEPT_MS 5000

struct aws_credentials *aws_credentials_new(const char *key_id, const char *key, const char *token,
                                            int64_t expires_ms, const char *source)
{
	struct aws_credentials *credentials = mem_alloc(sizeof(*credentials));

	credentials->uses = 1;
	credentials->key_id = mem_copy_string(key_id);
	secret_set(&credentials->key, key);
	secret_set(&credentials->token, token);
	credentials->expires_ms = expires_ms;
	credentials->source = mem_copy_string(source);
	return credentials;
}

struct aws_credentials *aws_credentials_read(const char *text, size_t length, const char *source, struct err *err)
{
	struct json_object *json = json_parse(text, length, err);
	const char *id = json_string(json, "AccessKeyId"), *key = json_string(json, "SecretAccessKey");
	const char *token = json_string(json, "Token"), *code = json_string(json, "Code");
	const char *end = json_string(json, "Expiration");
	struct aws_credentials *credentials = NULL;
	int64_t expires_ms = 0;

	if (token == NULL)
		token = json_string(json, "SessionToken");
	if (json == NULL)
		(void)err_set(err, ERR_REFUSED, "%.100s gives no JSON", source);
	else if (code != NULL && strcmp(code, "Success") != 0)
		(void)err_set(err, ERR_REFUSED, "%.100s gives no credentials but \"%.60s\"", source, code);
	else if (id == NULL || *id == '\0' || key == NULL || *key == '\0')
		(void)err_set(err, ERR_REFUSED, "%.100s gives no AccessKeyId and SecretAccessKey", source);
	else if (end != NULL && !clock_parse_iso(end, &expires_ms))
		(void)err_set(err, ERR_REFUSED, "%.100s gives an Expiration that is no time", source);
	else
		credentials = aws_credentials_new(id, key, token, expires_ms, source);
	json_free(json);
	return credentials;
}

struct aws_credentials *aws_credentials_keep(struct aws_credentials *credentials)
{
	credentials->uses++;
	return credentials;
}

void aws_credentials_drop(struct aws_credentials *credentials)
{
	if (credentials == NULL || --credentials->uses > 0)
		return;
	secret_free(&credentials->key);
	secret_free(&credentials->token);
	free(credentials->key_id);
	free(credentials->source);
	free(credentials);
}

/* --- the cache --- */

struct waiter {
	aws_credentials_fn *done;
	void *arg;
	struct aws_credentials *credentials; /* of an answer that is ready */
	struct err err;                      /* likewise, when there are none */
	struct waiter *next;
};

struct waiters {
	struct waiter *first, **end;
};

struct aws_credentials_cache {
	struct loop *loop;
	const int64_t *ahead_ms;
	aws_credentials_ask_fn *ask;
	void *arg;
	struct aws_credentials *present; /* NULL: none yet */
	int64_t lifetime_ms;             /* of `present` when it came */
	bool refused;                    /* `present` does not work any more */
	bool asking, closing;
	struct err failure;              /* the last answer of the source, when it was none */
	int64_t failed_ms;               /* monotonic */
	struct waiters waiting, ready;
};

static void waiters_add(struct waiters *list, struct waiter *waiter)
{
	waiter->next = NULL;
	*list->end = waiter;
	list->end = &waiter->next;
}

static struct waiter *waiters_take(struct waiters *list)
{
	struct waiter *waiter = list->first;

	if (waiter == NULL)
		return NULL;
	list->first = waiter->next;
	if (list->first == NULL)
		list->end = &list->first;
	return waiter;
}

struct aws_credentials_cache *aws_credentials_cache_new(struct loop *loop, const int64_t *ahead_ms,
                                                        aws_credentials_ask_fn *ask, void *arg)
{
	struct aws_credentials_cache *cache = mem_alloc(sizeof(*cache));

	cache->loop = loop;
	cache->ahead_ms = ahead_ms;
	cache->ask = ask;
	cache->arg = arg;
	cache->waiting.end = &cache->waiting.first;
	cache->ready.end = &cache->ready.first;
	return cache;
}

static void answer(struct waiter *waiter, struct aws_credentials *credentials, const struct err *err)
{
	waiter->done(waiter->arg, credentials, credentials != NULL ? NULL : err);
	free(waiter);
}

static void deliver_ready(void *arg)
{
	struct aws_credentials_cache *cache = arg;
	struct waiter *waiter;

	while ((waiter = waiters_take(&cache->ready)) != NULL) {
		struct aws_credentials *credentials = waiter->credentials;

		answer(waiter, credentials, &waiter->err);
		aws_credentials_drop(credentials);
	}
}

void aws_credentials_cache_free(struct aws_credentials_cache *cache)
{
	struct waiter *waiter;
	struct err gone;

	if (cache == NULL)
		return;
	cache->closing = true;
	loop_defer_cancel(cache->loop, cache);
	(void)err_set(&gone, ERR_CANCELLED, "shutting down");
	deliver_ready(cache);
	while ((waiter = waiters_take(&cache->waiting)) != NULL)
		answer(waiter, NULL, &gone);
	aws_credentials_drop(cache->present);
	free(cache);
}

static int64_t now_ms(const struct aws_credentials_cache *cache)
{
	bool is_told = cache->ahead_ms != NULL && *cache->ahead_ms != 0;

	return is_told ? clock_mono_ms() + *cache->ahead_ms : clock_true_ms();
}

/* Time left, or -1 when there is nothing to hand out; INT64_MAX: for ever. */
static int64_t time_left_ms(const struct aws_credentials_cache *cache)
{
	int64_t left_ms;

	if (cache->present == NULL || cache->refused)
		return -1;
	if (cache->present->expires_ms == 0)
		return INT64_MAX;
	left_ms = cache->present->expires_ms - now_ms(cache);
	return left_ms > 0 ? left_ms : -1;
}

static int64_t window_ms(const struct aws_credentials_cache *cache, int64_t usual_ms, int64_t fraction)
{
	return cache->lifetime_ms / fraction < usual_ms ? cache->lifetime_ms / fraction : usual_ms;
}

static bool failed_lately(const struct aws_credentials_cache *cache)
{
	return cache->failure.kind != ERR_NONE && clock_mono_ms() - cache->failed_ms < clock_wait_ms(FAILURE_KEPT_MS);
}

static void take(struct aws_credentials_cache *cache, struct aws_credentials *credentials)
{
	aws_credentials_drop(cache->present);
	cache->present = aws_credentials_keep(credentials);
	cache->lifetime_ms = credentials->expires_ms == 0 ? 0 : credentials->expires_ms - now_ms(cache);
	cache->refused = false;
	cache->failure = (struct err){ 0 };
}

static void asked(void *arg, struct aws_credentials *credentials, const struct err *err)
{
	struct aws_credentials_cache *cache = arg;
	struct waiters told = cache->waiting;
	struct waiter *waiter;
	struct err why = { 0 };

	cache->asking = false;
	metrics_count("tocsin_aws_credentials_total", "outcome", credentials != NULL ? "fresh" : "failed");
	if (credentials != NULL) {
		take(cache, credentials);
	} else {
		cache->failure = why = *err;
		cache->failed_ms = clock_mono_ms();
	}
	if (told.first == NULL)
		return;
	cache->waiting = (struct waiters){ NULL, &cache->waiting.first };
	credentials = time_left_ms(cache) > 0 ? aws_credentials_keep(cache->present) : NULL;
	if (credentials == NULL && why.kind == ERR_NONE)
		(void)err_set(&why, ERR_REFUSED, "the AWS credentials that were given have expired already");
	while ((waiter = waiters_take(&told)) != NULL)
		answer(waiter, credentials, &why); /* may ask for credentials again, but not free the cache */
	aws_credentials_drop(credentials);
}

static void start_asking(struct aws_credentials_cache *cache)
{
	if (cache->asking)
		return;
	cache->asking = true;
	cache->ask(cache->arg, asked, cache);
}

void aws_credentials_cache_get(struct aws_credentials_cache *cache, aws_credentials_fn *done, void *arg)
{
	struct waiter *waiter = mem_alloc(sizeof(*waiter));
	int64_t left_ms = time_left_ms(cache);
	bool must_wait = left_ms <= window_ms(cache, MANDATORY_MS, 8);

	waiter->done = done;
	waiter->arg = arg;
	if (must_wait && !failed_lately(cache)) {
		waiters_add(&cache->waiting, waiter);
		start_asking(cache);
		return;
	}
	if (left_ms <= window_ms(cache, ADVISORY_MS, 4) && !failed_lately(cache))
		start_asking(cache);
	if (left_ms > 0)
		waiter->credentials = aws_credentials_keep(cache->present);
	else
		waiter->err = cache->failure;
	waiters_add(&cache->ready, waiter);
	loop_defer(cache->loop, deliver_ready, cache);
}

void aws_credentials_cache_refused(struct aws_credentials_cache *cache, const struct aws_credentials *refused)
{
	if (cache->present == refused)
		cache->refused = true;
}
