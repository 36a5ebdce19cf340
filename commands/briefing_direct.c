/* The first sentence of an answer without a model: what was asked, in the words of the strongest finding about
 * it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/str.h"
#include "commands/briefing_private.h"

#define SOLID \
	0.8 /* of an episode's values must bear out "has been above"; else the finding's own words are used */
#define TITLES_MAX 3

void briefing_say_range(struct str *out, const struct briefing *briefing)
{
	const char *words = briefing->range.range_words;

	str_addf(out, "%s%s", str_starts(words, "the last") ? "in " : "", words);
}

void briefing_say_titles(struct str *out, const struct briefing_title *titles, size_t count, size_t most)
{
	size_t said = count > most ? most - 1 : count;

	for (size_t i = 0; i < said; i++)
		str_addf(out, "%s%s",
		         i == 0                           ? ""
		         : i + 1 == said && said == count ? " and "
		                                          : ", ",
		         titles[i].text);
	if (said < count)
		str_addf(out, " and %zu more", count - said);
}

/* --- one finding in few words --------------------------------------------------------------------------------
 */

struct episode {
	const struct briefing *briefing;
	const struct dashboard_data *data;
	const struct finding *finding;
	struct series_values values;
	const char *unit;
	bool above, lasts;
	double low, high; /* what was to be expected at its most outstanding time */
};

static double at(const struct series *series, int64_t at_ms)
{
	size_t i = series_index(series, at_ms);

	return i < series->count && series_time(series, i) == at_ms ? series->values[i] : NAN;
}

/* Whether a value at that time is where the sentence says that it is. */
static bool bears_out(const struct episode *e, int64_t at_ms, double value)
{
	const struct dashboard_subject *subject = &e->data->subjects[e->finding->subject];
	double limit = e->finding->kind == FINDING_LIMIT ? e->finding->limit
	                                                 : at(e->above ? &subject->high : &subject->low, at_ms);

	return e->above ? value > limit : value < limit;
}

static bool is_solid(const struct episode *e)
{
	const struct series *series = e->data->inputs[e->finding->subject].series;
	size_t known = 0, good = 0;

	for (size_t i = series_index(series, e->finding->from_ms);
	     i < series->count && series_time(series, i) < e->finding->to_ms; i++) {
		if (isnan(series->values[i]) || series_time(series, i) < e->data->from_ms)
			continue;
		known++;
		good += bears_out(e, series_time(series, i), series->values[i]);
	}
	return known > 0 && (double)good >= SOLID * (double)known;
}

static void begin(struct episode *e, const struct briefing *briefing, const struct briefing_finding *found)
{
	const struct finding *finding = found->finding;
	const struct dashboard_data *data = briefing->looks[found->look].data;
	const struct dashboard_subject *subject = &data->subjects[finding->subject];

	*e = (struct episode){ .briefing = briefing, .data = data, .finding = finding };
	briefing_values(briefing, data, finding->subject, &e->values);
	e->unit = data->inputs[finding->subject].unit;
	e->above = finding->value > (finding->kind == FINDING_LIMIT ? finding->limit : finding->expected);
	e->low = at(&subject->low, finding->at_ms);
	e->high = at(&subject->high, finding->at_ms);
	e->lasts = e->values.known > 0 && finding->to_ms > e->values.last_ms &&
	           bears_out(e, e->values.last_ms, e->values.last);
}

static void say_what_is_usual(struct str *out, const struct episode *e)
{
	if (isnan(e->low) || isnan(e->high))
		return;
	str_add(out, ", usually ");
	say_span(out, e->low, e->high, e->unit);
}

static void say_what(struct str *out, const struct episode *e)
{
	str_addf(out, "%s %s %s its ", e->data->subjects[e->finding->subject].title,
	         e->lasts ? "has been" : "was", e->above ? "above" : "below");
	if (e->finding->kind == FINDING_LIMIT) {
		str_add(out, "limit of ");
		say_quantity(out, e->finding->limit, e->unit);
	} else {
		str_add(out, "usual range");
	}
}

static bool is_level(enum finding_kind kind)
{
	return kind == FINDING_LIMIT || kind == FINDING_SUDDEN || kind == FINDING_LEVEL_SHIFT;
}

void briefing_say_finding(struct str *out, const struct briefing *briefing, const struct briefing_finding *found)
{
	const struct finding *finding = found->finding;
	size_t length = strlen(finding->text);
	struct episode e;

	begin(&e, briefing, found);
	if (!is_level(finding->kind) || !is_solid(&e)) {
		length -= length > 0 && finding->text[length - 1] == '.' ? 1 : 0;
		str_addf(out, "%.*s (%s).", (int)length, finding->text, finding->id);
		return;
	}
	say_what(out, &e);
	str_add(out, e.lasts ? " since " : " from ");
	briefing_say_time(out, briefing, finding->from_ms, briefing->now_ms);
	if (!e.lasts) {
		str_add(out, " to ");
		briefing_say_time(out, briefing, finding->to_ms, finding->from_ms);
	}
	str_add(out, ": ");
	say_quantity(out, e.lasts ? e.values.last : finding->value, e.unit);
	str_add(out, " at ");
	briefing_say_time(out, briefing, e.lasts ? e.values.last_ms : finding->at_ms,
	                  e.lasts ? briefing->now_ms : finding->from_ms);
	say_what_is_usual(out, &e);
	str_addf(out, " (%s).", finding->id);
}

/* --- nothing unusual -------------------------------------------------------------------------------------------
 */

static void say_quiet_one(struct str *out, const struct briefing *briefing, const struct briefing_title *title)
{
	const struct dashboard_data *data = briefing->looks[title->look].data;
	const char *unit = data->inputs[title->subject].unit;
	struct series_values values;

	briefing_values(briefing, data, title->subject, &values);
	str_addf(out, "%s: nothing unusual ", title->text);
	briefing_say_range(out, briefing);
	str_add(out, "; ");
	say_quantity(out, values.last, unit);
	str_add(out, " at ");
	briefing_say_time(out, briefing, values.last_ms, briefing->now_ms);
	if (!isnan(values.low) && !isnan(values.high)) {
		str_add(out, ", usually ");
		say_span(out, values.low, values.high, unit);
	}
	str_add_char(out, '.');
}

static void say_quiet(struct str *out, const struct briefing *briefing)
{
	struct briefing_title *titles;
	size_t count = briefing_quiet(briefing, true, &titles);

	if (count == 1) {
		say_quiet_one(out, briefing, &titles[0]);
	} else {
		str_add(out, "Nothing unusual ");
		briefing_say_range(out, briefing);
		str_add(out, " in ");
		briefing_say_titles(out, titles, count, TITLES_MAX);
		str_add_char(out, '.');
	}
	free(titles);
}

static bool has_value(const struct briefing *briefing, const struct dashboard_data *data, size_t metric)
{
	for (size_t i = 0; i < data->subject_count; i++) {
		struct series_values values;

		if (data->subjects[i].metric != metric)
			continue;
		briefing_values(briefing, data, i, &values);
		if (values.known > 0)
			return true;
	}
	return false;
}

/* What is asked about and has no values. Its titles are to be freed. */
static size_t without_values(const struct briefing *briefing, char **titles)
{
	size_t count = 0;

	for (size_t i = 0; i < briefing->look_count; i++)
		for (size_t k = 0; k < briefing->looks[i].data->metric_count; k++) {
			const struct dashboard_data *data = briefing->looks[i].data;

			if (!data->metrics[k].hidden && briefing_suits(briefing, i, k) &&
			    !has_value(briefing, data, k) && count < BRIEFING_METRICS_MAX)
				titles[count++] = metric_title(&data->metrics[k]);
		}
	return count;
}

static bool has_any_value(const struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->look_count; i++)
		for (size_t k = 0; k < briefing->looks[i].data->metric_count; k++)
			if (has_value(briefing, briefing->looks[i].data, k))
				return true;
	return false;
}

static void say_nothing(struct str *out, const struct briefing *briefing)
{
	char *texts[BRIEFING_METRICS_MAX];
	struct briefing_title titles[BRIEFING_METRICS_MAX] = { { .text = NULL } };
	size_t count = without_values(briefing, texts);

	for (size_t i = 0; i < count; i++)
		titles[i] = (struct briefing_title){ .text = texts[i] };
	if (count > 0 || !has_any_value(briefing)) {
		str_add(out, "I have no values ");
		str_add(out, count > 0 ? "of " : "for that");
		briefing_say_titles(out, titles, count, TITLES_MAX);
	} else {
		str_add(out, "I found nothing unusual");
	}
	str_add_char(out, ' ');
	briefing_say_range(out, briefing);
	str_add_char(out, '.');
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
}

/* Whether the strongest finding answers the question: it is about it, or the question is about nothing that is
 * known. */
static bool answers(const struct briefing *briefing, const struct briefing_finding *list, size_t count)
{
	return count > 0 && finding_is_abnormal(list[0].finding->kind) &&
	       (list[0].suits || briefing->names_nothing);
}

size_t briefing_say_direct(struct str *out, const struct briefing *briefing, const struct briefing_finding *list,
                           size_t count)
{
	struct briefing_title *titles;
	size_t quiet;

	if (answers(briefing, list, count)) {
		briefing_say_finding(out, briefing, &list[0]);
		return 0;
	}
	quiet = briefing_quiet(briefing, true, &titles);
	free(titles);
	if (quiet > 0)
		say_quiet(out, briefing);
	else
		say_nothing(out, briefing);
	if (count > 0 && finding_is_abnormal(list[0].finding->kind))
		str_add(out, " Something else stands out:");
	return FINDING_NONE;
}
