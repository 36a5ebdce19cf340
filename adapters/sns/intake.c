#include "adapters/sns/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/sns/certificate.h"
#include "adapters/sns/confirm.h"
#include "adapters/sns/key.h"
#include "adapters/sns/signer.h"
#include "bot/arn.h"
#include "bot/clock.h"
#include "bot/http_server.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/spare.h"

#define REFUSED "tocsin_sns_refused_total"
#define RECEIVED "tocsin_sns_received_total"
#define POSTPONED "tocsin_sns_postponed_total"
#define DELIVERIES_KEPT 64
#define PEER_SIZE 64 /* an address fits */
/* Of bodies whose certificates are being fetched, together: nobody knows yet who sent them. A thousand alarms' fit. */
#define WAITING_BYTES ((size_t)8 << 20)

struct topic {
	char *arn;
	struct arn parts;
};

/* One request from here to its answer. */
struct delivery {
	struct sns_intake *intake;      /* NULL: it went away; the answer has been given */
	struct http_exchange *exchange; /* NULL: answered */
	struct delivery *previous, *next;
	struct sns_message message;
	size_t length; /* of the body */
	char *texts; /* topic and id of the message once it was passed on; NULL before */
	char region[sizeof(((struct arn *)0)->region)]; /* of the topic */
	char peer[PEER_SIZE];
};

struct sns_intake {
	struct sns_intake_options options;
	struct topic *topics;
	size_t topic_count;
	struct sns_certificates *certificates;
	struct sns_confirmations *confirmations;
	struct delivery *first; /* all that are under way */
	size_t waiting_bytes; /* of those whose certificates are being fetched */
	struct spare deliveries;
};

static void free_topics(struct sns_intake *intake)
{
	for (size_t i = 0; i < intake->topic_count; i++)
		free(intake->topics[i].arn);
	free(intake->topics);
}

void sns_intake_set_topics(struct sns_intake *intake, const struct config_list *topics,
                           int64_t max_age_ms)
{
	free_topics(intake);
	intake->topics = mem_alloc(topics->count * sizeof(*intake->topics));
	intake->topic_count = 0;
	for (size_t i = 0; i < topics->count; i++) {
		struct topic *topic = &intake->topics[intake->topic_count];

		topic->arn = mem_copy_string(topics->items[i]);
		if (arn_split(topic->arn, &topic->parts)) {
			intake->topic_count++;
			continue;
		}
		log_event(LOG_ERROR, "sns.topic-ignored", "topic", topic->arn, NULL);
		free(topic->arn);
	}
	intake->options.max_age_ms = max_age_ms;
}

struct sns_intake *sns_intake_new(const struct sns_intake_options *options)
{
	struct sns_intake *intake = mem_alloc(sizeof(*intake));

	metrics_describe(RECEIVED, "counter", "SNS messages that were verified and stored, by type.");
	metrics_describe(REFUSED, "counter",
	                 "Requests to /sns that will never be accepted, by reason.");
	metrics_describe(POSTPONED, "counter", "SNS messages answered 503 so that SNS repeats them.");
	intake->options = *options;
	intake->deliveries = (struct spare){ .size = sizeof(struct delivery), .most = DELIVERIES_KEPT };
	intake->options.topics = NULL; /* only borrowed */
	sns_intake_set_topics(intake, options->topics, options->max_age_ms);
	intake->certificates = sns_certificates_new(options->client);
	intake->confirmations = sns_confirmations_new(options->client);
	return intake;
}

static void reply(struct http_exchange *exchange, int status, const char *text)
{
	http_reply(exchange, status, "text/plain; charset=utf-8", text, strlen(text));
}

static void delivery_free(struct delivery *d)
{
	if (d->intake != NULL && d->intake->first == d)
		d->intake->first = d->next;
	if (d->previous != NULL)
		d->previous->next = d->next;
	if (d->next != NULL)
		d->next->previous = d->previous;
	sns_message_free(&d->message);
	free(d->texts);
	if (d->intake != NULL)
		spare_give(&d->intake->deliveries, d);
	else
		free(d);
}

void sns_intake_free(struct sns_intake *intake)
{
	if (intake == NULL)
		return;
	for (struct delivery *d = intake->first, *next; d != NULL; d = next) {
		next = d->next;
		reply(d->exchange, 503, "shutting down\n");
		*d = (struct delivery){ .message = d->message, .texts = d->texts };
	}
	sns_certificates_free(
		intake->certificates); /* these complete, and so free, what waits for them */
	sns_confirmations_free(intake->confirmations);
	free_topics(intake);
	spare_free_all(&intake->deliveries);
	free(intake);
}

/* One refusal: `reason` is a literal, `detail` holds nothing of the body. */
static void refuse(struct http_exchange *exchange, int status, const char *reason,
                   const char *detail, const char *topic, const char *peer)
{
	char text[320];

	metrics_count(REFUSED, "reason", reason);
	log_event(LOG_WARN, "sns.refused", "reason", reason, "detail", detail, "topic", topic, "peer",
	          peer, NULL);
	(void)snprintf(text, sizeof(text), "refused (%s): %s\n", reason, detail);
	reply(exchange, status, text);
}

static void refuse_delivery(struct delivery *d, const char *reason, const char *detail)
{
	refuse(d->exchange, 403, reason, detail, d->message.topic, d->peer);
	delivery_free(d);
}

/* 503: SNS will come again. */
static void postpone(struct delivery *d, const char *reason, const struct err *err)
{
	metrics_count(POSTPONED, "reason", reason);
	log_event(LOG_WARN, "sns.postponed", "reason", reason, "detail", err->text, "topic",
	          d->message.topic, "message", d->message.id, "peer", d->peer, NULL);
	reply(d->exchange, 503, "not now: please repeat\n");
	delivery_free(d);
}

static void accept(struct delivery *d)
{
	static const char *const kinds[] = {
		[SNS_NOTIFICATION] = "notification",
		[SNS_SUBSCRIPTION] = "subscription",
		[SNS_UNSUBSCRIPTION] = "unsubscription",
	};

	metrics_count(RECEIVED, "type", kinds[d->message.type]);
	http_reply(d->exchange, 200, NULL, "", 0);
	delivery_free(d);
}

static void stored(void *arg, const struct err *err)
{
	struct delivery *d = arg;

	if (d->intake == NULL)
		delivery_free(d);
	else if (err == NULL || err->kind == ERR_CONFLICT)
		accept(d);
	else
		postpone(d, "journal", err);
}

static void confirmed(void *arg, const struct err *err)
{
	struct delivery *d = arg;

	if (d->intake == NULL)
		delivery_free(d);
	else if (err == NULL)
		accept(d);
	else if (err->kind == ERR_REFUSED)
		refuse_delivery(d, "confirmation", err->text);
	else
		postpone(d, "confirmation", err);
}

static void confirm(struct delivery *d)
{
	struct sns_intake *intake = d->intake;
	struct err err;

	if (!sns_confirm(intake->confirmations, d->message.topic, d->message.token,
	                 (struct done){ confirmed, d }, &err))
		postpone(d, "confirmation", &err);
}

/* Only what the answer needs stays while the journal writes: the memory of its text serves the next message. */
static struct sns_message take_message(struct delivery *d)
{
	struct sns_message message = d->message;
	size_t topic_size = strlen(message.topic) + 1, id_size = strlen(message.id) + 1;

	d->texts = mem_resize(NULL, topic_size + id_size);
	d->message = (struct sns_message){
		.type = message.type,
		.topic = memcpy(d->texts, message.topic, topic_size),
		.id = memcpy(d->texts + topic_size, message.id, id_size),
	};
	return message;
}

/* The message is SNS's own. */
static void believe(struct delivery *d)
{
	struct sns_intake *intake = d->intake;
	struct done durable = { stored, d };
	struct sns_message message;
	bool late = clock_true_ms() - d->message.sent_ms > intake->options.max_age_ms;

	switch (d->message.type) {
	case SNS_NOTIFICATION:
		if (late)
			log_event(LOG_WARN, "sns.late", "topic", d->message.topic, "message", d->message.id,
			          NULL);
		message = take_message(d);
		intake->options.deliver(intake->options.arg, &message, late, durable);
		sns_message_free(&message);
		break;
	case SNS_UNSUBSCRIPTION:
		message = take_message(d);
		intake->options.notice(intake->options.arg, &message, durable);
		sns_message_free(&message);
		break;
	case SNS_SUBSCRIPTION:
		if (late)
			refuse_delivery(d, "age", "the subscription confirmation is older than sns.max_age: "
			                          "request a new one in SNS");
		else
			confirm(d);
		break;
	}
}

static void verify(struct delivery *d, struct sns_key *key)
{
	struct err err;

	if (sns_key_verify(key, &d->message, &err))
		believe(d);
	else if (err.kind == ERR_REFUSED)
		refuse_delivery(d, "signature", err.text);
	else
		postpone(d, "signature", &err);
}

static void fetched(void *arg, const struct err *err)
{
	struct delivery *d = arg;
	struct sns_key *key;
	struct err expired;

	if (d->intake == NULL) {
		delivery_free(d);
		return;
	}
	d->intake->waiting_bytes -= d->length;
	if (err != NULL && err->kind == ERR_REFUSED) {
		refuse_delivery(d, "certificate", err->text);
		return;
	}
	if (err != NULL) {
		postpone(d, "certificate", err);
		return;
	}
	key = sns_certificates_find(d->intake->certificates, d->message.certificate_url);
	if (key == NULL) {
		(void)err_set(&expired, ERR_RETRY, "the signing certificate has just ended");
		postpone(d, "certificate", &expired);
		return;
	}
	verify(d, key);
}

static bool fetch(struct delivery *d, struct err *err)
{
	struct sns_intake *intake = d->intake;

	if (intake->waiting_bytes + d->length > WAITING_BYTES)
		return err_set(err, ERR_RETRY, "too much waits for a signing certificate");
	if (!sns_certificates_fetch(intake->certificates, d->message.certificate_url, d->region,
	                            (struct done){ fetched, d }, err))
		return false;
	intake->waiting_bytes += d->length;
	return true;
}

static void find_key(struct delivery *d)
{
	struct sns_key *key = sns_certificates_find(d->intake->certificates, d->message.certificate_url);
	struct err err;

	if (key != NULL)
		verify(d, key);
	else if (fetch(d, &err))
		return;
	else if (err.kind == ERR_REFUSED)
		refuse_delivery(d, "certificate", err.text);
	else
		postpone(d, "certificate", &err);
}

/* Headers are not signed: they may only agree with the body. */
static bool headers_agree(const struct http_exchange *exchange, const struct sns_message *message)
{
	const struct http_header_pair {
		const char *name, *value;
	} pairs[] = {
		{ "x-amz-sns-message-type", sns_type_name(message->type) },
		{ "x-amz-sns-message-id", message->id },
		{ "x-amz-sns-topic-arn", message->topic },
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const char *value = http_request_header(exchange, pairs[i].name);

		if (value != NULL && strcmp(value, pairs[i].value) != 0)
			return false;
	}
	return true;
}

static const struct topic *find_topic(const struct sns_intake *intake, const char *arn)
{
	for (size_t i = 0; i < intake->topic_count; i++)
		if (strcmp(intake->topics[i].arn, arn) == 0)
			return &intake->topics[i];
	return NULL;
}

/* What can be said without a key. The cheap and telling checks come first. */
static void judge(struct delivery *d)
{
	const struct topic *topic = find_topic(d->intake, d->message.topic);

	if (topic == NULL) {
		refuse(d->exchange, 403, "topic", "the topic is not in sns.topics", "-", d->peer);
		delivery_free(d);
		return;
	}
	memcpy(d->region, topic->parts.region, sizeof(d->region));
	if (d->message.version == 0)
		refuse_delivery(d, "version", "SignatureVersion is neither 1 nor 2");
	else if (!headers_agree(d->exchange, &d->message))
		refuse_delivery(d, "headers", "type, id or topic differ between headers and body");
	else if (!sns_signer_url_is_good(d->message.certificate_url, d->region))
		refuse_delivery(d, "certificate-url", "SigningCertURL is not one of the topic's SNS");
	else
		find_key(d);
}

static bool is_raw(const struct http_exchange *exchange)
{
	const char *value = http_request_header(exchange, "x-amz-sns-rawdelivery");

	return value != NULL && strcasecmp(value, "false") != 0;
}

void sns_intake_handle(struct sns_intake *intake, const struct http_request_in *request,
                       struct http_exchange *exchange)
{
	struct sns_message message;
	struct delivery *d;
	struct err err;

	if (strcmp(request->method, "POST") != 0) {
		refuse(exchange, 405, "method", "only POST is understood here", "-", request->peer);
		return;
	}
	if (is_raw(exchange)) {
		refuse(exchange, 403, "raw-delivery",
		       "raw messages are not signed: disable raw message delivery "
		       "of this subscription",
		       "-", request->peer);
		return;
	}
	if (!sns_message_parse(&message, request->body, request->body_length, &err)) {
		refuse(exchange, 400, "malformed", err.text, "-", request->peer);
		return;
	}
	d = spare_take(&intake->deliveries);
	*d = (struct delivery){ .intake = intake, .exchange = exchange, .next = intake->first, .message = message,
	                        .length = request->body_length };
	(void)snprintf(d->peer, sizeof(d->peer), "%s", request->peer);
	if (d->next != NULL)
		d->next->previous = d;
	intake->first = d;
	judge(d);
}
