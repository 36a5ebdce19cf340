/* Times that are told from now or from another one: "an hour ago", "five minutes later"; and "in the last hour", a
 * stretch up to now that begins so long before it. */
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

/* The time before a fact, of its sentence or of what was told before; NULL: none. Between two times of a sentence
 * lies a stretch: "12 at 09:40 and, ten minutes later at 09:50, 14". */
static const struct fact *time_before(const struct fact_judge *judge, const struct fact *fact)
{
	size_t times = 0;

	for (size_t i = 0; i < judge->count; i++)
		times += judge->facts[i].kind == FACT_TIME ? 1 : 0;
	if (times > 1)
		return NULL;
	for (size_t i = (size_t)(fact - judge->facts); i > 0; i--)
		if (judge->facts[i - 1].kind == FACT_TIME)
			return &judge->facts[i - 1];
	return judge->time_count > 0 ? &judge->times[judge->time_count - 1] : NULL;
}

/* "An hour ago", "twenty minutes earlier", "five minutes later": a time, from now or from the one before. */
bool fact_window_relative(const struct fact_judge *judge, const char *text, size_t length, const struct fact *fact,
			  struct fact *time)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t at = fact_skip_space(&cursor, fact->to);
	int64_t from_s = evidence_last_s(judge->evidence), at_s, by_s;
	bool dated, clock, later = fact_stands(&cursor, at, "later", true);
	const struct fact *before;

	if (fact->kind != FACT_FIGURE || !fact->duration || from_s == 0)
		return false;
	if (!fact_stands(&cursor, at, "ago", true)) {
		before = later || fact_stands(&cursor, at, "earlier", true) ? time_before(judge, fact) : NULL;
		if (before == NULL || !evidence_fact_time(judge->evidence, before, &at_s, &dated, &clock))
			return false;
		from_s = at_s + (dated ? 0 : FACT_JUDGE_DAY_S);
	}
	*time = (struct fact) {
		.kind = FACT_TIME, .from = fact->from, .to = fact->to, .weekday = -1, .clock_half_s = 30
	};
	by_s = (int64_t)fact->readings[0].value;
	time->clock_s = (int32_t)((later ? from_s + by_s : from_s - by_s) % FACT_JUDGE_DAY_S);
	return time->clock_s >= 0;
}
