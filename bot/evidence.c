/* What an answer may rest on, as it is given; how claims are held against it stands in evidence_match.c and
 * evidence_line.c. */
#include "bot/evidence_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/series.h"
#include "bot/str.h"
#include "bot/zone.h"

#define REASONS_MAX 500
#define DAY_S 86400

struct evidence *evidence_new(const struct zone *zone)
{
	struct evidence *evidence = mem_alloc(sizeof(*evidence));

	evidence->zone = zone;
	return evidence;
}

void evidence_free(struct evidence *evidence)
{
	if (evidence == NULL)
		return;
	for (size_t i = 0; i < evidence->subject_count; i++)
		free(evidence->subjects[i].words);
	for (size_t i = 0; i < evidence->line_count; i++)
		evidence_line_free(&evidence->lines[i]);
	for (size_t i = 0; i < evidence->names.capacity; i++)
		free(evidence->names.names[i]);
	free(evidence->subjects);
	free(evidence->lines);
	free(evidence->figures);
	free(evidence->moments);
	for (size_t i = 0; i < evidence->source_count; i++) {
		free(evidence->sources[i].event);
		free(evidence->sources[i].row);
	}
	free(evidence->sources);
	free(evidence->source_words);
	free(evidence->names.names);
	free(evidence->reasons);
	free(evidence);
}

int64_t evidence_local_s(const struct evidence *evidence, int64_t wall_ms)
{
	int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0 ? 1 : 0);
	struct zone_time local;

	if (evidence->zone == NULL)
		return seconds;
	zone_local(evidence->zone, wall_ms, &local);
	return seconds + local.offset_s;
}

void evidence_time(struct evidence *evidence, int64_t wall_ms)
{
	if (evidence->moment_count == evidence->moment_capacity) {
		evidence->moment_capacity = evidence->moment_capacity * 2 + 64;
		evidence->moments =
		    mem_resize(evidence->moments, evidence->moment_capacity * sizeof(*evidence->moments));
	}
	evidence->moments[evidence->moment_count++] =
	    (struct evidence_moment) { .at_s = evidence_local_s(evidence, wall_ms),
				       .half_s = 30,
				       .dated = true,
				       .clock = true,
				       .source = EVIDENCE_NO_SOURCE };
}

void evidence_counted(struct evidence *evidence, const char *noun)
{
	if (evidence->counted_count < EVIDENCE_COUNTED_MAX)
		evidence->counted[evidence->counted_count++] = noun;
}

bool evidence_counts(const struct evidence *evidence, const char *word, size_t length)
{
	for (size_t i = 0; i < evidence->counted_count; i++)
		if (strlen(evidence->counted[i]) == length && strncasecmp(evidence->counted[i], word, length) == 0)
			return true;
	return evidence_is_count_noun(word, length);
}

void evidence_number(struct evidence *evidence, double value, const char *unit)
{
	struct evidence_line line = { 0 };
	double factor;

	if (isnan(value) || isinf(value))
		return;
	evidence_line_unit(&line, unit == NULL ? "" : unit, unit == NULL ? 0 : strlen(unit), &factor);
	if (evidence->figure_count == evidence->figure_capacity) {
		evidence->figure_capacity = evidence->figure_capacity * 2 + 64;
		evidence->figures =
		    mem_resize(evidence->figures, evidence->figure_capacity * sizeof(*evidence->figures));
	}
	evidence->figures[evidence->figure_count++] = (struct evidence_figure) {
		.value = value * factor, .unit = line.unit, .rate = line.rate, .source = EVIDENCE_NO_SOURCE
	};
}

void evidence_name(struct evidence *evidence, const char *name)
{
	if (name == NULL || name[0] == '\0')
		return;
	(void)evidence_subject_add(evidence, name, strlen(name));
	evidence_names_add(evidence, name, strlen(name));
	/* The parts of "app/web/50dc", of an ARN and of a host, too. */
	for (const char *part = name; *part != '\0';) {
		size_t length = strcspn(part, "/: ,=\t\n()[]{}\"'");

		evidence_names_add(evidence, part, length);
		if (memchr(part, '.', length) != NULL)
			evidence_names_add(evidence, part, strcspn(part, "."));
		part += length + (part[length] != '\0' ? 1 : 0);
	}
}

void evidence_series(struct evidence *evidence, const char *name, const struct series *series, int64_t from_ms,
		     int64_t until_ms, const char *unit)
{
	const char *title = name == NULL ? "" : name;
	struct evidence_line *line = evidence_line_add(evidence, title, strlen(title));
	double factor;

	if (line == NULL)
		return;
	evidence_name(evidence, title);
	evidence_line_unit(line, unit == NULL ? "" : unit, unit == NULL ? 0 : strlen(unit), &factor);
	evidence->subjects[line->subject].units |= 1u << line->unit;
	line->per_s = evidence_words_per_s(title);
	line->is_counted =
	    unit != NULL && (strcmp(unit, "Count") == 0 || strcmp(unit, "Bytes") == 0) && line->per_s == 0;
	line->dated = true;
	line->unit_known = true;
	line->step_s = series->step_ms / 1000 > 0 ? series->step_ms / 1000 : 1;
	for (size_t i = series_index(series, from_ms); i < series->count && series_time(series, i) < until_ms;
	     i++)
		if (!isnan(series->values[i]))
			evidence_line_point(line, evidence_local_s(evidence, series_time(series, i)),
					    series->values[i] * factor);
	evidence->values += line->count;
	evidence->series_count++;
}

void evidence_reason(struct evidence *evidence, const char *what)
{
	if (what == NULL || evidence->reason_count == REASONS_MAX)
		return;
	if (evidence->reason_count == evidence->reason_capacity) {
		evidence->reason_capacity = evidence->reason_capacity * 2 + 8;
		evidence->reasons =
		    mem_resize(evidence->reasons, evidence->reason_capacity * sizeof(*evidence->reasons));
	}
	evidence_words_read(&evidence->reasons[evidence->reason_count++].words, what, strlen(what));
	evidence_text(evidence, what);
}
