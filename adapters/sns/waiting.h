/* waiting.h - several callers that wait for the end of one remote call (single flight). */
#ifndef ADAPTERS_SNS_WAITING_H
#define ADAPTERS_SNS_WAITING_H

#include "bot/err.h"

struct waiting {
	struct waiting_one *first;
	unsigned count;
};

void waiting_add(struct waiting *waiting, struct done done);
/* Completes all, in order of their coming; a callback may start a new wait at once. */
void waiting_complete(struct waiting *waiting, const struct err *err);

#endif
