#include "bot/log_query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/mem.h"

#define EXAMPLE "stats count(*) as errors by bin(5m)"

struct piece { /* of the query's text */
	const char *begin, *end;
};

static struct piece trimmed(struct piece p)
{
	while (p.begin < p.end && isspace((unsigned char)*p.begin))
		p.begin++;
	while (p.end > p.begin && isspace((unsigned char)p.end[-1]))
		p.end--;
	return p;
}

/* A word at this place: behind and before something that is none. */
static bool is_word(const struct piece *in, const char *at, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(in->end - at) >= length && strncasecmp(at, word, length) == 0 &&
	       (at == in->begin || !(isalnum((unsigned char)at[-1]) || strchr("_.@", at[-1]) != NULL)) &&
	       (at + length == in->end || !(isalnum((unsigned char)at[length]) || at[length] == '_'));
}

/* A '/' begins a regular expression behind like, an operator or an opening bracket, and in parse; else it divides. */
static bool begins_regex(const struct piece *in, const char *at)
{
	struct piece before = trimmed((struct piece){ in->begin, at }), command = trimmed(*in);
	size_t length = (size_t)(before.end - before.begin);

	if (length == 0 || strchr("~=(,[", before.end[-1]) != NULL || is_word(&command, command.begin, "parse"))
		return true;
	return length > strlen("like") && is_word(&before, before.end - strlen("like"), "like");
}

/* Behind a text in quotes, a regular expression or a comment that begins here; NULL: none does. */
static const char *skip_quoted(const struct piece *in, const char *at)
{
	const char quote = *at, *line;

	if (quote == '#') {
		line = memchr(at, '\n', (size_t)(in->end - at));
		return line != NULL ? line : in->end;
	}
	if (strchr("\"'`", quote) == NULL && (quote != '/' || !begins_regex(in, at)))
		return NULL;
	for (at++; at < in->end && *at != quote; at++)
		if (*at == '\\' && at + 1 < in->end)
			at++;
	return at < in->end ? at + 1 : in->end;
}

/* Where `wanted` (one character, or a word) first stands outside quotes and parentheses; the end: nowhere. */
static const char *find_outside(const struct piece *in, const char *wanted)
{
	bool letter = isalpha((unsigned char)wanted[0]) != 0;
	int depth = 0;

	for (const char *at = in->begin; at < in->end;) {
		const char *behind = skip_quoted(in, at);

		if (behind != NULL) {
			at = behind;
			continue;
		}
		if (depth <= 0 && (letter ? is_word(in, at, wanted) : *at == wanted[0]))
			return at;
		depth += (*at == '(') - (*at == ')');
		at++;
	}
	return in->end;
}

/* The part up to the separator; *rest behind it. False: nothing is left. */
static bool next_part(struct piece *rest, const char *separator, struct piece *part)
{
	const char *end;

	if (rest->begin == NULL)
		return false;
	end = find_outside(rest, separator);
	*part = trimmed((struct piece){ rest->begin, end });
	rest->begin = end == rest->end ? NULL : end + 1;
	return true;
}

/* What happens to the rows of the last stats command. */
struct fate {
	bool hidden;  /* some may be left out: a bucket without a row is not one of nothing */
	bool limited;
};

static void note_fate(const struct piece *command, struct fate *fate)
{
	fate->limited = fate->limited || is_word(command, command->begin, "limit");
	fate->hidden = fate->hidden || is_word(command, command->begin, "filter") ||
	               is_word(command, command->begin, "dedup");
}

static bool find_stats(const char *text, struct piece *stats, struct fate *fate)
{
	struct piece rest = { text, text + strlen(text) }, command;
	bool found = false;

	while (next_part(&rest, "|", &command)) {
		if (!is_word(&command, command.begin, "stats")) {
			note_fate(&command, fate);
			continue;
		}
		*fate = (struct fate){ 0 };
		*stats = (struct piece){ command.begin + strlen("stats"), command.end };
		found = true;
	}
	return found;
}

/* "count(*) as errors": what is called how. */
static char *name_of(const struct piece *part, struct piece *what)
{
	const char *as = find_outside(part, "as");
	struct piece name = *part;

	*what = trimmed((struct piece){ part->begin, as });
	if (as != part->end)
		name = trimmed((struct piece){ as + strlen("as"), part->end });
	return mem_copy_bytes(name.begin, (size_t)(name.end - name.begin));
}

/* One call of such a function, and nothing else. */
static bool counts(const struct piece *what)
{
	static const char *const functions[] = { "count", "count_distinct", "sum" };

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		const char *at = what->begin + strlen(functions[i]);
		int depth = 0;

		if (!is_word(what, what->begin, functions[i]))
			continue;
		for (; at < what->end; at++) {
			depth += (*at == '(') - (*at == ')');
			if (depth == 0 && *at == ')')
				return trimmed((struct piece){ at + 1, what->end }).begin == what->end;
		}
	}
	return false;
}

static bool read_values(struct piece list, struct log_query *query, struct err *err)
{
	struct piece part, what;

	while (next_part(&list, ",", &part)) {
		if (part.begin == part.end)
			continue;
		if (query->value_count == LOG_QUERY_VALUES_MAX)
			return err_set(err, ERR_USAGE, "has more than %d values; split it", LOG_QUERY_VALUES_MAX);
		query->values[query->value_count].name = name_of(&part, &what);
		query->values[query->value_count++].counts = counts(&what);
	}
	return query->value_count > 0 ||
	       err_set(err, ERR_USAGE, "has a stats command without a value; write one like " EXAMPLE);
}

/* "bin(5m)" to ms; 0: it is something else. */
static int64_t bin_of(const struct piece *what)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "s", 1000 }, { "m", 60000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
	struct piece inside = { what->begin + strlen("bin"), what->end };
	int64_t number = 0;

	if (!is_word(what, what->begin, "bin"))
		return 0;
	inside = trimmed(inside);
	if (inside.end - inside.begin < 3 || *inside.begin != '(' || inside.end[-1] != ')')
		return 0;
	inside = trimmed((struct piece){ inside.begin + 1, inside.end - 1 });
	while (inside.begin < inside.end && isdigit((unsigned char)*inside.begin) && number < 1000000)
		number = number * 10 + (*inside.begin++ - '0');
	inside = trimmed(inside);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if ((size_t)(inside.end - inside.begin) == strlen(units[i].unit) &&
		    strncasecmp(inside.begin, units[i].unit, strlen(units[i].unit)) == 0)
			return number * units[i].ms;
	return 0;
}

static bool read_groups(struct piece list, struct log_query *query, struct err *err)
{
	struct piece part, what;

	while (next_part(&list, ",", &part)) {
		char *name = name_of(&part, &what);
		int64_t bin_ms = bin_of(&what);

		if (bin_ms == 0 || query->time != NULL) {
			query->labelled = true;
			free(name);
			continue;
		}
		query->bin_ms = bin_ms;
		query->time = name;
	}
	return query->time != NULL ||
	       err_set(err, ERR_USAGE, "does not group by time; add bin(PERIOD), as in " EXAMPLE);
}

bool log_query_read(const char *text, struct log_query *query, struct err *err)
{
	struct piece stats;
	struct fate fate = { 0 };
	const char *by;

	*query = (struct log_query){ 0 };
	if (!find_stats(text, &stats, &fate))
		return err_set(err, ERR_USAGE, "has no stats command, so that its rows are no series; end it with one "
		               "like " EXAMPLE);
	if (fate.limited)
		return err_set(err, ERR_USAGE, "has a limit after its stats command, which cuts the series; leave it "
		               "out");
	by = find_outside(&stats, "by");
	if (by == stats.end)
		return err_set(err, ERR_USAGE, "does not group by time; add by bin(PERIOD), as in " EXAMPLE);
	if (read_values((struct piece){ stats.begin, by }, query, err) &&
	    read_groups((struct piece){ by + strlen("by"), stats.end }, query, err)) {
		for (size_t i = 0; i < query->value_count && fate.hidden; i++)
			query->values[i].counts = false;
		return true;
	}
	log_query_free(query);
	return false;
}

void log_query_free(struct log_query *query)
{
	for (size_t i = 0; i < query->value_count; i++)
		free(query->values[i].name);
	free(query->time);
	*query = (struct log_query){ 0 };
}

static const char *skip_blanks(const char *text)
{
	while (*text != '\0' && (isspace((unsigned char)*text) || *text == '`'))
		text++;
	return text;
}

bool log_query_is_column(const char *column, const char *name)
{
	column = skip_blanks(column);
	name = skip_blanks(name);
	while (*column != '\0' && *column == *name) {
		column = skip_blanks(column + 1);
		name = skip_blanks(name + 1);
	}
	return *column == *name;
}
