/*
 * intake.h - POST /sns: from an HTTP request to a message that is believed, stored, answered.
 *
 * SNS counts 200 ... 499 as delivered and repeats on 5xx or silence (15 s). So: 200 only after the
 * message is durable; 4xx for what will never be accepted; 503 for our own passing trouble.
 *   400 not an SNS message       403 forged, foreign topic, raw delivery, or an old confirmation
 *   405 not POST                 503 certificate, SNS or journal not to be had, too many waiting
 * Every refusal is one log line (sns.refused) and one count (tocsin_sns_refused_total).
 */
#ifndef ADAPTERS_SNS_INTAKE_H
#define ADAPTERS_SNS_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/sns/message.h"
#include "bot/config.h"
#include "bot/err.h"

struct http_client;
struct http_exchange;
struct http_request_in;
struct sns_intake;

struct sns_intake_options {
	struct http_client *client;        /* borrowed; see sns_intake_free */
	const struct config_list *topics;  /* copied */
	int64_t max_age_ms;
	/*
	 * A verified notification of a listed topic. `late`: it is older than max_age. `message` stays
	 * until `durable` has completed, which must happen once, later than this call: NULL = stored,
	 * ERR_CONFLICT = known already (both: 200), anything else = not stored (503).
	 */
	void (*deliver)(void *arg, const struct sns_message *message, bool late, struct done durable);
	/* A verified UnsubscribeConfirmation: somebody cut the feed of message->topic. Likewise. */
	void (*notice)(void *arg, const struct sns_message *message, struct done durable);
	void *arg;
};

struct sns_intake *sns_intake_new(const struct sns_intake_options *options);
/* Answers 503 to all who still wait. Free it before the HTTP server and before the client. A
 * `durable` may complete later still; nothing else is called any more. */
void sns_intake_free(struct sns_intake *intake);

/* Leads to exactly one http_reply. */
void sns_intake_handle(struct sns_intake *intake, const struct http_request_in *request,
                       struct http_exchange *exchange);

/* For a reload: copied; messages under way are judged by the old ones. */
void sns_intake_set_topics(struct sns_intake *intake, const struct config_list *topics,
                           int64_t max_age_ms);

#endif
