/* Rows of a table that are told by how long they are: "in the quarter of an hour from 11:15", "in the three hours from
 * 06:00 and in those from 12:00". Such a time is that of the row's values; nothing begins then. */
#include <math.h>
#include <string.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define QUARTER "quarter of an hour"
#define QUARTER_S 900

/* Whether a table with such steps has a row that begins then. */
static bool has_row(const struct evidence *evidence, const struct fact *time, double step_s)
{
	int64_t at_s;
	bool dated, clock;

	if (!evidence_fact_time(evidence, time, &at_s, &dated, &clock) || !clock)
		return false;
	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];

		if (!line->coarse || fabs(step_s - (double)line->step_s) >= 0.5)
			continue;
		for (size_t j = 0; j < line->count; j++)
			if (dated && line->dated
				? line->points[j].at_s == at_s
				: line->points[j].at_s % FACT_JUDGE_DAY_S == at_s % FACT_JUDGE_DAY_S)
				return true;
	}
	return false;
}

/* The stretch that ends right before `at`, "the 25 minutes": its seconds; 0: none. told_s: that of the row before,
 * which "those" and "the one" mean. */
static double step_before(const struct fact_judge *judge, const struct fact_cursor *cursor, size_t index, size_t at,
			  double told_s)
{
	static const char *const others[] = { "those", "these", "one", "ones", "that", NULL };
	static const char *const articles[] = { "the", "those", "these", NULL };
	const struct fact *stretch = index > 0 ? &judge->facts[index - 1] : NULL;
	size_t size, word = fact_word_before(cursor, at, &size);
	double step_s = 0;

	if (size > 0 && told_s > 0 && fact_word_is(cursor, word, size, others))
		return told_s;
	if (stretch != NULL && stretch->duration && fact_skip_space(cursor, stretch->to) == at) {
		step_s = stretch->readings[0].value;
		word = stretch->from;
	} else if (word + size >= strlen(QUARTER)) {
		word = word + size - strlen(QUARTER);
		step_s = fact_stands(cursor, word, QUARTER, true) ? QUARTER_S : 0;
	}
	word = fact_word_before(cursor, word, &size);
	return size > 0 && fact_word_is(cursor, word, size, articles) ? step_s : 0;
}

/* How long the row is that the time at `index` begins; 0: it names none. */
static double row_s(const struct fact_judge *judge, const char *text, size_t length, size_t index, double told_s)
{
	const struct fact *time = &judge->facts[index];
	struct fact_cursor cursor = { text, length, 0 };
	size_t size, from = fact_word_before(&cursor, time->from, &size);
	double step_s;

	if (time->kind != FACT_TIME || time->clock_s < 0 || size == 0 || !fact_stands(&cursor, from, "from", true) ||
	    (index + 1 < judge->count && (time + 1)->kind == FACT_TIME && (time + 1)->relation == FACT_UNTIL))
		return 0;
	step_s = step_before(judge, &cursor, index, from, told_s);
	return step_s > 0 && has_row(judge->evidence, time, step_s) ? step_s : 0;
}

void fact_table_take_rows(struct fact_judge *judge, const char *text, size_t length)
{
	double told_s = 0;

	for (size_t i = 0; i < judge->count; i++) {
		double step_s = row_s(judge, text, length, i, told_s);

		if (step_s == 0)
			continue;
		judge->facts[i].relation = FACT_AT;
		judge->facts[i].of_row = true;
		told_s = step_s;
	}
}

/* Whether a figure stands in the clause, or its bracket belongs to one. */
static bool has_figure(const struct fact_judge *judge, const char *text, size_t length, const struct fact *time)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t from = time->from, to = time->to;

	fact_clause_of(&cursor, &from, &to);
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].kind == FACT_FIGURE && !judge->facts[i].duration && judge->facts[i].from >= from &&
		    judge->facts[i].to <= to)
			return true;
	return (from > 0 && text[from - 1] == '(') ||
	       (time + 1 < judge->facts + judge->count && (time + 1)->kind == FACT_FIGURE);
}

bool fact_table_is_row(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	return !has_figure(judge, text, length, &judge->facts[index]) && row_s(judge, text, length, index, 0) > 0;
}
