#include "adapters/sns/confirm.h"

#include <string.h>

#include "adapters/aws/endpoint.h"
#include "adapters/sns/waiting.h"
#include "bot/arn.h"
#include "bot/http_client.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_RUNNING 16
#define MAX_WAITING 256
#define MAX_ARN 1024
/* SNS waits 15 s for our answer: three tries and the pauses between them stay under that. */
#define TIMEOUT_MS 4000
#define TRIES 3

struct call {
	struct sns_confirmations *owner; /* NULL: it went away during the call */
	char *topic, *token;
	struct http_call *http;
	struct waiting waiting;
};

struct sns_confirmations {
	struct http_client *client;
	struct call *running[MAX_RUNNING];
	unsigned waiting;
};

struct sns_confirmations *sns_confirmations_new(struct http_client *client)
{
	struct sns_confirmations *c = mem_alloc(sizeof(*c));

	c->client = client;
	return c;
}

void sns_confirmations_free(struct sns_confirmations *c)
{
	struct err gone;

	if (c == NULL)
		return;
	(void)err_set(&gone, ERR_CANCELLED, "shutting down");
	for (int i = 0; i < MAX_RUNNING; i++) {
		struct call *call = c->running[i];

		if (call == NULL)
			continue;
		waiting_complete(&call->waiting, &gone);
		call->owner = NULL; /* answered() frees it */
		http_client_cancel(call->http);
	}
	free(c);
}

static void call_free(struct call *call)
{
	free(call->topic);
	free(call->token);
	free(call);
}

/* What stands between <name> and </name>, when it occurs once and is plain text; free() it. */
static char *element(const char *xml, size_t length, const char *open, const char *close)
{
	const char *start = memmem(xml, length, open, strlen(open)), *end;
	size_t left;

	if (start == NULL)
		return NULL;
	start += strlen(open);
	left = length - (size_t)(start - xml);
	end = memmem(start, left, close, strlen(close));
	if (end == NULL || memmem(start, left, open, strlen(open)) != NULL)
		return NULL;
	left = (size_t)(end - start);
	if (left == 0 || left > MAX_ARN || memchr(start, '<', left) != NULL ||
	    memchr(start, '\0', left) != NULL)
		return NULL;
	return mem_copy_bytes(start, left);
}

char *sns_confirm_read_answer(const char *xml, size_t length)
{
	char *text = element(xml, length, "<SubscriptionArn>", "</SubscriptionArn>");
	struct arn arn;

	if (text == NULL || (arn_split(text, &arn) && strcmp(arn.service, "sns") == 0))
		return text;
	free(text);
	return NULL;
}

/* False and why: 4xx is SNS's last word, but for the two that mean "later". */
static bool judge(const struct http_answer *answer, const char *subscription, struct err *err)
{
	char *code;
	enum err_kind kind = ERR_RETRY;

	if (answer->status == 200 && subscription != NULL)
		return true;
	if (answer->status == 200)
		return err_set(err, ERR_RETRY, "SNS answers without a SubscriptionArn");
	code = element(answer->body, answer->body_length, "<Code>", "</Code>");
	if (answer->status >= 400 && answer->status < 500 && answer->status != 408 &&
	    answer->status != 429 && (code == NULL || strstr(code, "Throttl") == NULL))
		kind = ERR_REFUSED;
	(void)err_set(err, kind, "SNS answers %d %.60s", answer->status, code != NULL ? code : "");
	free(code);
	return false;
}

static void answered(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct call *call = arg;
	struct sns_confirmations *c = call->owner;
	char *subscription = NULL;
	struct err failure;
	bool good = false;

	for (int i = 0; c != NULL && i < MAX_RUNNING; i++)
		if (c->running[i] == call)
			c->running[i] = NULL;
	if (answer != NULL) {
		subscription = sns_confirm_read_answer(answer->body, answer->body_length);
		good = judge(answer, subscription, &failure);
	} else {
		(void)err_set(&failure, ERR_RETRY, "SNS cannot be asked: %.200s", err->text);
	}
	if (good)
		log_event(LOG_INFO, "sns.confirmed", "topic", call->topic, "subscription", subscription,
		          NULL);
	else if (c != NULL)
		log_event(LOG_WARN, "sns.confirm-failed", "topic", call->topic, "error", failure.text,
		          NULL);
	if (c != NULL)
		c->waiting -= call->waiting.count;
	waiting_complete(&call->waiting, good ? NULL : &failure);
	free(subscription);
	call_free(call);
}

static bool start(struct call *call, struct err *err)
{
	struct http_header form[] = {
		{ "Action", "ConfirmSubscription" }, { "Version", "2010-03-31" },
		{ "TopicArn", call->topic }, { "Token", call->token }, { NULL, NULL },
	};
	static const struct http_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" }, { NULL, NULL },
	};
	struct arn arn;
	struct str url;
	char *base, *body;

	if (!arn_split(call->topic, &arn) || !aws_endpoint("sns", arn.region, &base, err))
		return err_set(err, ERR_RETRY, "the SNS endpoint of the topic's region is not known");
	str_init(&url, 2048);
	str_addf(&url, "%s/", base);
	body = http_form_encode(form);
	call->http = http_client_send(call->owner->client, &(struct http_request_out){
		.method = "POST", .url = url.text, .headers = headers,
		.body = body, .body_length = strlen(body),
		.timeout_ms = TIMEOUT_MS, .max_answer = 64u << 10,
		.idempotent = true, .max_tries = TRIES, .metric = "sns-confirm",
	}, answered, call);
	free(body);
	str_free(&url);
	free(base);
	return true;
}

static struct call *begin(struct sns_confirmations *c, const char *topic, const char *token,
                          struct err *err)
{
	struct call *call;
	int i = 0;

	while (i < MAX_RUNNING && c->running[i] != NULL)
		i++;
	if (i == MAX_RUNNING) {
		(void)err_set(err, ERR_RETRY, "too many subscriptions are being confirmed");
		return NULL;
	}
	call = mem_alloc(sizeof(*call));
	call->owner = c;
	call->topic = mem_copy_string(topic);
	call->token = mem_copy_string(token);
	if (!start(call, err)) {
		call_free(call);
		return NULL;
	}
	c->running[i] = call;
	return call;
}

bool sns_confirm(struct sns_confirmations *c, const char *topic, const char *token,
                 struct done done, struct err *err)
{
	struct call *call = NULL;

	for (int i = 0; i < MAX_RUNNING; i++)
		if (c->running[i] != NULL && strcmp(c->running[i]->topic, topic) == 0 &&
		    strcmp(c->running[i]->token, token) == 0)
			call = c->running[i];
	if (c->waiting >= MAX_WAITING)
		return err_set(err, ERR_RETRY, "too many confirmations wait");
	if (call == NULL)
		call = begin(c, topic, token, err);
	if (call == NULL)
		return false;
	waiting_add(&call->waiting, done);
	c->waiting++;
	return true;
}
