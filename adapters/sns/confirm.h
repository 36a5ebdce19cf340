/*
 * confirm.h - agreeing to an SNS subscription.
 *
 * ConfirmSubscription is called at our own resolved endpoint of the topic's region; the URL in
 * the message is never visited, so that no message can make us request anything. The call needs
 * no signature and may be repeated (SNS API reference, ConfirmSubscription).
 */
#ifndef ADAPTERS_SNS_CONFIRM_H
#define ADAPTERS_SNS_CONFIRM_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct http_client;
struct sns_confirmations;

/* The client is borrowed; free it after this (its last callbacks end the running calls). */
struct sns_confirmations *sns_confirmations_new(struct http_client *client);
void sns_confirmations_free(struct sns_confirmations *confirmations); /* waiters: ERR_CANCELLED */

/*
 * One call for equal topics and tokens at a time; others join it. True: `done` completes later,
 * once. False at once with the reason. ERR_REFUSED: SNS says no (the token is used up or too old);
 * ERR_RETRY: SNS could not be asked, or too many calls run.
 */
bool sns_confirm(struct sns_confirmations *confirmations, const char *topic, const char *token,
                 struct done done, struct err *err) MUST_CHECK;

/* The ARN inside <SubscriptionArn> of a ConfirmSubscription answer; NULL when there is none. free()
 * it. */
char *sns_confirm_read_answer(const char *xml, size_t length);

#endif
