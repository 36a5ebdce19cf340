/* Goes through the kinds, one file each, and puts what they found in order. */
#include "bot/findings.h"

#include <math.h>

#include "bot/findings_private.h"

const char *finding_kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_LIMIT: return "limit";
	case FINDING_SUDDEN: return "sudden_change";
	case FINDING_LEVEL_SHIFT: return "level_shift";
	case FINDING_SLOW_CHANGE: return "slow_change";
	case FINDING_MISSING: return "missing_data";
	case FINDING_FLAT: return "flat_line";
	case FINDING_BAND: return "outside_band";
	case FINDING_RECURRING: return "recurring";
	case FINDING_TOGETHER: return "moves_together";
	case FINDING_LOAD: return "load";
	}
	return "?";
}

bool finding_is_abnormal(enum finding_kind kind)
{
	return kind != FINDING_RECURRING && kind != FINDING_TOGETHER && kind != FINDING_LOAD;
}

double finding_strength(double ratio)
{
	return ratio > 1 ? 1 - 0.5 / ratio : 0.5;
}

void findings_add(struct findings *findings, const struct view *view, enum finding_kind kind, struct finding finding)
{
	if ((findings->count & (findings->count - 1)) == 0) /* a power of two: full */
		findings->items = mem_resize(findings->items, (2 * findings->count + 1) * sizeof(*findings->items));
	finding.kind = kind;
	finding.subject = view->index;
	if (kind != FINDING_TOGETHER && kind != FINDING_LOAD)
		finding.other = FINDING_NONE;
	findings->items[findings->count++] = finding;
}

bool findings_overlap(const struct findings *findings, const struct view *view, enum finding_kind kind, size_t from,
                      size_t to)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];

		if (f->subject == view->index && f->kind == kind && f->from_ms < view_time(view, to) &&
		    f->to_ms > view_time(view, from))
			return true;
	}
	return false;
}

static int by_weight(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int abnormal = (int)finding_is_abnormal(y->kind) - (int)finding_is_abnormal(x->kind);

	if (abnormal != 0)
		return abnormal;
	if (x->strength != y->strength)
		return x->strength < y->strength ? 1 : -1;
	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static void find_in(struct findings *findings, struct view *view)
{
	findings_missing(findings, view);
	findings_limit(findings, view);
	findings_trend(findings, view);
	findings_change(findings, view);
	findings_flat(findings, view);
	findings_band(findings, view);
	findings_recurring(findings, view);
}

static void make_band(const struct view *view, struct series *low, struct series *high)
{
	size_t count = view->end - view->judged;

	series_make_empty(low, view_time(view, view->judged), view->step_ms, count);
	series_make_empty(high, view_time(view, view->judged), view->step_ms, count);
	for (size_t i = 0; i < count; i++)
		view_band(view, view->judged + i, &low->values[i], &high->values[i]);
}

void findings_find(struct findings *findings, const struct findings_subject *subjects, size_t count,
                   const struct findings_range *range)
{
	findings_find_bands(findings, subjects, count, range, NULL);
}

void findings_find_bands(struct findings *findings, const struct findings_subject *subjects, size_t count,
                         const struct findings_range *range, struct findings_band *bands)
{
	struct view *views = mem_alloc((count + 1) * sizeof(*views));

	*findings = (struct findings){ 0 };
	for (size_t i = 0; i < count; i++) {
		view_init(&views[i], &subjects[i], i, range);
		if (bands != NULL)
			make_band(&views[i], &bands[i].low, &bands[i].high);
		find_in(findings, &views[i]);
	}
	findings_together(findings, views, count);
	findings_load(findings, views, count);
	if (findings->count > 0)
		qsort(findings->items, findings->count, sizeof(*findings->items), by_weight);
	for (size_t i = 0; i < findings->count; i++) {
		struct finding *f = &findings->items[i];

		(void)snprintf(f->id, sizeof(f->id), "F%zu", i + 1 < 999999 ? i + 1 : 999999);
	}
	for (size_t i = 0; i < count; i++)
		view_free(&views[i]);
	free(views);
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		free(findings->items[i].text);
	free(findings->items);
	*findings = (struct findings){ 0 };
}

void findings_expected(const struct series *series, const struct findings_range *range, struct series *low,
                       struct series *high)
{
	struct findings_subject subject = { .normal_below = NAN, .normal_above = NAN, .series = series };
	struct view view;

	view_init(&view, &subject, 0, range);
	make_band(&view, low, high);
	view_free(&view);
}
