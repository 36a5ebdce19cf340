/* The phrases of time in a question, which of them counts, and what it is called. */
#include "bot/question.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/question_private.h"
#include "bot/str.h"
#include "bot/zone.h"

#define PHRASES_MAX 8
#define RANGE_MAX_MS (30 * DAY_MS)
#define RANGE_DEFAULT_MS DAY_MS
/* "at three": half an hour before it and an hour behind it. */
#define AROUND_BEFORE_MS (30 * MINUTE_MS)
#define AROUND_AFTER_MS HOUR_MS

enum phrase_kind {
	PHRASE_SPAN,   /* "yesterday", "this morning" */
	PHRASE_AROUND, /* "at 3am", "2 hours ago" */
	PHRASE_SINCE,
	PHRASE_UNTIL,
	PHRASE_PAIR, /* "from 9 to 10:30" */
	PHRASE_LAST, /* "the last 2 hours" */
};

struct phrase {
	enum phrase_kind kind;
	struct question_point a, b;
	int64_t length_ms;  /* PHRASE_LAST */
	bool is_comparison; /* "than yesterday" */
	int64_t from_ms, until_ms;
};

/* --- finding them ----------------------------------------------------------------------------------- */

static bool is_any(const struct question_words *words, size_t i, const char *const *list)
{
	return question_is_one_of(question_word(words, i), list);
}

static bool is_joiner(const struct question_words *words, size_t i, bool between)
{
	static const char *const list[] = { "to", "until", "till", "til", "through", "thru", NULL };

	return is_any(words, i, list) || (between && question_word_is(words, i, "and"));
}

/* "to 10:30" behind a first point; how many words. */
static size_t read_end(const struct question_words *words, size_t i, bool between, int64_t now_ms,
                       struct phrase *phrase)
{
	size_t used;

	if (!is_joiner(words, i, between))
		return 0;
	used = question_read_point(words, i + 1, TRUST_SOME, now_ms, &phrase->b);
	if (used == 0)
		return 0;
	phrase->kind = PHRASE_PAIR;
	return used + 1;
}

static size_t last(struct phrase *phrase, int64_t length_ms, size_t used)
{
	phrase->kind = PHRASE_LAST;
	phrase->length_ms = length_ms;
	return used;
}

/* "since nine", "from 9 to 10:30", "between 2 and 4", "since 3 days". */
static size_t read_since(const struct question_words *words, size_t i, int64_t now_ms, struct phrase *phrase)
{
	static const char *const list[] = { "since", "from", "after", "starting", "beginning", "between", NULL };
	bool since = question_word_is(words, i, "since"), between = question_word_is(words, i, "between");
	int64_t length_ms, unit_ms;
	size_t used, more;

	if (!is_any(words, i, list))
		return 0;
	used = question_read_point(words, i + 1, since ? TRUST_MUCH : TRUST_SOME, now_ms, &phrase->a);
	more = question_read_length(words, i + 1, &length_ms, &unit_ms);
	if (since && more > 0 && !phrase->a.exact &&
	    (used <= more || !question_word_is(words, i + 1 + more, "ago")) && phrase->a.day == DAY_NONE)
		return last(phrase, length_ms, more + 1);
	if (used == 0)
		return 0;
	phrase->kind = PHRASE_SINCE;
	more = read_end(words, i + 1 + used, between, now_ms, phrase);
	if (more == 0 && (between || (is_joiner(words, i + 1 + used, false) &&
	                              isdigit((unsigned char)*question_word(words, i + 2 + used)))))
		return 0; /* "from 5 to 20 ms" */
	return 1 + used + more;
}

/* "the last 2 hours", "past week", "for 90 minutes". */
static size_t read_last(const struct question_words *words, size_t i, struct phrase *phrase)
{
	static const char *const list[] = { "last", "past", "previous", "recent", "latest", NULL };
	static const char *const during[] = { "for", "within", "during", NULL };
	static const char *const fillers[] = { "the",  "about", "around", "roughly", "almost", "nearly",
		                               "over", "at",    "least",  "more",    "than",   NULL };
	int64_t length_ms, unit_ms;
	size_t used = 1, length;

	if (is_any(words, i, during)) {
		while (used < 4 && is_any(words, i + used, fillers))
			used++;
		length = question_read_length(words, i + used, &length_ms, &unit_ms);
		return length > 0 && length_ms >= MINUTE_MS ? last(phrase, length_ms, used + length) : 0;
	}
	if (!is_any(words, i, list))
		return 0;
	length = question_read_length(words, i + 1, &length_ms, &unit_ms);
	if (length > 0)
		return last(phrase, length_ms, 1 + length);
	length_ms = question_unit_ms(question_word(words, i + 1));
	/* "past week" is seven days, "last week" the one before this. */
	if (length_ms == 0 || (length_ms >= 7 * DAY_MS && !question_word_is(words, i, "past")))
		return 0;
	return last(phrase, length_ms, 2);
}

static size_t read_at(const struct question_words *words, size_t i, int64_t now_ms, struct phrase *phrase)
{
	static const char *const at[] = { "at", "around", "about", "near", "on", "circa", NULL };
	static const char *const until[] = { "until", "till", "before", NULL };
	bool is_until = is_any(words, i, until);
	size_t used;

	if (!is_until && !is_any(words, i, at))
		return 0;
	used = question_read_point(words, i + 1, TRUST_SOME, now_ms, &phrase->a);
	if (used == 0)
		return 0;
	phrase->kind = is_until ? PHRASE_UNTIL : phrase->a.clock || phrase->a.exact ? PHRASE_AROUND : PHRASE_SPAN;
	return 1 + used + (is_until ? 0 : read_end(words, i + 1 + used, false, now_ms, phrase));
}

static size_t read_bare(const struct question_words *words, size_t i, int64_t now_ms, struct phrase *phrase)
{
	size_t used;

	if (question_word_is(words, i, "now"))
		return 0;
	used = question_read_point(words, i, TRUST_NONE, now_ms, &phrase->a);
	if (used == 0)
		return 0;
	phrase->kind = phrase->a.clock || phrase->a.exact ? PHRASE_AROUND : PHRASE_SPAN;
	return used + read_end(words, i + used, false, now_ms, phrase);
}

static size_t read_phrases(const struct question_words *words, int64_t now_ms, struct phrase phrases[PHRASES_MAX])
{
	static const char *const comparing[] = { "than", "versus", "vs", "against", "to", "with", "as", NULL };
	size_t count = 0, used;

	for (size_t i = 0; i < words->count && count < PHRASES_MAX; i += used == 0 ? 1 : used) {
		struct phrase *phrase = &phrases[count];

		*phrase = (struct phrase){ .is_comparison = i > 0 && is_any(words, i - 1, comparing) };
		used = read_since(words, i, now_ms, phrase);
		if (used == 0)
			used = read_last(words, i, phrase);
		if (used == 0)
			used = read_at(words, i, now_ms, phrase);
		if (used == 0)
			used = read_bare(words, i, now_ms, phrase);
		count += used > 0;
	}
	return count;
}

/* --- which of them counts --------------------------------------------------------------------------- */

static bool is_only_day(const struct phrase *phrase)
{
	return phrase->kind == PHRASE_SPAN && !phrase->a.part && phrase->a.day != DAY_NONE;
}

/* "yesterday the checkout was slow between 9 and 10". */
static void take_day(struct phrase *phrase, const struct phrase *phrases, size_t count)
{
	const struct question_point *b = &phrase->b;

	if (!phrase->a.clock || phrase->a.day != DAY_NONE || (phrase->kind == PHRASE_PAIR && b->day != DAY_NONE))
		return;
	for (size_t i = 0; i < count; i++) {
		const struct question_point *day = &phrases[i].a;

		if (!is_only_day(&phrases[i]) || phrases[i].is_comparison || day->day > DAY_DATE)
			continue;
		phrase->a.day = day->day;
		phrase->a.ago = day->ago;
		phrase->a.weekday = day->weekday;
		phrase->a.year = day->year;
		phrase->a.month = day->month;
		phrase->a.date = day->date;
		return;
	}
}

static bool resolve_phrase(struct phrase *phrase, const struct zone *zone, int64_t now_ms)
{
	int64_t from_ms = now_ms - phrase->length_ms, until_ms = now_ms;

	if (phrase->kind == PHRASE_PAIR) {
		if (!question_resolve_pair(&phrase->a, &phrase->b, zone, now_ms, &from_ms, &until_ms))
			return false;
	} else if (phrase->kind != PHRASE_LAST &&
	           !question_resolve(&phrase->a, zone, now_ms, &from_ms, &until_ms)) {
		return false;
	}
	if (phrase->kind == PHRASE_AROUND) {
		from_ms -= AROUND_BEFORE_MS;
		until_ms += AROUND_AFTER_MS;
	} else if (phrase->kind == PHRASE_SINCE) {
		until_ms = now_ms;
	} else if (phrase->kind == PHRASE_UNTIL) {
		from_ms = until_ms - DAY_MS;
	}
	phrase->from_ms = from_ms;
	phrase->until_ms = until_ms < now_ms ? until_ms : now_ms;
	return phrase->from_ms < phrase->until_ms && phrase->until_ms > DAY_MS;
}

/* The first that is more than a day; else the first; what is only compared with comes last. */
static struct phrase *choose(struct phrase *phrases, size_t count)
{
	struct phrase *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < count; i++) {
		int rank = phrases[i].is_comparison ? 1 : is_only_day(&phrases[i]) ? 2 : 3;

		if (rank > best_rank) {
			best = &phrases[i];
			best_rank = rank;
		}
	}
	return best;
}

static size_t drop_unresolved(struct phrase *phrases, size_t count, const struct zone *zone, int64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		take_day(&phrases[i], phrases, count);
	for (size_t i = 0; i < count; i++)
		if (resolve_phrase(&phrases[i], zone, now_ms))
			phrases[kept++] = phrases[i];
	return kept;
}

/* What is compared with belongs to what is looked at. */
static void widen(struct question *question, const struct phrase *phrases, size_t count, int64_t now_ms)
{
	for (size_t i = 0; i < count; i++) {
		if (!phrases[i].is_comparison)
			continue;
		if (phrases[i].from_ms <= question->from_ms && phrases[i].until_ms >= question->until_ms)
			question->until_ms = now_ms; /* "slower than yesterday?": now, against it */
		if (phrases[i].from_ms < question->from_ms)
			question->from_ms = phrases[i].from_ms;
		if (phrases[i].until_ms > question->until_ms)
			question->until_ms = phrases[i].until_ms;
	}
}

/* --- what it is called -------------------------------------------------------------------------------- */

static void add_length(struct str *out, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *name;
	} units[] = {
		{ DAY_MS, "day" },
		{ HOUR_MS, "hour" },
		{ MINUTE_MS, "minute" },
		{ 1000, "second" },
	};
	size_t i = 0;

	while (i < 3 && (ms % units[i].ms != 0 || (units[i].ms == DAY_MS && ms < 2 * DAY_MS)))
		i++;
	if (ms == units[i].ms)
		str_addf(out, "the last %s", units[i].name);
	else
		str_addf(out, "the last %lld %ss", (long long)(ms / units[i].ms), units[i].name);
}

static bool is_same_day(const struct zone_time *a, const struct zone_time *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

static void add_day(struct str *out, const struct zone_time *local, const struct zone_time *now)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	str_addf(out, "%s %d %s", weekdays[local->weekday], local->day, months[local->month - 1]);
	if (local->year != now->year)
		str_addf(out, " %d", local->year);
}

/* The day is named where it is not today, nor the one named before. */
static void add_time(struct str *out, const struct zone_time *local, const struct zone_time *known,
                     const struct zone_time *now)
{
	if (!is_same_day(local, known)) {
		add_day(out, local, now);
		str_add_char(out, ' ');
	}
	str_addf(out, "%02d:%02d", local->hour, local->minute);
}

static bool is_whole_day(const struct question *question, const struct zone *zone)
{
	struct zone_time next;

	zone_local(zone, question->from_ms, &next);
	return question->from_ms == zone_day_start(zone, question->from_ms) &&
	       question->until_ms == zone_instant(zone, next.year, next.month, next.day + 1, 0, 0);
}

static char *range_words(const struct question *question, int64_t length_ms, const struct zone *zone,
                         int64_t now_ms)
{
	struct zone_time from, until, now;
	struct str out;

	str_init(&out, 200);
	zone_local(zone, question->from_ms, &from);
	zone_local(zone, question->until_ms, &until);
	zone_local(zone, now_ms, &now);
	if (length_ms != 0) {
		add_length(&out, length_ms);
		return str_take(&out);
	}
	if (is_whole_day(question, zone)) {
		str_add(&out, "on ");
		add_day(&out, &from, &now);
	} else if (question->until_ms == now_ms) {
		str_add(&out, "since ");
		add_time(&out, &from, &now, &now);
	} else {
		str_add(&out, "from ");
		add_time(&out, &from, &now, &now);
		str_add(&out, " to ");
		add_time(&out, &until, &from, &now);
	}
	str_addf(&out, " (%s)", zone_name(zone));
	return str_take(&out);
}

/* --- all of it ------------------------------------------------------------------------------------------ */

void question_read(struct question *question, const char *text, const struct zone *zone, int64_t now_ms)
{
	struct question_words *words = mem_alloc(sizeof(*words));
	struct phrase phrases[PHRASES_MAX];
	const struct phrase *chosen;
	int64_t length_ms = RANGE_DEFAULT_MS;
	size_t count;

	question_words_split(words, text);
	count = drop_unresolved(phrases, read_phrases(words, now_ms, phrases), zone, now_ms);
	chosen = choose(phrases, count);
	*question = (struct question){ .from_ms = now_ms - length_ms,
		                       .until_ms = now_ms,
		                       .says_when = chosen != NULL };
	if (chosen != NULL) {
		question->from_ms = chosen->from_ms;
		question->until_ms = chosen->until_ms;
		widen(question, phrases, count, now_ms);
		length_ms = chosen->kind == PHRASE_LAST && question->from_ms == chosen->from_ms
		                    ? chosen->length_ms
		                    : 0;
	}
	if (question->until_ms - question->from_ms > RANGE_MAX_MS) {
		question->from_ms = question->until_ms - RANGE_MAX_MS;
		length_ms = length_ms > 0 ? RANGE_MAX_MS : 0;
	}
	question->range_words = range_words(question, length_ms, zone, now_ms);
	free(words);
}

void question_set_range(struct question *question, int64_t from_ms, int64_t until_ms, const struct zone *zone,
                        int64_t now_ms)
{
	question_free(question);
	question->until_ms = until_ms < now_ms ? until_ms : now_ms;
	question->from_ms = question->until_ms - from_ms > RANGE_MAX_MS ? question->until_ms - RANGE_MAX_MS : from_ms;
	question->range_words = range_words(question, 0, zone, now_ms);
}

void question_free(struct question *question)
{
	free(question->range_words);
	question->range_words = NULL;
}
