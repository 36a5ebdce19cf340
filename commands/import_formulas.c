/*
 * import_formulas.c - formulas in their new place.
 *
 * Every widget of CloudWatch has ids of its own; here all metrics are of one dashboard. A formula is written once all
 * that it computes with is, in one account, region and period; what computes in a circle never is.
 * What CloudWatch expects of a metric (ANOMALY_DETECTION_BAND) is no line, but becomes that metric's anomaly_band.
 */
#include <stdlib.h>
#include <string.h>

#include "bot/metric_math.h"
#include "commands/import_private.h"

#define SHOWN_UNITS 80

static struct import_line *effective(const struct import *import, const struct import_line *line)
{
	return &import->lines[line->same];
}

struct import_line *import_find_old(const struct import *import, size_t widget, const char *id, size_t length)
{
	for (size_t i = 0; i < import->count; i++) {
		struct import_line *line = &import->lines[i];

		if (line->widget == widget && strlen(line->old) == length && strncmp(line->old, id, length) == 0)
			return line;
	}
	return NULL;
}

static void leave_out(struct import *import, struct import_line *line, const char *why)
{
	import_note(import, NULL, "widget %zu, formula %s: %s", line->widget,
	            import_shown(import, line->metric.expression, SHOWN_UNITS), why);
	line->state = IMPORT_LEFT;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* --- what it computes with --- */

struct inputs {
	struct import *import;
	struct import_line *formula;
	int64_t period_ms; /* of all of them; 0: there is none yet */
	bool waits;        /* for another formula */
	const char *why;   /* it cannot be written; NULL: it can */
};

static void look_at_input(struct inputs *in, const struct import_line *line)
{
	const struct import_line *input = effective(in->import, line);
	const struct metric *m = &input->metric;

	if (input->state == IMPORT_OPEN)
		in->waits = true;
	else if (input->state == IMPORT_LEFT)
		in->why = "it computes with something that is left out";
	else if (!is_same(m->region, in->formula->metric.region) || !is_same(m->account, in->formula->metric.account))
		in->why = "it computes with another region or account";
	else if (in->period_ms != 0 && in->period_ms != m->period_ms)
		in->why = "it computes with metrics of different periods";
	else
		in->period_ms = m->period_ms;
}

static void look_at_all(struct inputs *in)
{
	for (size_t i = 0; i < in->import->count && in->why == NULL; i++) {
		const struct import_line *line = &in->import->lines[i];

		if (line->widget == in->formula->widget && line->metric.metric != NULL)
			look_at_input(in, line);
	}
}

static void look_at_inputs(struct inputs *in)
{
	const char *at = in->formula->metric.expression, *name;
	size_t length;

	while (in->why == NULL && (name = metric_math_next(&at, &length)) != NULL) {
		const struct import_line *line = import_find_old(in->import, in->formula->widget, name, length);

		if (line == NULL)
			in->why = "it names something that its widget does not have";
		else
			look_at_input(in, line);
	}
	if (in->why == NULL && metric_math_uses_all(in->formula->metric.expression))
		look_at_all(in);
}

/* --- its new form --- */

static size_t list_names(const struct import *import, size_t widget, struct metric_math_name *names)
{
	size_t count = 0;

	for (size_t i = 0; i < import->count; i++) {
		const struct import_line *line = &import->lines[i], *written = effective(import, line);

		if (line->widget == widget && written->state == IMPORT_TAKEN)
			names[count++] = (struct metric_math_name){ line->old, written->metric.id,
				                                    line->metric.expression == NULL };
	}
	return count;
}

static struct import_line *find_same(struct import *import, const struct metric *metric)
{
	for (size_t i = 0; i < import->count; i++) {
		const struct metric *m = &import->lines[i].metric;

		if (import->lines[i].state == IMPORT_TAKEN && m->expression != NULL &&
		    m->period_ms == metric->period_ms && strcmp(m->expression, metric->expression) == 0 &&
		    is_same(m->region, metric->region) && is_same(m->account, metric->account))
			return &import->lines[i];
	}
	return NULL;
}

static void write_formula(struct import *import, struct import_line *line)
{
	struct metric_math_name *names = mem_zalloc(&import->mem, (import->count + 1) * sizeof(*names));
	size_t count = list_names(import, line->widget, names), length;
	const char *unknown;
	char *renamed = metric_math_rename(line->metric.expression, names, count, &unknown, &length);
	struct import_line *same;

	if (renamed == NULL || strlen(renamed) > METRIC_MATH_MAX) {
		leave_out(import, line, renamed == NULL ? "METRICS() stands for nothing in it"
		                                        : "it is too long with the names it has here");
		free(renamed);
		return;
	}
	free(line->metric.expression);
	line->metric.expression = renamed;
	same = find_same(import, &line->metric);
	line->state = same == NULL ? IMPORT_TAKEN : IMPORT_LEFT;
	if (same == NULL)
		return;
	line->same = (size_t)(same - import->lines);
	same->metric.hidden = same->metric.hidden && line->metric.hidden;
}

/* --- what CloudWatch expects --- */

/* The metric that a band is of gets it; the band itself is no line. False: it waits for another formula. */
static bool settle_band(struct import *import, struct import_line *band, const char *id, size_t length, double width)
{
	const struct import_line *of = import_find_old(import, band->widget, id, length);
	struct metric *metric = of == NULL ? NULL : &effective(import, of)->metric;

	if (of != NULL && effective(import, of)->state == IMPORT_OPEN)
		return false;
	if (of == NULL)
		leave_out(import, band, "it names something that its widget does not have");
	else if (effective(import, of)->state == IMPORT_LEFT)
		leave_out(import, band, "it is of something that is left out");
	else if (metric->hidden || (metric->expression != NULL && metric_math_is_many(metric->expression)))
		leave_out(import, band, "it is of something that is hidden, or of several series");
	else if (!(metric->anomaly_band > 0 && metric->anomaly_band <= width))
		metric->anomaly_band = width;
	band->state = IMPORT_LEFT;
	return true;
}

/* False: it waits for another formula. */
static bool settle(struct import *import, struct import_line *line)
{
	struct inputs in = { .import = import, .formula = line };
	const char *id;
	size_t length;
	double width;

	if (metric_math_is_band(line->metric.expression, &id, &length, &width))
		return settle_band(import, line, id, length, width);
	look_at_inputs(&in);
	if (in.why != NULL)
		leave_out(import, line, in.why);
	else if (in.waits)
		return false;
	else {
		if (in.period_ms != 0)
			line->metric.period_ms = in.period_ms;
		write_formula(import, line);
	}
	return true;
}

/* --- what nobody computes with --- */

static bool is_used(const struct import *import, const char *id)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->lines[i].state == IMPORT_TAKEN && import->lines[i].metric.expression != NULL &&
		    metric_math_uses(import->lines[i].metric.expression, id))
			return true;
	return false;
}

static void drop_unused(struct import *import)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < import->count; i++) {
			struct import_line *line = &import->lines[i];

			if (line->state != IMPORT_TAKEN || !line->metric.hidden || is_used(import, line->metric.id))
				continue;
			import_note(import, NULL, "widget %zu, %s: it is hidden there, and nothing computes with it",
			            line->widget, line->metric.id);
			line->state = IMPORT_LEFT;
			again = true;
		}
	}
}

void import_formulas(struct import *import)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < import->count; i++)
			if (import->lines[i].state == IMPORT_OPEN)
				again = settle(import, &import->lines[i]) || again;
	}
	for (size_t i = 0; i < import->count; i++)
		if (import->lines[i].state == IMPORT_OPEN)
			leave_out(import, &import->lines[i], "it needs its own result");
	drop_unused(import);
}
