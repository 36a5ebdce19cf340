/* "In the last hour", "within the last week", "in the last five minutes of the range": a stretch up to now, that begins
 * so long before it. */
#include <string.h>
#include <time.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define HOUR_S 3600

/* The stretch of a bare word behind "last": its seconds; 0: it is none. */
static int64_t word_s(const struct fact_cursor *cursor, size_t at)
{
	return fact_stands(cursor, at, "hour", true)  ? HOUR_S
	       : fact_stands(cursor, at, "day", true)  ? FACT_JUDGE_DAY_S
	       : fact_stands(cursor, at, "week", true) ? 7 * FACT_JUDGE_DAY_S
						       : 0;
}

/* Behind "last" at `at`; 0: no stretch stands there. */
static int64_t stretch_s(const struct fact_judge *judge, const struct fact_cursor *cursor, size_t at)
{
	for (size_t i = 0; i < judge->count; i++)
		if (judge->facts[i].from == at && judge->facts[i].kind == FACT_FIGURE && judge->facts[i].duration)
			return (int64_t)judge->facts[i].readings[0].value;
	return word_s(cursor, at);
}

/* "In the last", "within the past", "over the last" end at `at`. */
static bool is_within(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "in", "within", "over", "during", NULL };
	size_t length, word = fact_word_before(cursor, at, &length);

	if (length == 0 || !fact_stands(cursor, word, "the", true))
		return false;
	word = fact_word_before(cursor, word, &length);
	return fact_word_is(cursor, word, length, words);
}

/* "Over the last six hours", where these were asked about: nothing less than all is meant. */
static bool is_range(const struct evidence *evidence, int64_t then_s)
{
	for (size_t i = 0; i < evidence->line_count; i++) {
		const struct evidence_line *line = &evidence->lines[i];

		if (line->count > 1 && line->dated && !line->is_wider && !line->coarse &&
		    then_s < line->points[0].at_s + line->step_s)
			return true;
	}
	return false;
}

bool fact_window(const struct fact_judge *judge, const char *text, size_t length, struct fact *time)
{
	static const char *const lasts[] = { "last", "past", NULL };
	struct fact_cursor cursor = { text, length, 0 };
	time_t now_s = (time_t)evidence_last_s(judge->evidence);

	for (size_t at = 1; at < length && now_s > 0; at++) {
		size_t size = text[at - 1] == ' ' ? fact_word_length(&cursor, at) : 0;
		int64_t by_s;
		time_t then_s;
		struct tm tm;

		if (!fact_word_is(&cursor, at, size, lasts) || !is_within(&cursor, at))
			continue;
		size = fact_skip_space(&cursor, at + size) - at;
		by_s = stretch_s(judge, &cursor, at + size);
		then_s = now_s - (time_t)by_s;
		if (by_s == 0 || is_range(judge->evidence, then_s) || gmtime_r(&then_s, &tm) == NULL)
			continue;
		*time = (struct fact) { .kind = FACT_TIME, .from = at + size, .to = at + size, .weekday = -1,
					.clock_half_s = 30, .relation = FACT_SINCE }; /* the stretch's own */
		time->clock_s = tm.tm_hour * HOUR_S + tm.tm_min * 60 + tm.tm_sec;
		time->year = tm.tm_year + 1900;
		time->month = tm.tm_mon + 1;
		time->day = tm.tm_mday;
		return true;
	}
	return false;
}
