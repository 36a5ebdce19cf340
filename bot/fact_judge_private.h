/* fact_judge_private.h - one sentence at work, for bot/fact_judge.c and bot/fact_derive.c alone. */
#ifndef BOT_FACT_JUDGE_PRIVATE_H
#define BOT_FACT_JUDGE_PRIVATE_H

#include "bot/fact_check_private.h"

#define FACT_JUDGE_POOL_MAX 24 /* figures of a paragraph that may be compared with each other */
#define FACT_JUDGE_TIMES_MAX 12
#define FACT_JUDGE_CELLS_MAX 32
#define FACT_JUDGE_DAY_S 86400

struct value {
	double value;
	double half; /* how exactly it is written; 0: exact */
	enum fact_unit unit;
};

struct pool {
	struct value items[FACT_JUDGE_POOL_MAX];
	size_t count;
};

struct fact_judge {
	const struct evidence *evidence;
	struct fact *facts;
	bool *found, *asked;
	size_t count;
	/* of the paragraph so far */
	struct evidence_named named;
	struct fact times[FACT_JUDGE_TIMES_MAX];
	size_t time_count;
	struct pool pool;
	/* of the table that is being told */
	struct evidence_words heads[FACT_JUDGE_CELLS_MAX];
	size_t head_count;
	bool in_table;
};

/* As it may be compared: with its rounding. */
struct value fact_derive_value(const struct fact *fact);
bool fact_judge_is_named(const struct evidence_named *named, size_t subject);
/* With two times in its sentence a stretch of time is that between them. */
bool fact_derive_is_between(const struct fact *claim, const struct evidence_context *context);
/* Whether the fact at `index` follows in one step from figures or times that belong together. */
bool fact_derive(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		 const struct evidence_context *context);

#endif
