/* Who changed what, and when: a line of the data such as "2026-12-03 14:06 UpdateService by deploy-pay on
 * payments-api", or "alarm orders-high is in ALARM since 14:22". What one clause tells of it must stand together in
 * one such line: a known person beside another's resource, or another's time, is not in the data. */
#include <string.h>
#include <strings.h>

#include "bot/fact_judge_private.h"
#include "bot/fact_private.h"

#define NAMES_MAX 8   /* of one clause */
#define LOOKED_MAX 400 /* lines of the data */
#define NAME_LEAST 4   /* bytes; shorter ones may be part of anything */

struct told { /* by one clause */
	const char *text;
	size_t length, from, to;
	size_t names[NAMES_MAX], count; /* facts */
	size_t time;                    /* a fact; the judge's count: none */
};

static bool is_part(char c)
{
	return fact_is_letter(c) || fact_is_digit(c) || c == '-' || c == '_';
}

/* Whether a line of the data has that name, as a whole. */
static bool has_name(const char *line, const char *name, size_t length)
{
	for (const char *at = line; *at != '\0'; at++)
		if (strncasecmp(at, name, length) == 0 && !is_part(at[length]) && (at == line || !is_part(at[-1])))
			return true;
	return false;
}

static bool has_names(const char *line, const struct fact_judge *judge, const struct told *told)
{
	for (size_t i = 0; i < told->count; i++) {
		const struct fact *name = &judge->facts[told->names[i]];

		if (!has_name(line, told->text + name->from, name->to - name->from))
			return false;
	}
	return told->count > 0;
}

/* A line that has all names of the clause, and its time where that is asked for. */
static bool is_told(const struct fact_judge *judge, const struct told *told, bool with_time)
{
	const struct evidence *evidence = judge->evidence;
	size_t looked = 0;

	for (size_t i = 0; i < evidence->source_count && looked < LOOKED_MAX; i++) {
		if (evidence->sources[i].event == NULL)
			continue;
		looked++;
		if (has_names(evidence->sources[i].event, judge, told) &&
		    (!with_time || evidence_source_has_time(evidence, i, &judge->facts[told->time])))
			return true;
	}
	return false;
}

static bool is_clause_word(const struct fact_cursor *cursor, size_t at)
{
	static const char *const words[] = { "and",   "after", "before", "when", "while", "because", "since", "then",
					     "but",   "or",    "so",     "und",  "nach",  "vor",     "et",    "y",
					     "until", NULL };

	return cursor->text[at] == ' ' && fact_word_is(cursor, at + 1, fact_word_length(cursor, at + 1), words);
}

/* The end of the clause that begins there. A comma ends none that has told nothing but a time yet: "at 13:27, ..." */
static size_t end_of_clause(const struct fact_judge *judge, const struct fact_cursor *cursor, size_t from)
{
	bool named = false;

	for (size_t at = from; at < cursor->length; at++) {
		char c = cursor->text[at];

		for (size_t i = 0; i < judge->count; i++)
			named = named || (judge->facts[i].kind == FACT_NAME && judge->facts[i].from == at);
		/* A full stop ends it also before a small letter: names begin with one. */
		if (c == ';' || c == '(' || c == ')' || c == '\n' || is_clause_word(cursor, at) ||
		    (c == '.' && at + 1 < cursor->length && cursor->text[at + 1] == ' '))
			return at + 1;
		if (c == ',' && named)
			return at + 1;
	}
	return cursor->length;
}

/* What was done, or that an alarm went: then the time beside the name is of that. */
static bool is_done(const struct told *told)
{
	static const char *const stems[] = { "updat",  "chang",  "modif",    "deploy", "roll",   "restart", "reboot",
					     "edit",   "replac", "terminat", "scal",   "writ",   "wrote",   "creat",
					     "delet",  "releas", "fired",    "raised", "alarm",  "put ",    "set ",
					     "opened", "went ",  "trigger",  "by ",    "over ",  "cleared", NULL };

	for (size_t at = told->from; at < told->to; at++)
		for (size_t i = 0; stems[i] != NULL && (at == told->from || !fact_is_letter(told->text[at - 1])); i++)
			if (told->to - at >= strlen(stems[i]) &&
			    strncasecmp(told->text + at, stems[i], strlen(stems[i])) == 0)
				return true;
	return false;
}

/* The names of the clause that lines of the data have, and its one time of day. */
static void read_clause(const struct fact_judge *judge, struct told *told)
{
	size_t times = 0;

	told->count = 0;
	told->time = judge->count;
	for (size_t i = 0; i < judge->count; i++) {
		const struct fact *fact = &judge->facts[i];
		struct told one = { .text = told->text, .names = { i }, .count = 1, .time = judge->count };

		if (fact->from < told->from || fact->to > told->to)
			continue;
		if (fact->kind == FACT_TIME && fact->relation == FACT_AT && fact->clock_s >= 0) {
			told->time = i;
			times++;
		}
		if (fact->kind == FACT_NAME && fact->to - fact->from >= NAME_LEAST && told->count < NAMES_MAX &&
		    is_told(judge, &one, false))
			told->names[told->count++] = i;
	}
	if (times != 1)
		told->time = judge->count;
}

/* A state change (alarm_history's lines) tells no name: such a time may be any named alarm's. */
static bool is_of_nobody(const struct fact_judge *judge, const struct fact *time)
{
	const struct evidence *evidence = judge->evidence;

	for (size_t i = 0; i < evidence->source_count; i++)
		if (evidence->sources[i].event != NULL && strstr(evidence->sources[i].event, " -> ") != NULL &&
		    evidence_source_has_time(evidence, i, time))
			return true;
	return false;
}

/* "The alarm was faster: timeouts crossed their limit at 09:30": when that began, not when the alarm went. */
static bool is_of_limit(const struct fact_judge *judge, const struct told *told)
{
	return fact_role_has(told->text + told->from, told->to - told->from, FACT_ROLE_LIMIT) &&
	       evidence_bounds_then(judge->evidence, &judge->facts[told->time], EVIDENCE_BEGIN) > 0;
}

static void judge_time(struct fact_judge *judge, const struct told *told)
{
	if (is_of_nobody(judge, &judge->facts[told->time]))
		judge->found[told->time] = true;
	else if (told->count > 0 && !is_told(judge, told, true) && !fact_bound_is_measured(judge, told->time, true))
		judge->found[told->time] = false;
}

/* Of an alarm the data tells nothing but since when it is so. */
static bool is_alarm(const struct fact_judge *judge, const char *name, size_t length)
{
	const struct evidence *evidence = judge->evidence;
	size_t looked = 0;

	for (size_t i = 0; i < evidence->source_count && looked < LOOKED_MAX; i++) {
		const char *event = evidence->sources[i].event;

		looked += event != NULL ? 1 : 0;
		if (event != NULL && strstr(event, " in ALARM") != NULL && has_name(event, name, length))
			return true;
	}
	return false;
}

/* "orders-high since 14:22", "orders-high has been in ALARM since 14:22", "orders-high (14:22": an alarm's name and the
 * time right behind it. */
static bool is_alarm_since(const struct fact_judge *judge, const char *text, size_t length, size_t index)
{
	static const char *const words[] = { "has",   "been", "is",   "in",   "alarm", "since", "still", "open",
					     "fired", "went", "came", "from", "the",   "at",    NULL };
	const struct fact *name = &judge->facts[index], *time = name + 1;
	struct fact_cursor cursor = { text, length, 0 };

	if (name->kind != FACT_NAME || !judge->found[index] || time->kind != FACT_TIME || time->clock_s < 0 ||
	    time->relation == FACT_UNTIL)
		return false;
	for (size_t at = name->to; at < time->from; at++) {
		size_t size = fact_word_length(&cursor, at);

		if (size > 0 ? !fact_word_is(&cursor, at, size, words) : strchr(" (`*:", text[at]) == NULL)
			return false;
		at += size > 0 ? size - 1 : 0;
	}
	return is_alarm(judge, text + name->from, name->to - name->from);
}

void fact_change(struct fact_judge *judge, const char *text, size_t length)
{
	struct fact_cursor cursor = { text, length, 0 };
	struct told told = { .text = text, .length = length };

	for (told.from = 0; told.from < length; told.from = told.to) {
		told.to = end_of_clause(judge, &cursor, told.from);
		read_clause(judge, &told);
		if (told.count > 0 && !is_told(judge, &told, false))
			judge->found[told.names[told.count - 1]] = false;
		else if (told.time < judge->count && (told.count > 1 || is_done(&told)) && !is_of_limit(judge, &told))
			judge_time(judge, &told);
	}
	for (size_t i = 0; i + 1 < judge->count; i++)
		if (is_alarm_since(judge, text, length, i)) {
			told = (struct told) { text, length, 0, length, { i }, 1, i + 1 };
			judge_time(judge, &told);
		}
}
