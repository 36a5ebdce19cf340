/*
 * budget.h - what the model costs: estimated before, accounted after, never above the ceilings.
 *
 * In the journal: one document an open reservation (kind "reservation"), one a day, person, kind of use and model
 * (kind "cost"; months older than 13 are deleted), and for two days one an answer (kind "answer_cost"). A reservation
 * that is never settled (the process died) counts as spent: what the model read and wrote may be charged. Days and
 * months are UTC; a call belongs to the day on which it was reserved. Money is in US dollars by bedrock.prices at
 * the time of the reservation; a model without a price costs 0 and only its tokens are counted.
 *
 * What holds, with calls at the same time, restarts and kill -9, whatever the clock does: of the calls reserved on a
 * date, or for one answer within two days, what they truly cost stays within the ceiling, but for what single calls
 * cost beyond their own reservation. They cannot, as long as a token stands for a byte or more: see budget.c.
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
	const char *id;     /* of the call to the model: unique, at most 512 bytes; the same again, while it is open, is
	                       the same reservation */
	const char *kind;   /* BUDGET_* */
	const char *person; /* the chat's id; NULL: tocsin itself */
	const char *answer; /* the answer it is part of: max_cost_per_answer counts over all of its calls; at most 512
	                       bytes; NULL: none */
	int64_t input_bytes; /* of the request as it is sent: instructions, tools, messages */
	int64_t output_tokens; /* the most that the model may write */
	const char *extends; /* id of a settled call of this answer that this one repeats and adds to: what that one
	                        read is known, so only the rest is estimated. NULL: none */
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
/* It certainly was not charged (never sent, throttled, refused): the reservation goes. */
void budget_release(struct budget *budget, const char *id);

/* Dollars by the configured prices of the model; NaN: it has none. Cached tokens without a price cost
 * as input does. */
double budget_price(const struct config *config, const struct budget_tokens *tokens);
/* Spent and set aside today; of one answer; set aside now, whenever that was. */
double budget_today(const struct budget *budget);
double budget_answer(const struct budget *budget, const char *answer);
double budget_set_aside(const struct budget *budget);

/* Dollars of the UTC days from the one on that from_ms lies in; what is set aside does not count. */
double budget_spent(const struct budget *budget, int64_t from_ms);

#define BUDGET_DOLLARS_SIZE 32
/* For people: "$12.34"; below ten cents "$0.0042"; never rounded to nothing. */
void budget_dollars(double dollars, char out[BUDGET_DOLLARS_SIZE]);

struct budget_row {
	const char *person; /* NULL: tocsin itself */
	const char *kind;
	int64_t uses;     /* calls to the model */
	int64_t guessed;  /* of these: whose tokens were never told; they count as reserved */
	int64_t unpriced; /* of these: of a model without a price */
	struct budget_tokens tokens;
	double dollars;
};
/* The month that month_ms lies in, one call a person and kind, dearest first. Borrowed during the call. */
void budget_month(const struct budget *budget, int64_t month_ms, void (*row)(void *arg, const struct budget_row *row),
                  void *arg);

#endif
