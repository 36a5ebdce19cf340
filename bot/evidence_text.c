/* Texts as evidence: sentences with their figures, times and names; tables by their columns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/evidence_private.h"
#include "bot/fact_private.h"
#include "bot/mem.h"

#define CLAUSE_MAX 80 /* bytes before a figure that may say what it is */
#define FACTS_MAX 256 /* of one sentence */
#define FIGURES_MAX 20000
#define MOMENTS_MAX 20000
#define SOURCES_MAX 20000
#define WORDS_MAX 400000
#define CELLS_MAX 40
#define DAY_S 86400

#define GROW(array, count, capacity)                                                                           \
	do {                                                                                                   \
		if ((count) == (capacity)) {                                                                   \
			(capacity) = (capacity)*2 + 64;                                                        \
			(array) = mem_resize((array), (capacity) * sizeof(*(array)));                          \
		}                                                                                              \
	} while (0)

static struct evidence_source *add_source(struct evidence *evidence, const struct evidence_words *words)
{
	struct evidence_source *source;

	if (evidence->source_count == SOURCES_MAX || evidence->source_word_count + words->count > WORDS_MAX)
		return NULL;
	while (evidence->source_word_count + words->count > evidence->source_word_capacity) {
		evidence->source_word_capacity = evidence->source_word_capacity * 2 + 256;
		evidence->source_words = mem_resize(
		    evidence->source_words, evidence->source_word_capacity * sizeof(*evidence->source_words));
	}
	GROW(evidence->sources, evidence->source_count, evidence->source_capacity);
	source = &evidence->sources[evidence->source_count++];
	*source = (struct evidence_source) { .first_word = evidence->source_word_count,
					     .words = words->count,
					     .first_figure = evidence->figure_count,
					     .first_moment = evidence->moment_count,
					     .group = evidence->group };
	for (size_t i = 0; i < words->count; i++)
		evidence->source_words[source->first_word + i] = words->words[i];
	evidence->source_word_count += words->count;
	return source;
}

/* What the words since the last comma say that a figure is: "greatest 12 at 09:00, mean 5". */
static unsigned statistics_of(const char *text, const struct fact *fact)
{
	size_t from = fact->from;

	while (from > 0 && fact->from - from < CLAUSE_MAX && strchr(",;:(\n", text[from - 1]) == NULL)
		from--;
	return evidence_words_statistics(text + from, fact->from - from);
}

static void add_figure(struct evidence *evidence, struct evidence_source *source, const struct fact *fact,
		       unsigned statistics, bool is_count)
{
	/* What is given has points for decimals and commas for thousands. */
	for (size_t i = 0; i < fact->reading_count && evidence->figure_count < FIGURES_MAX; i++) {
		if (fact->written > 1 && i % fact->written != 0)
			continue;
		GROW(evidence->figures, evidence->figure_count, evidence->figure_capacity);
		evidence->figures[evidence->figure_count++] =
		    (struct evidence_figure) { .value = fact->readings[i].value,
					       .half = fact->readings[i].half,
					       .unit = fact->unit,
					       .role = fact->role,
					       .statistics = statistics,
					       .whole = fact->whole,
					       .rate = fact->rate,
					       .times = fact->kind == FACT_TIMES,
					       .change = fact->change,
					       .duration = fact->duration,
					       .is_count = is_count,
					       .tallies = fact->tallies,
					       .spans = fact->spans,
					       .source = (size_t)(source - evidence->sources) };
		source->figures++;
	}
}

/* "from 09:05 to 10:00", "unusual since 09:05; back to usual at 10:00" */
static enum evidence_moment_role role_of(const char *text, const struct fact *fact)
{
	static const char back[] = "usual at ";
	size_t size = sizeof(back) - 1;

	if (fact->relation == FACT_SINCE)
		return EVIDENCE_BEGIN;
	if (fact->relation == FACT_UNTIL)
		return EVIDENCE_END;
	return fact->from >= size && strncmp(text + fact->from - size, back, size) == 0 ? EVIDENCE_END : EVIDENCE_EVENT;
}

/* of_value: it stands right behind a figure, as the time of it. */
static void add_moment(struct evidence *evidence, struct evidence_source *source, const char *text,
		       const struct fact *fact, bool of_value)
{
	int64_t at_s;
	bool dated, clock;

	if (evidence->moment_count == MOMENTS_MAX || !evidence_fact_time(evidence, fact, &at_s, &dated, &clock))
		return;
	if (!dated && !clock)
		return;
	GROW(evidence->moments, evidence->moment_count, evidence->moment_capacity);
	evidence->moments[evidence->moment_count++] =
	    (struct evidence_moment) { .role = role_of(text, fact),
				       .at_s = at_s,
				       .half_s = fact->clock_half_s,
				       .dated = dated,
				       .clock = clock,
				       .of_value = of_value && evidence->figure_count > source->first_figure,
				       .figure = evidence->figure_count - 1,
				       .source = (size_t)(source - evidence->sources) };
	source->moments++;
}

static void add_name(struct evidence *evidence, const char *name, size_t length)
{
	char *copy = mem_copy_bytes(name, length);

	if (length >= 2 && name[0] == 'F' && fact_is_digit(name[1]) && length <= 4)
		evidence->finding_ids++;
	if (length >= 2 && !(name[0] == 'F' && fact_is_digit(name[1]) && length <= 4))
		evidence_name(evidence, copy);
	else
		evidence_names_add(evidence, copy, length);
	free(copy);
}

static bool counts_something(const char *text, size_t length, size_t at)
{
	struct fact_cursor cursor = { text, length, 0 };
	size_t next = fact_skip_space(&cursor, at);

	return fact_counts(&cursor, next);
}

struct cells {
	const char *text[CELLS_MAX];
	size_t length[CELLS_MAX];
	size_t count;
};

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && (fact_is_space((*text)[0]) || (*text)[0] == '"')) {
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && (fact_is_space((*text)[*length - 1]) || (*text)[*length - 1] == '"'))
		(*length)--;
}

static void split(struct cells *cells, const char *line, size_t length, char separator)
{
	size_t at = 0;
	struct fact_cursor cursor;
	struct fact time;

	cells->count = 0;
	trim(&line, &length);
	cursor = (struct fact_cursor) { line, length, 0 };
	if (separator == ' ' &&
	    fact_time(&cursor, &time)) { /* "Thu 26 Nov 09:00 0.12": the time has spaces itself */
		cells->text[0] = line;
		cells->length[0] = cursor.at;
		cells->count = 1;
		at = cursor.at + 1;
	}
	if (separator == '|' && length > 0 && line[0] == '|')
		at = 1;
	if (separator == '|' && length > at && line[length - 1] == '|')
		length--;
	while (at <= length && cells->count < CELLS_MAX) {
		const char *end = memchr(line + at, separator, length - at);
		size_t next = end == NULL ? length : (size_t)(end - line);

		cells->text[cells->count] = line + at;
		cells->length[cells->count] = next - at;
		trim(&cells->text[cells->count], &cells->length[cells->count]);
		/* Runs of spaces separate once. */
		if (separator != ' ' || cells->length[cells->count] > 0)
			cells->count++;
		at = next + 1;
	}
}

/* One value and nothing else (a unit may stand behind); "-" and "" are gaps: *gap. */
static bool cell_value(const char *text, size_t length, struct fact *fact, bool *gap)
{
	struct fact_cursor cursor = { text, length, 0 };

	*gap =
	    length == 0 ||
	    (length <= 3 && (text[0] == '-' || strncmp(text, "—", 3) == 0 || strncmp(text, "n/a", 3) == 0)) ||
	    (length == 3 && strncmp(text, "NaN", 3) == 0);
	if (*gap)
		return true;
	if (text[0] == '-' && length > 1) {
		cursor.at = 1;
		if (!fact_number(&cursor, fact))
			return false;
		if (fact->readings[0].value > 0)
			fact->readings[0].value = -fact->readings[0].value;
		return cursor.at == length;
	}
	return fact_number(&cursor, fact) && cursor.at == length;
}

static bool cell_time(const char *text, size_t length, struct fact *fact)
{
	struct fact_cursor cursor = { text, length, 0 };

	return length > 0 && fact_time(&cursor, fact) && length - cursor.at <= 6 && fact->clock_s >= 0;
}

/* A row of a table of times: a time, then values only. */
static bool is_row(const struct cells *cells)
{
	struct fact fact;
	bool gap;

	if (cells->count < 2 || !cell_time(cells->text[0], cells->length[0], &fact))
		return false;
	for (size_t i = 1; i < cells->count; i++)
		if (!cell_value(cells->text[i], cells->length[i], &fact, &gap))
			return false;
	return true;
}

static size_t line_length(const char *text)
{
	return strcspn(text, "\n");
}

static char separator_of(const char *line, size_t length)
{
	static const char separators[] = "|\t;,";
	struct cells cells;

	for (const char *s = separators; *s != '\0'; s++) {
		if (memchr(line, *s, length) == NULL)
			continue;
		split(&cells, line, length, *s);
		if (is_row(&cells))
			return *s;
	}
	split(&cells, line, length, ' ');
	return is_row(&cells) ? ' ' : '\0';
}

/* "latency (s)", "CPU %", "checkout latency [ms]": the unit that a heading names, as the words of
 * evidence_line_unit. */
static void heading_unit(struct evidence_line *line, const char *text, size_t length, double *factor)
{
	size_t end = length, begin;

	while (end > 0 && (text[end - 1] == ')' || text[end - 1] == ']' || text[end - 1] == ' '))
		end--;
	for (begin = end;
	     begin > 0 && text[begin - 1] != ' ' && text[begin - 1] != '(' && text[begin - 1] != '[';)
		begin--;
	evidence_line_unit(line, text + begin, end - begin, factor);
	line->unit_known = line->unit != FACT_PLAIN;
}

/* What the lines above a table say of it: "title: checkout CPU", "unit: Percent". */
struct block {
	const char *title, *unit;
	size_t title_length, unit_length;
};

static bool is_key(const char *line, size_t length, const char *key, const char **value, size_t *size)
{
	size_t long_ = strlen(key);

	if (length < long_ || strncasecmp(line, key, long_) != 0)
		return false;
	*value = line + long_;
	*size = length - long_;
	trim(value, size);
	return true;
}

static void read_key(struct block *block, const char *line, size_t length)
{
	const char *value;
	size_t size;

	if (is_key(line, length, "title:", &value, &size) || is_key(line, length, "series:", &value, &size) ||
	    is_key(line, length, "metric:", &value, &size) || is_key(line, length, "name:", &value, &size)) {
		block->title = value;
		block->title_length = size;
	} else if (is_key(line, length, "unit:", &value, &size)) {
		block->unit = value;
		block->unit_length = size;
	} else if (length == 0 || strncmp(line, "---", 3) == 0 || strncmp(line, "===", 3) == 0 ||
		   strncmp(line, "<<<", 3) == 0) {
		*block = (struct block) { 0 };
	}
}

static struct evidence_line *add_column(struct evidence *evidence, const struct block *block, const char *head,
					size_t length, double *factor)
{
	struct evidence_line *line;
	char *name;

	if (block->title == NULL) {
		line = evidence_line_add(evidence, head, length);
		if (line != NULL)
			heading_unit(line, head, length, factor);
		return line;
	}
	name = mem_copy_bytes(block->title, block->title_length);
	line = evidence_line_add(evidence, name, block->title_length);
	free(name);
	if (line == NULL)
		return NULL;
	evidence_line_unit(line, block->unit == NULL ? "" : block->unit, block->unit_length, factor);
	line->unit_known = block->unit != NULL;
	return line;
}

/* "2026-12-03 14:06 UpdateService by deploy-pay on payments-api", "incident 3: alarm orders-high is in ALARM since
 * 14:22" */
static bool is_event(const char *text, size_t length, const struct fact *facts, size_t count)
{
	struct fact_cursor cursor = { text, length, 0 };

	return (count > 0 && facts[0].kind == FACT_TIME && facts[0].from == 0 && facts[0].clock_s >= 0 &&
		facts[0].month > 0) ||
	       fact_stands(&cursor, 0, "incident", true) || fact_stands(&cursor, 0, "alarm", true);
}

/* "F3: latency rose", "F3 (limit): latency was": the finding that a line tells of; 0: none. */
static int finding_of(const char *text, size_t length, const struct fact *facts, size_t count)
{
	struct fact_cursor cursor = { text, length, 0 };
	int number = count > 0 && facts[0].kind == FACT_NAME && facts[0].from == 0 ? fact_name_finding(text, facts) : 0;

	if (number > 0 &&
	    (fact_stands(&cursor, facts[0].to, ": ", false) || fact_stands(&cursor, facts[0].to, " (", false)))
		return number;
	return 0;
}

static void add_sentence(struct evidence *evidence, const char *text, size_t length, const struct block *block,
			 bool goes_on, bool is_record)
{
	struct fact *facts = mem_alloc(FACTS_MAX * sizeof(*facts));
	size_t count = fact_read(text, length, facts, FACTS_MAX);
	struct evidence_words words;
	char both[2048];
	double factor = 1;
	struct evidence_line unit = { 0 };
	struct evidence_source *source;
	int finding = finding_of(text, length, facts, count);
	size_t id = finding > 0 ? facts[0].to : 0; /* which is no word of it */

	if (block->title != NULL && block->title_length + length + 1 < sizeof(both)) {
		/* What stands under a title is about it. */
		(void)snprintf(both, sizeof(both), "%.*s %.*s", (int)block->title_length, block->title,
			       (int)length, text);
		evidence_words_read(&words, both, strlen(both));
	} else {
		evidence_words_read(&words, text + id, length - id);
	}
	source = add_source(evidence, &words);
	if (source != NULL) {
		source->goes_on = goes_on;
		source->is_record = is_record;
		source->event = is_event(text, length, facts, count) ? mem_copy_bytes(text, length) : NULL;
		source->finding = goes_on && source > evidence->sources ? (source - 1)->finding : finding;
	}
	if (block->title != NULL && block->unit != NULL)
		evidence_line_unit(&unit, block->unit, block->unit_length, &factor);
	for (size_t i = 0; i < count && source != NULL; i++) {
		const struct fact *fact = &facts[i];

		if (fact->kind == FACT_TIME)
			add_moment(evidence, source, text, fact,
				   i > 0 && facts[i - 1].kind == FACT_FIGURE && fact->from == facts[i - 1].to + 4 &&
				       strncmp(text + facts[i - 1].to, " at ", 4) == 0);
		else if (fact->kind == FACT_NAME && fact->maybe)
			evidence_names_add(evidence, text + fact->from, fact->to - fact->from);
		else if (fact->kind == FACT_NAME)
			add_name(evidence, text + fact->from, fact->to - fact->from);
		else
			add_figure(evidence, source, fact, statistics_of(text, fact),
				   is_record || counts_something(text, length, fact->to));
		if (fact->kind == FACT_FIGURE && fact->unit == FACT_PLAIN && unit.unit != FACT_PLAIN) {
			struct fact with = *fact; /* in the unit that stands above */

			for (size_t j = 0; j < with.reading_count; j++) {
				with.readings[j].value *= factor;
				with.readings[j].half *= factor;
			}
			with.unit = unit.unit;
			add_figure(evidence, source, &with, statistics_of(text, fact), false);
		}
	}
	free(facts);
}

/* A line that belongs to the one before: "  reason: ...", "reason: ...". */
static bool goes_on(const char *line, size_t length)
{
	size_t key = 0;

	while (key < length && line[key] >= 'a' && line[key] <= 'z')
		key++;
	return length > 0 && (line[0] == ' ' || line[0] == '\t' || (key > 0 && key < length && line[key] == ':'));
}

/* Sentences of one line. */
static void add_line(struct evidence *evidence, const char *text, size_t length, const struct block *block)
{
	char *record = evidence_record(evidence, text, length);
	size_t begin = 0;

	if (record != NULL) {
		size_t before = evidence->source_count;

		add_sentence(evidence, record, length, block, false, true);
		if (evidence->source_count > before)
			evidence->sources[before].row = mem_copy_bytes(text, length);
		free(record);
		return;
	}
	for (size_t i = 0; i < length; i++) {
		bool end = (text[i] == '.' || text[i] == '?' || text[i] == '!') && i + 2 < length &&
			   text[i + 1] == ' ' && text[i + 2] >= 'A' && text[i + 2] <= 'Z';

		if (!end)
			continue;
		add_sentence(evidence, text + begin, i + 1 - begin, block, begin > 0 || goes_on(text, length), false);
		begin = i + 2;
	}
	if (begin < length)
		add_sentence(evidence, text + begin, length - begin, block, begin > 0 || goes_on(text, length), false);
}

static void table_rows(struct evidence *evidence, const struct block *block, const char **text, char separator,
		       const struct cells *head)
{
	size_t first = evidence->line_count, columns = 0;
	double factors[CELLS_MAX];
	int64_t last = INT64_MIN, midnight = 0;
	bool first_dated = false;

	for (size_t length = line_length(*text); (*text)[0] != '\0'; length = line_length(*text)) {
		struct cells cells;
		struct fact fact;
		int64_t at_s;
		bool dated, clock, gap;

		split(&cells, *text, length, separator);
		if (!is_row(&cells))
			break;
		for (; columns + 1 < cells.count; columns++) {
			bool headed = head->count == cells.count;
			const char *name = headed ? head->text[columns + 1] : "";
			size_t size = headed ? head->length[columns + 1] : 0;
			if (add_column(evidence, block, name, size, &factors[columns]) == NULL)
				return;
		}
		(void)cell_time(cells.text[0], cells.length[0], &fact);
		if (!evidence_fact_time(evidence, &fact, &at_s, &dated, &clock))
			break;
		if (dated) { /* the rows below may leave the date out */
			midnight = at_s / DAY_S * DAY_S;
			first_dated = true;
		} else {
			at_s += midnight;
			if (at_s < last) {
				midnight += DAY_S;
				at_s += DAY_S;
			}
			dated = first_dated;
		}
		for (size_t i = 1; i < cells.count && i <= columns; i++) {
			struct evidence_line *line = &evidence->lines[first + i - 1];

			if (!cell_value(cells.text[i], cells.length[i], &fact, &gap) || gap)
				continue;
			line->dated = dated;
			if (fact.unit != FACT_PLAIN) {
				line->unit = fact.unit;
				line->unit_known = true;
				factors[i - 1] = 1;
			}
			line->half = fmax(line->half, fact.readings[0].half * factors[i - 1]);
			if (last > INT64_MIN && at_s > last)
				line->step_s = at_s - last;
			evidence_line_point(line, at_s, fact.readings[0].value * factors[i - 1]);
		}
		last = at_s;
		*text += length + ((*text)[length] == '\n' ? 1 : 0);
	}
}

/* At a heading: the row below it (and below a rule) begins with a time. */
static bool read_table(struct evidence *evidence, const struct block *block, const char **text)
{
	struct cells head;
	const char *line = *text, *body = line + line_length(line);
	size_t length = line_length(line);
	char separator = separator_of(line, length);

	head.count = 0;
	if (separator != '\0') { /* without a heading */
		table_rows(evidence, block, text, separator, &head);
		return true;
	}
	for (int i = 0; i < 2 && *body == '\n'; i++) {
		size_t size = line_length(body + 1);

		separator = separator_of(body + 1, size);
		if (separator != '\0') {
			split(&head, line, length, separator);
			body++;
			table_rows(evidence, block, &body, separator, &head);
			*text = body;
			return true;
		}
		if (strspn(body + 1, "-|: +=\t") < size)
			return false;
		body += 1 + size;
	}
	return false;
}

void evidence_text(struct evidence *evidence, const char *text)
{
	struct block block = { 0 };

	if (text == NULL)
		return;
	evidence->group++;
	while (*text != '\0') {
		size_t length = line_length(text);

		if (read_table(evidence, &block, &text))
			continue;
		read_key(&block, text, length);
		add_line(evidence, text, length, &block);
		text += length + (text[length] == '\n' ? 1 : 0);
	}
}
