/*
 * budget.h - what the model costs: estimated before, accounted after, never above the ceilings.
 *
 * In the journal: one document a reservation (kind "reservation"), one a day, person and kind of use (kind "cost").
 * A reservation that is never settled (the process died) counts as spent: what the model read and wrote may be
 * charged. Days and months are UTC. Money is in US dollars by bedrock.prices; a model without a price costs 0 and
 * only its tokens are counted.
 */
#ifndef BOT_BUDGET_H
#define BOT_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct bot;
struct budget;
struct config;

#define BUDGET_QUESTION "question"
#define BUDGET_SUMMARY "summary"

struct budget_tokens {
	int64_t input, output, cache_read, cache_write;
};

struct budget_request {
	const char *id;     /* of the call to the model: unique; the same again is the same reservation */
	const char *kind;   /* BUDGET_* */
	const char *person; /* the chat's id; NULL: tocsin itself */
	const char *answer; /* the answer it is part of: max_cost_per_answer counts over all of its calls */
	int64_t input_bytes; /* of the request's text; tokens are estimated, upwards */
	int64_t output_tokens; /* the most that the model may write */
};

struct budget *budget_new(struct bot *bot);
bool budget_load(struct budget *budget, struct err *err) MUST_CHECK; /* blocking, at start */
void budget_free(struct budget *budget);

/* Sets that much aside, in the open journal batch: the caller asks the model when it is durable. ERR_REFUSED: a
 * ceiling would be broken; the text says which one, what is spent, and when there is money again. */
bool budget_reserve(struct budget *budget, const struct budget_request *request, struct err *err) MUST_CHECK;
/* What it was in truth, in the open journal batch. tokens NULL: not known, the reservation counts.
 * Unknown ids: nothing. */
void budget_settle(struct budget *budget, const char *id, const struct budget_tokens *tokens);
/* It certainly was not charged: the reservation goes. */
void budget_release(struct budget *budget, const char *id);

/* Dollars by the configured prices of the model; NaN: it has none. Cached tokens without a price cost
 * as input does. */
double budget_price(const struct config *config, const struct budget_tokens *tokens);
/* Spent and set aside today; of one answer. */
double budget_today(const struct budget *budget);
double budget_answer(const struct budget *budget, const char *answer);

struct budget_row {
	const char *person; /* NULL: tocsin itself */
	const char *kind;
	int64_t uses;
	struct budget_tokens tokens;
	double dollars;
};
/* The month that begins at month_ms, one call a person and kind, dearest first. */
void budget_month(const struct budget *budget, int64_t month_ms, void (*row)(void *arg, const struct budget_row *row),
                  void *arg);

#endif
