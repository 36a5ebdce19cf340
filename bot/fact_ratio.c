/* Ratios in words: "doubled", "a third of", "more than twice". They are loose: nobody says doubled of 1.98
 * only. */
#include <string.h>
#include <strings.h>

#include "bot/fact_private.h"

static const struct ratio_word {
	const char *words;
	double low, high, value;
} ratios[] = {
	{ "more than doubled", 2, 3, 2 },
	{ "more than tripled", 3, 4, 3 },
	{ "more than twice", 2, 3, 2 },
	{ "almost doubled", 1.7, 2, 2 },
	{ "nearly doubled", 1.7, 2, 2 },
	{ "almost twice", 1.7, 2, 2 },
	{ "nearly twice", 1.7, 2, 2 },
	{ "less than half", 0.3, 0.5, 0.5 },
	{ "more than half", 0.5, 0.7, 0.5 },
	{ "doubled", 1.8, 2.25, 2 },
	{ "doubling", 1.8, 2.25, 2 },
	{ "doubles", 1.8, 2.25, 2 },
	{ "twice", 1.8, 2.25, 2 },
	{ "double the", 1.8, 2.25, 2 },
	{ "double its", 1.8, 2.25, 2 },
	{ "double what", 1.8, 2.25, 2 },
	{ "tripled", 2.7, 3.35, 3 },
	{ "triple the", 2.7, 3.35, 3 },
	{ "threefold", 2.7, 3.35, 3 },
	{ "quadrupled", 3.6, 4.45, 4 },
	{ "fourfold", 3.6, 4.45, 4 },
	{ "fivefold", 4.5, 5.5, 5 },
	{ "tenfold", 9, 11, 10 },
	{ "twofold", 1.8, 2.25, 2 },
	{ "halved", 0.43, 0.57, 0.5 },
	{ "halving", 0.43, 0.57, 0.5 },
	{ "half of", 0.43, 0.57, 0.5 },
	{ "half the", 0.43, 0.57, 0.5 },
	{ "half its", 0.43, 0.57, 0.5 },
	{ "half as", 0.43, 0.57, 0.5 },
	{ "two thirds", 0.61, 0.72, 2.0 / 3 },
	{ "two-thirds", 0.61, 0.72, 2.0 / 3 },
	{ "a third of", 0.29, 0.38, 1.0 / 3 },
	{ "one third of", 0.29, 0.38, 1.0 / 3 },
	{ "by a third", 0.29, 0.38, 1.0 / 3 },
	{ "a quarter of", 0.21, 0.29, 0.25 },
	{ "one quarter of", 0.21, 0.29, 0.25 },
	{ "by a quarter", 0.21, 0.29, 0.25 },
	{ "by half", 0.43, 0.57, 0.5 },
	{ "three quarters of", 0.7, 0.8, 0.75 },
	{ "a fifth of", 0.17, 0.23, 0.2 },
	{ "a tenth of", 0.085, 0.115, 0.1 },
	{ "by a fifth", 0.17, 0.23, 0.2 },
	{ "verdoppelt", 1.8, 2.25, 2 },
	{ "verdreifacht", 2.7, 3.35, 3 },
	{ "halbiert", 0.43, 0.57, 0.5 },
	{ "doublé", 1.8, 2.25, 2 },
	{ "triplé", 2.7, 3.35, 3 },
	{ "duplicó", 1.8, 2.25, 2 },
	{ "triplicó", 2.7, 3.35, 3 },
	{ "dobrou", 1.8, 2.25, 2 },
	{ "triplicou", 2.7, 3.35, 3 },
};

/* "It fell behind twice": so often, not so much. */
static bool is_so_often(const struct fact_cursor *cursor, size_t at, const char *words)
{
	char c = fact_char(cursor, at);

	return strcmp(words, "twice") == 0 && (c == '\0' || strchr(".:;,)", c) != NULL);
}

/* "Fell by a third": so much less, not so much. */
static void make_change(struct fact *fact)
{
	fact->kind = FACT_FIGURE;
	fact->unit = FACT_PERCENT;
	fact->change = true;
	fact->readings[0].value *= 100;
	fact->readings[0].half *= 100;
}

bool fact_ratio(struct fact_cursor *cursor, struct fact *fact)
{
	for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
		if (!fact_stands(cursor, cursor->at, ratios[i].words, true))
			continue;
		*fact = (struct fact) { .kind = FACT_TIMES,
					.from = cursor->at,
					.word = true,
					.loose = true,
					.clock_s = -1,
					.factor = 1,
					.weekday = -1,
					.to = cursor->at + strlen(ratios[i].words) };
		fact->readings[0] = (struct fact_reading) { (ratios[i].low + ratios[i].high) / 2,
							    (ratios[i].high - ratios[i].low) / 2 };
		fact->reading_count = 1;
		if (strncmp(ratios[i].words, "by ", 3) == 0)
			make_change(fact);
		if (fact_stands(cursor, fact->to, " an hour", true) || /* "half an hour" */
		    is_so_often(cursor, fact->to, ratios[i].words))
			return false;
		cursor->at = fact->to;
		return true;
	}
	return false;
}

bool fact_ratio_may_use(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++)
		for (const char *part = ratios[i].words; part != NULL && *part != '\0';) {
			size_t run = strcspn(part, " ");

			if (run == length && run > 3 && strncasecmp(part, word, length) == 0)
				return true;
			part = part[run] == '\0' ? NULL : part + run + 1;
		}
	return false;
}
