/*
 * budget_store.h - what bot/budget.c remembers: reservations, costs by day, answers; in memory and in the journal.
 *
 * For bot/budget.c alone. Everything put or dropped goes into the open journal batch.
 */
#ifndef BOT_BUDGET_STORE_H
#define BOT_BUDGET_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct journal;

#define BUDGET_STORE_DAY_MS (24 * 3600 * 1000LL)

struct budget_reservation {
	struct budget_reservation *next;
	char *id, *kind, *model;
	char *person, *answer;    /* NULL: none */
	int64_t day;              /* since 1970, UTC: the one whose ceiling it counts to */
	int64_t bytes;            /* of the request */
	int64_t input, output;    /* tokens, at most */
	double dollars;           /* at most; 0: the model has no price */
	double price_input, price_output, price_cache_read, price_cache_write; /* a million tokens; NaN: none */
};

struct budget_cost { /* of one day, person, kind and model */
	struct budget_cost *next;
	char *key; /* of the document */
	char *person; /* NULL: tocsin itself */
	char *kind, *model;
	int64_t day;
	int64_t uses, guessed, unpriced;
	int64_t input, output, cache_read, cache_write; /* tokens */
	double dollars;
};

struct budget_answer {
	struct budget_answer *next;
	char *id;
	int64_t day; /* of its last call */
	double dollars; /* spent */
	/* Its last call that told its tokens. Not saved: without it estimates are only higher. */
	char *last_id, *last_model;
	int64_t last_bytes, last_tokens;
};

struct budget_store {
	struct journal *journal;
	struct budget_reservation *reservations;
	struct budget_cost *costs; /* newest first */
	struct budget_answer *answers;
	int64_t last_number;   /* of a cost's document */
	int64_t forgotten_day; /* when forgetting was done last */
};

bool budget_store_load(struct budget_store *store, struct err *err) MUST_CHECK;
void budget_store_free(struct budget_store *store); /* the members */

struct budget_reservation *budget_store_find(const struct budget_store *store, const char *id);
void budget_store_add(struct budget_store *store, struct budget_reservation *reservation); /* becomes the store's */
void budget_store_drop(struct budget_store *store, struct budget_reservation *reservation);
void budget_store_free_reservation(struct budget_reservation *reservation);

/* The document that counts such a call; a new one when there is none. Put it when it is changed. */
struct budget_cost *budget_store_cost(struct budget_store *store, const struct budget_reservation *reservation);
void budget_store_put_cost(struct budget_store *store, const struct budget_cost *cost);
/* NULL: nothing is known of it. */
struct budget_answer *budget_store_find_answer(const struct budget_store *store, const char *id);
struct budget_answer *budget_store_answer(struct budget_store *store, const char *id);
void budget_store_put_answer(struct budget_store *store, const struct budget_answer *answer);
/* Costs of months older than 13, and answers that are over: of before yesterday, with nothing open. Once a day. */
void budget_store_forget(struct budget_store *store, int64_t today);
/* Of a day: a number that is one more for the next month. */
int64_t budget_store_month(int64_t day);

#endif
