#include "adapters/prometheus/ask.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/sign.h"
#include "adapters/prometheus/judge.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/http_client.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "bot/str.h"

#define TIMEOUT_MS 30000
#define TRIES_MAX 3
#define ANSWER_MAX ((size_t)16 << 20) /* twenty series of 11,000 points take 6 MiB */
#define LOGIN_MAX ((size_t)32 << 10)
#define TIME_SIZE 32
#define SERVICE "aps" /* Amazon Managed Prometheus, in signatures */

static const struct http_header form_type = { "Content-Type", "application/x-www-form-urlencoded" };

struct prometheus_ask {
	struct bot *bot;
	char *entry, *url, *region; /* region NULL: not signed */
	char *form;
	int64_t deadline_ms;
	struct http_call *http; /* while it runs */
	bool renewed;           /* the credentials, once */
	prometheus_ask_fn *done; /* NULL: cancelled */
	void *arg;
};

static void free_ask(struct prometheus_ask *ask)
{
	free(ask->entry);
	free(ask->url);
	free(ask->region);
	free(ask->form);
	free(ask);
}

static void complete(struct prometheus_ask *ask, const char *body, size_t length, const struct err *err)
{
	ask->done(ask->arg, body, length, err);
	free_ask(ask);
}

/* --- the exchange --- */

static void sign(struct prometheus_ask *ask, bool renew);

static void on_answer(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct prometheus_ask *ask = arg;
	struct err why;

	ask->http = NULL;
	if (ask->done == NULL) {
		free_ask(ask);
	} else if (answer != NULL && ask->region != NULL && !ask->renewed && prometheus_judge_expired(answer)) {
		ask->renewed = true;
		sign(ask, true);
	} else if (!prometheus_judge(ask->entry, ask->region != NULL, answer, err, &why)) {
		complete(ask, NULL, 0, &why);
	} else {
		complete(ask, answer->body, answer->body_length, NULL);
	}
}

static void transmit(struct prometheus_ask *ask, const struct http_header *headers)
{
	int64_t left_ms = ask->deadline_ms - clock_mono_ms();

	ask->http = http_client_send(ask->bot->http, &(struct http_request_out){
		.method = "POST", .url = ask->url, .headers = headers,
		.body = ask->form, .body_length = strlen(ask->form),
		.timeout_ms = left_ms > 1 ? left_ms : 1, .max_answer = ANSWER_MAX, .idempotent = true,
		.max_tries = TRIES_MAX, .metric = "prometheus",
	}, on_answer, ask);
}

static void on_signed(void *arg, const struct http_header *headers, const struct err *err)
{
	struct prometheus_ask *ask = arg;
	struct err why;

	if (ask->done == NULL) {
		free_ask(ask);
	} else if (err != NULL) {
		(void)err_set(&why, err->kind, "%s: %.200s", ask->entry, err->text);
		complete(ask, NULL, 0, &why);
	} else {
		transmit(ask, headers);
	}
}

static void sign(struct prometheus_ask *ask, bool renew)
{
	aws_sign(ask->bot->aws, &(struct aws_sign_request){
		.method = "POST", .url = ask->url, .service = SERVICE, .region = ask->region,
		.headers = (const struct http_header[]){ form_type, { NULL, NULL } },
		.body = ask->form, .body_length = strlen(ask->form), .renew = renew,
	}, on_signed, ask);
}

/* --- login --- */

/* "Basic base64(user:password)". */
static void add_basic(struct str *out, const char *user, const char *password)
{
	size_t size = strlen(user) + 1 + strlen(password);
	char *plain = mem_alloc(size + 1), *coded = mem_alloc(size / 3 * 4 + 5);

	(void)snprintf(plain, size + 1, "%s:%s", user, password);
	(void)EVP_EncodeBlock((unsigned char *)coded, (const unsigned char *)plain, (int)size);
	str_addf(out, "Basic %s", coded);
	OPENSSL_cleanse(plain, size);
	OPENSSL_cleanse(coded, strlen(coded));
	free(plain);
	free(coded);
}

static void log_in(struct prometheus_ask *ask, const struct config_prometheus *entry)
{
	const char *password = secret_reveal(&entry->password), *token = secret_reveal(&entry->token);
	struct http_header headers[] = { form_type, { NULL, NULL }, { NULL, NULL } };
	struct str login;

	str_init(&login, LOGIN_MAX);
	if (entry->user != NULL)
		add_basic(&login, entry->user, password == NULL ? "" : password);
	else if (token != NULL)
		str_addf(&login, "Bearer %s", token);
	if (login.length > 0)
		headers[1] = (struct http_header){ "Authorization", login.text };
	transmit(ask, headers);
	OPENSSL_cleanse(login.text, login.length);
	str_free(&login);
}

/* --- a new one --- */

/* Seconds, with a fraction only where there is one. */
static const char *seconds(int64_t ms, char out[TIME_SIZE])
{
	if (ms % 1000 == 0)
		(void)snprintf(out, TIME_SIZE, "%lld", (long long)(ms / 1000));
	else
		(void)snprintf(out, TIME_SIZE, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
	return out;
}

static char *form_of(const struct prometheus_query *query)
{
	char first[TIME_SIZE], last[TIME_SIZE], step[TIME_SIZE], timeout[TIME_SIZE];

	return http_form_encode((const struct http_header[]){
		{ "query", query->text },
		{ "start", seconds(query->first_ms, first) },
		{ "end", seconds(query->last_ms, last) },
		{ "step", seconds(query->step_ms, step) },
		{ "timeout", seconds(TIMEOUT_MS, timeout) }, /* nobody waits for a later answer */
		{ NULL, NULL },
	});
}

struct prometheus_ask *prometheus_ask(struct bot *bot, const struct prometheus_query *query, prometheus_ask_fn *done,
                                      void *arg)
{
	struct prometheus_ask *ask = mem_alloc(sizeof(*ask));
	struct str url;

	str_init(&url, 4096);
	str_addf(&url, "%sapi/v1/query_range", query->entry->url);
	ask->bot = bot;
	ask->entry = mem_copy_string(query->entry->name);
	ask->url = str_take(&url);
	ask->region = mem_copy_string(query->entry->region);
	ask->form = form_of(query);
	ask->deadline_ms = clock_mono_ms() + TIMEOUT_MS;
	ask->done = done;
	ask->arg = arg;
	if (ask->region != NULL)
		sign(ask, false);
	else
		log_in(ask, query->entry);
	return ask;
}

void prometheus_ask_cancel(struct prometheus_ask *ask)
{
	ask->done = NULL; /* who holds it now (the HTTP client, the credentials) gives it back later */
	if (ask->http != NULL)
		http_client_cancel(ask->http);
}
