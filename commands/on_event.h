/* on_event.h - what tocsin does when something arrives through SNS. */
#ifndef COMMANDS_ON_EVENT_H
#define COMMANDS_ON_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct bot;

struct arrival { /* a verified notification; borrowed */
	const char *id;      /* the same on redelivery */
	const char *topic;
	const char *subject; /* or NULL */
	const char *text;
	size_t length;
	int64_t sent_ms;
	bool late; /* older than sns.max_age */
};

/*
 * Takes it into account, once. Everything it leads to is one commit; durable completes when that
 * is on the disk (also for a redelivery, when the first copy's commit is).
 */
void on_event(struct bot *bot, const struct arrival *arrival, struct done durable);
/* Somebody unsubscribed us from a topic: said aloud, since silence would look like peace. */
void on_unsubscribed(struct bot *bot, const char *id, const char *topic, struct done durable);

#endif
