/* fact_judge_private.h - one sentence at work, for bot/fact_judge.c and what it asks: fact_clause, fact_given,
 * fact_when, fact_derive, fact_stretch. */
#ifndef BOT_FACT_JUDGE_PRIVATE_H
#define BOT_FACT_JUDGE_PRIVATE_H

#include "bot/fact_check_private.h"

#define FACT_JUDGE_POOL_MAX 24 /* figures of a paragraph that may be compared with each other */
#define FACT_JUDGE_TIMES_MAX 12
#define FACT_JUDGE_EARLIER_MAX 6
#define FACT_JUDGE_CELLS_MAX 32
#define FACT_JUDGE_DAY_S 86400

struct value {
	double value;
	double half; /* how exactly it is written; 0: exact */
	enum fact_unit unit;
	enum fact_role role;
};

struct pool {
	struct value items[FACT_JUDGE_POOL_MAX];
	size_t count;
};

struct fact_cursor;

struct fact_judge_head { /* of a table's column */
	struct evidence_words words;
	unsigned statistics;
	enum fact_role role;
};

struct fact_judge {
	const struct evidence *evidence;
	struct fact *facts;
	bool *found, *asked, *denied; /* denied: a time at which a figure beside it is not true */
	size_t count;
	/* of the paragraph so far */
	struct evidence_named named, before; /* in this sentence, or last; and before it */
	struct fact times[FACT_JUDGE_TIMES_MAX];
	size_t time_count;
	struct pool pool;
	struct fact earlier[FACT_JUDGE_EARLIER_MAX]; /* times of the sentences before */
	size_t earlier_count;
	bool is_now; /* what was told last is how it is now: "All is fine now." */
	/* of the table that is being told */
	struct fact_judge_head heads[FACT_JUDGE_CELLS_MAX];
	size_t head_count;
	bool in_table;
	bool is_english; /* so far */
};

/* fact_clause.c: the clause around [*from, *to). */
void fact_clause_of(const struct fact_cursor *cursor, size_t *from, size_t *to);
unsigned fact_clause_statistics(const struct fact_judge *judge, const char *text, size_t length,
				const struct fact *fact, unsigned whole);
/* Whether one of the words is of the name of a series that is meant: "161 matches started". */
bool fact_clause_is_of_name(const struct fact_judge *judge, const struct evidence_context *context, const char *words);
void fact_clause_words(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		       struct evidence_words *words);
void fact_clause_narrow(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			struct evidence_context *context);
void fact_clause_add(const struct fact_judge *judge, const char *text, size_t length,
		     const struct evidence_words *whole, struct evidence_named *named);

/* Whether a time stands in the figure's clause. */
bool fact_clause_has_time(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact);
/* Whether the claim's clause concludes from those before it: ", so ...", ", which is ...". */
bool fact_clause_concludes(const char *text, size_t length, const struct fact *claim);

struct fact_clause {
	size_t from, to;
	bool has_role;                    /* it says "usual" or "limit" itself */
	size_t before, behind, reference; /* figures of it, before and behind the claim; the last one */
};
struct fact_clause fact_clause_around(const struct fact_judge *judge, const char *text, size_t length, size_t index);

/* fact_given.c: *named gets the subjects that were meant instead. */
bool fact_given(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
		const struct evidence_context *context, struct evidence_named *named);
/* A status code and the like, by which something of the data is called: "502", "504s". */
bool fact_given_is_code(const struct fact_judge *judge, const char *text, const struct fact *fact);
bool fact_given_is_idle(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			const struct evidence_context *context);

/* fact_when.c. "Around noon (the twenty minutes from 11:40)": then, as the bracket tells it. */
void fact_when_take_brackets(struct fact_judge *judge, const char *text, size_t length);
bool fact_when_is_given(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			const struct evidence_context *context);
bool fact_when_is_supported(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			    const struct evidence_context *context);

/* Whether a series leaves what is quiet at that time, or returns to it. */
bool fact_when_turns(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		     const struct evidence_context *context);
/* The time that stands with a figure as that of its value; judge->count: none. */
size_t fact_when_of(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* Whether the stretch between the two times that begin at the fact is told as one. */
bool fact_when_is_pair(const struct fact_judge *judge, size_t index);
/* Whether a stretch begins at the fact that ends no later: "from 10:40 to 10:10". */
bool fact_when_is_backward(const struct fact_judge *judge, size_t index);
/* Whether the figure is one of the data, but not then. */
bool fact_when_is_denied(const struct fact_judge *judge, const char *text, size_t length, size_t index, size_t time,
			 const struct evidence_context *context);

/* Whether nothing speaks against the figure being of that time: no named series has other values then. elsewhere: only
 * one counts that has the figure at another time. */
bool fact_when_is_true(const struct fact_judge *judge, size_t index, size_t time,
		       const struct evidence_context *context, bool elsewhere);
/* fact_window.c: the begin of a stretch up to now that the words tell: "in the last hour". False: none. */
bool fact_window(const struct fact_judge *judge, const char *text, size_t length, struct fact *time);
/* The time that a stretch tells: "an hour ago", "five minutes later". False: none. */
bool fact_window_relative(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			  struct fact *time);
/* fact_step.c: the figure at `index`, where it ends a step ("from 85 to 46"), with the one before it: found, or
 * denied. */
void fact_step(struct fact_judge *judge, const char *text, size_t length, size_t index,
	       const struct evidence_context *context);

/* fact_blame.c: the derived figure at `index` is not what the sentence makes of its others; which of these are to
 * blame is denied. */
void fact_blame(struct fact_judge *judge, const char *text, size_t length, size_t index,
		const struct evidence_context *context);

/* fact_limit.c: what is over the figure at `index` since the data says that a limit was passed is denied where that is
 * another limit. */
void fact_limit(struct fact_judge *judge, const char *text, size_t length, size_t index,
		const struct evidence_context *context);

/* fact_change.c: names and times of one clause that are of different changes or alarms are not found. */
void fact_change(struct fact_judge *judge, const char *text, size_t length);

/* fact_bound.c: which times of the sentence begin or end something, and what; names: it names a subject. */
void fact_bound(struct fact_judge *judge, const char *text, size_t length, bool names);
/* Whether what the time's own clause names began or ended at other times. */
bool fact_bound_is_other(const struct fact_judge *judge, const char *text, size_t length, size_t index);

/* Whether several things began then, or ended, and the clause tells that something did, and of nothing else: "the
 * beginning of the stop at 09:25", "from 05:15 to 06:55". */
bool fact_bound_is_incident(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* Whether it lies as far from another time of the sentence as a stretch of it says: "05:50, 70 minutes after 04:40".
 * ahead: one that stands before it. */
bool fact_bound_is_measured(const struct fact_judge *judge, size_t index, bool ahead);

/* fact_row.c: the next "key=value" of a row; *at goes behind it. False: there is none. */
struct fact_pair {
	const char *key, *value;
	size_t key_length, value_length;
};
bool fact_row_next(const char **at, struct fact_pair *pair);
/* Figures of rows beside names of other rows are not found. */
void fact_row(struct fact_judge *judge, const char *text, size_t length);

/* fact_cite.c: beside "(F3)" names and times that are not of what F3 tells are not found. */
void fact_cite(struct fact_judge *judge, const char *text, size_t length, const struct evidence_context *context);

/* As it may be compared: with its rounding. */
struct value fact_derive_value(const struct fact *fact);
bool fact_judge_is_named(const struct evidence_named *named, size_t subject);
/* A minute and more of time. With two times in its sentence it is that between them. */
bool fact_stretch_is(const struct fact *fact);
bool fact_stretch_is_between(const struct fact *claim, const struct evidence_context *context);
/* Whether it is as long as from the one to the other, in local seconds; not dated: of one day, or over midnight. */
bool fact_stretch_is_between_times(const struct fact *claim, int64_t from_s, int64_t to_s, bool dated);
/* fact_lasting.c: whether what it tells of took so long by the data's own begin and end; or its table's steps are so
 * long. */
bool fact_lasting(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		  const struct evidence_context *context);
/* "It made none during 17 intervals": whether what is named took so many of its steps. */
bool fact_lasting_steps(const struct fact_judge *judge, const char *text, size_t length, size_t index,
			const struct evidence_context *context);
/* "The ten-minute means": that it speaks of a table's steps. */
bool fact_lasting_tells_steps(const char *text, size_t length);
/* fact_table.c. "In the quarter of an hour from 11:15": the time is that of a table's row, no begin of anything. */
void fact_table_take_rows(struct fact_judge *judge, const char *text, size_t length);
/* Whether it names such a row, and no figure stands with it that has to be the row's. */
bool fact_table_is_row(const struct fact_judge *judge, const char *text, size_t length, size_t index);
/* The time of the sentence that stands nearest to it; NULL: none. */
const struct fact *fact_stretch_nearest(const struct fact *claim, const struct evidence_context *context);
/* Whether it lies between two times that belong together. */
bool fact_stretch(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		  const struct evidence_context *context);
/* Whether the fact at `index` follows in one step from figures or times that belong together. */
bool fact_derive(const struct fact_judge *judge, const char *text, size_t length, size_t index,
		 const struct evidence_context *context);

#endif
