#include "adapters/aws/credentials_fetch.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/profile.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config_value.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/str.h"

#define TIMEOUT_MS 2500
#define TRIES 3
#define MAX_ANSWER (64u << 10)
#define MAX_TOKEN 8192
#define METADATA "http://169.254.169.254"
#define METADATA_IPV6 "http://[fd00:ec2::254]"
#define ROLES "/latest/meta-data/iam/security-credentials/"
/* How long credentials are used that the instance gives although they are over: it does so when it
 * cannot renew them, and AWS then extends them. */
#define STALE_MS (15 * 60 * 1000)
#define STALE_JITTER_MS (8 * 60 * 1000)

enum step { STEP_CONTAINER, STEP_TOKEN, STEP_ROLE, STEP_CREDENTIALS };

struct aws_fetch {
	struct bot *bot;
	enum step step;
	aws_credentials_fn *done; /* NULL: cancelled */
	void *arg;
	struct err early;
	char *base;  /* of the metadata service */
	char *token; /* of the session with it */
};

static void free_fetch(struct aws_fetch *fetch)
{
	loop_defer_cancel(fetch->bot->loop, fetch);
	if (fetch->token != NULL)
		explicit_bzero(fetch->token, strlen(fetch->token));
	free(fetch->token);
	free(fetch->base);
	free(fetch);
}

static void finish(struct aws_fetch *fetch, struct aws_credentials *credentials, const struct err *err)
{
	fetch->done(fetch->arg, credentials, credentials != NULL ? NULL : err);
	aws_credentials_drop(credentials);
	free_fetch(fetch);
}

static void finish_early(void *arg)
{
	struct aws_fetch *fetch = arg;

	finish(fetch, NULL, &fetch->early);
}

static void fail_later(struct aws_fetch *fetch)
{
	loop_defer(fetch->bot->loop, finish_early, fetch);
}

static struct aws_fetch *new_fetch(struct bot *bot, aws_credentials_fn *done, void *arg)
{
	struct aws_fetch *fetch = mem_alloc(sizeof(*fetch));

	fetch->bot = bot;
	fetch->done = done;
	fetch->arg = arg;
	return fetch;
}

static void answered(void *arg, const struct http_answer *answer, const struct err *err);

static void ask(struct aws_fetch *fetch, const char *method, const char *url, const struct http_header *headers)
{
	(void)http_client_send(fetch->bot->http, &(struct http_request_out){
		.method = method, .url = url, .headers = headers, .timeout_ms = TIMEOUT_MS, .max_answer = MAX_ANSWER,
		.idempotent = true, .max_tries = TRIES, .metric = "aws-metadata",
	}, answered, fetch);
}

void aws_fetch_cancel(struct aws_fetch *fetch)
{
	if (fetch == NULL)
		return;
	fetch->done = NULL;
	if (fetch->early.kind != ERR_NONE)
		free_fetch(fetch); /* else the HTTP client's answer does, within its deadline or at its end */
}

/* --- container --- */

bool aws_fetch_url_allowed(const char *url)
{
	static const char *const hosts[] = { "localhost", "[::1]", "169.254.170.2", "169.254.170.23",
		"[fd00:ec2::23]" };
	size_t length;

	if (strchr(url, '@') != NULL)
		return false;
	if (str_starts(url, "https://"))
		return true;
	if (!str_starts(url, "http://"))
		return false;
	url += 7;
	length = *url == '[' ? strcspn(url, "]") + 1 : strcspn(url, ":/?#");
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strlen(hosts[i]) == length && strncasecmp(url, hosts[i], length) == 0)
			return true;
	return str_starts(url, "127.") && strspn(url, "0123456789.") == length;
}

static char *read_token_file(const char *path, struct err *err)
{
	struct err why = { 0 };
	size_t length = 0;
	char *text = config_read_file(path, MAX_TOKEN, true, &length, &why);

	if (text == NULL)
		(void)err_set(err, why.kind == ERR_RETRY ? ERR_RETRY : ERR_REFUSED,
		              "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE %s", why.text);
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		text[--length] = '\0';
	return text;
}

/* False and why; *token may be NULL: none is wanted. */
static bool container_token(char **token, struct err *err)
{
	const char *path = aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

	*token = path != NULL ? read_token_file(path, err) :
	         mem_copy_string(aws_env("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
	if (path != NULL && *token == NULL)
		return false;
	if (*token == NULL || strpbrk(*token, "\r\n") == NULL)
		return true;
	free(*token);
	*token = NULL;
	return err_set(err, ERR_REFUSED, "the container's authorization token holds a line break");
}

struct aws_fetch *aws_fetch_container(struct bot *bot, const char *url, aws_credentials_fn *done, void *arg)
{
	struct aws_fetch *fetch = new_fetch(bot, done, arg);
	struct http_header headers[] = { { "Accept", "application/json" }, { NULL, NULL }, { NULL, NULL } };
	char *token = NULL;

	fetch->step = STEP_CONTAINER;
	if (!aws_fetch_url_allowed(url))
		(void)err_set(&fetch->early, ERR_REFUSED, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, loopback, "
		              "or the agent's address (169.254.170.2, 169.254.170.23, fd00:ec2::23)");
	else
		(void)container_token(&token, &fetch->early);
	if (fetch->early.kind != ERR_NONE) {
		fail_later(fetch);
		return fetch;
	}
	if (token != NULL)
		headers[1] = (struct http_header){ "Authorization", token };
	ask(fetch, "GET", url, headers);
	if (token != NULL)
		explicit_bzero(token, strlen(token));
	free(token);
	return fetch;
}

/* --- the instance's metadata --- */

struct aws_fetch *aws_fetch_instance(struct bot *bot, aws_credentials_fn *done, void *arg)
{
	static const struct http_header headers[] = {
		{ "x-aws-ec2-metadata-token-ttl-seconds", "21600" }, { NULL, NULL },
	};
	struct aws_fetch *fetch = new_fetch(bot, done, arg);
	const char *base = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode = aws_env("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	struct str url;
	size_t length;

	if (base == NULL)
		base = mode != NULL && strcasecmp(mode, "ipv6") == 0 ? METADATA_IPV6 : METADATA;
	length = strlen(base);
	while (length > 0 && base[length - 1] == '/')
		length--;
	fetch->step = STEP_TOKEN;
	fetch->base = mem_copy_bytes(base, length);
	str_init(&url, 2048);
	str_addf(&url, "%s/latest/api/token", fetch->base);
	ask(fetch, "PUT", url.text, headers);
	str_free(&url);
	return fetch;
}

static void ask_metadata(struct aws_fetch *fetch, enum step step, const char *role)
{
	const struct http_header headers[] = { { "x-aws-ec2-metadata-token", fetch->token }, { NULL, NULL } };
	struct str url;

	fetch->step = step;
	str_init(&url, 4096);
	str_addf(&url, "%s" ROLES, fetch->base);
	str_add_percent(&url, role, strlen(role));
	ask(fetch, "GET", url.text, headers);
	str_free(&url);
}

static void keep_stale(struct aws_credentials *credentials)
{
	int64_t now_ms = clock_true_ms();

	if (credentials->expires_ms == 0 || credentials->expires_ms > now_ms)
		return;
	credentials->expires_ms = now_ms + STALE_MS + random_up_to(STALE_JITTER_MS);
	log_event(LOG_WARN, "aws.stale_credentials_kept", "source", credentials->source, NULL);
}

/* --- answers --- */

static void no_service(struct aws_fetch *fetch, const char *why)
{
	struct err err;

	if (fetch->step == STEP_CONTAINER)
		(void)err_set(&err, ERR_RETRY, "the container gives no credentials: %.180s", why);
	else if (fetch->step == STEP_TOKEN)
		(void)err_set(&err, ERR_REFUSED, "no AWS credentials: none in environment, profile or container, "
		              "and no instance metadata (%.80s); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
		              "or run with a role", why);
	else
		(void)err_set(&err, ERR_RETRY, "the instance's metadata gives no credentials: %.180s", why);
	finish(fetch, NULL, &err);
}

static void refused(struct aws_fetch *fetch, int status)
{
	struct err err;
	char why[40];

	if (fetch->step != STEP_ROLE || status != 404) {
		(void)snprintf(why, sizeof(why), "it answers %d", status);
		no_service(fetch, why);
		return;
	}
	(void)err_set(&err, ERR_REFUSED, "no AWS credentials: none in environment, profile or container, and this "
	              "instance has no instance profile; attach one, or set AWS_ACCESS_KEY_ID and "
	              "AWS_SECRET_ACCESS_KEY");
	finish(fetch, NULL, &err);
}

/* The first line of an answer that must be one plain word; free() it. NULL: it is not. */
static char *one_word(const struct http_answer *answer)
{
	size_t length = strcspn(answer->body, "\r\n");

	for (size_t i = 0; i < length; i++)
		if (answer->body[i] <= ' ' || answer->body[i] > '~')
			return NULL;
	return length > 0 ? mem_copy_bytes(answer->body, length) : NULL;
}

static void got_credentials(struct aws_fetch *fetch, const struct http_answer *answer)
{
	const char *source = fetch->step == STEP_CONTAINER ? "the container" : "the instance's metadata";
	struct aws_credentials *credentials;
	struct err err;

	credentials = aws_credentials_read(answer->body, answer->body_length, source, &err);
	if (credentials != NULL && fetch->step == STEP_CREDENTIALS)
		keep_stale(credentials);
	finish(fetch, credentials, &err);
}

static void answered(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct aws_fetch *fetch = arg;
	char *word = NULL;

	if (fetch->done == NULL) {
		free_fetch(fetch);
	} else if (err != NULL) {
		no_service(fetch, err->text);
	} else if (answer->status != 200) {
		refused(fetch, answer->status);
	} else if (fetch->step == STEP_CONTAINER || fetch->step == STEP_CREDENTIALS) {
		got_credentials(fetch, answer);
	} else if ((word = one_word(answer)) == NULL) {
		no_service(fetch, "its answer cannot be read");
	} else if (fetch->step == STEP_TOKEN) {
		fetch->token = word;
		ask_metadata(fetch, STEP_ROLE, "");
	} else {
		ask_metadata(fetch, STEP_CREDENTIALS, word);
		free(word);
	}
}
