#include "adapters/aws/cloudwatch_plan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch_words.h"
#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/metric_math.h"
#include "bot/str.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
/* So long a call may wait for its turn: what is nearly too old counts as too old. */
#define DELAY_MS (10 * MINUTE)
/* Ranges that differ by more than this share no call. */
#define SPREAD_MS DAY

/* --- what is kept --- */

static const struct {
	int64_t older_ms, period_ms;
} kept[] = { { 63 * DAY, HOUR }, { 15 * DAY, 5 * MINUTE }, { 3 * HOUR, MINUTE } };
#define KEPT (sizeof(kept) / sizeof(kept[0]))

/* The index in `kept` of what is so old; KEPT: everything is there. */
static size_t kept_class(int64_t age_ms)
{
	size_t i = 0;

	while (i < KEPT && age_ms <= kept[i].older_ms - DELAY_MS)
		i++;
	return i;
}

/* Values of a second are the finest that there are. */
static bool is_kept(int64_t period_ms, int64_t age_ms)
{
	size_t class = kept_class(age_ms);

	return class == KEPT || period_ms % kept[class].period_ms == 0;
}

static int64_t round_up(int64_t ms, int64_t step)
{
	return (ms + step - 1) / step * step;
}

/* A little that is too old is left out; where it is more, all is read on a coarser grid. */
static void fit_age(struct cloudwatch_query *q, int64_t now_ms)
{
	size_t class = kept_class(now_ms - q->from_ms);
	int64_t later_ms;

	if (is_kept(q->period_ms, now_ms - q->from_ms))
		return;
	later_ms = round_up(now_ms - (kept[class].older_ms - DELAY_MS), q->period_ms);
	if (later_ms - q->from_ms <= kept[class].older_ms / 100 && is_kept(q->period_ms, now_ms - later_ms)) {
		q->from_ms = later_ms;
		return;
	}
	q->coarser = true;
	q->period_ms = round_up(q->period_ms, kept[class].period_ms);
	q->from_ms -= q->from_ms % q->period_ms;
	q->to_ms -= q->to_ms % q->period_ms;
}

static void settle(struct cloudwatch_query *q)
{
	char period[CLOCK_TEXT_SIZE];

	clock_format_duration(q->period_ms, period);
	q->settled = true;
	if (q->to_ms <= q->from_ms) {
		metric_result_fail(&q->read->result, "no value of %s is complete in this range yet; ask for a "
		                   "longer one", period);
		q->read->result.outcome = METRIC_EMPTY;
	} else if ((q->to_ms - q->from_ms) / q->period_ms > SERIES_COUNT_MAX) {
		metric_result_fail(&q->read->result, "more than %d values of %s are not read; give it a longer "
		                   "period, or ask for less", SERIES_COUNT_MAX, period);
	} else {
		q->settled = !cloudwatch_words_check(q->read->metric, &q->read->result);
	}
}

/* --- formulas --- */

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_target(const struct cloudwatch_query *a, const struct cloudwatch_query *b)
{
	return is_same(a->read->metric->account, b->read->metric->account) &&
	       is_same(a->read->metric->region, b->read->metric->region);
}

static bool same_grid(const struct cloudwatch_query *a, const struct cloudwatch_query *b)
{
	return a->from_ms == b->from_ms && a->to_ms == b->to_ms && a->period_ms == b->period_ms;
}

/* NULL: it is no formula. */
static const char *formula_of(const struct cloudwatch_query *q)
{
	return q->band ? NULL : q->read->metric->expression;
}

static bool is_id(const struct cloudwatch_query *q, const char *name, size_t length)
{
	return strlen(q->read->metric->id) == length && strncmp(q->read->metric->id, name, length) == 0;
}

/* What a formula means by a name. Several may have it when dashboards are read together. */
static struct cloudwatch_query *find_input(const struct cloudwatch_plan *plan, const struct cloudwatch_query *formula,
                                           const char *name, size_t length)
{
	struct cloudwatch_query *found = NULL;

	for (size_t i = 0; i < plan->count; i++) {
		struct cloudwatch_query *q = &plan->queries[i];
		if (q->band || !is_id(q, name, length))
			continue;
		if (same_target(q, formula) && same_grid(q, formula))
			return q;
		found = q;
	}
	return found;
}

/* Why a formula cannot be asked for; false: it can. */
static bool refuse_formula(const struct cloudwatch_plan *plan, struct cloudwatch_query *formula)
{
	const char *at = formula->read->metric->expression, *name;
	struct metric_result *result = &formula->read->result;
	size_t length;

	while ((name = metric_math_next(&at, &length)) != NULL) {
		const struct cloudwatch_query *input = find_input(plan, formula, name, length);
		int shown = length < 60 ? (int)length : 60;
		if (input == NULL)
			metric_result_fail(result, "the expression names %.*s, which is not read together "
			                   "with it; add that metric to the dashboard", shown, name);
		else if (!same_target(input, formula))
			metric_result_fail(result, "the expression computes with %.*s of another account or "
			                   "region, which CloudWatch cannot; give both the same", shown, name);
		else if (!same_grid(input, formula))
			metric_result_fail(result, "the expression computes with %.*s of another period; "
			                   "give both the same", shown, name);
		else if (input->settled)
			metric_result_fail(result, "the expression computes with %.*s, which cannot be "
			                   "read: %s", shown, name, input->read->result.why);
		else
			continue;
		return true;
	}
	return false;
}

static void check_formulas(const struct cloudwatch_plan *plan)
{
	bool again = true;

	while (again) { /* one that fails may fail others */
		again = false;
		for (size_t i = 0; i < plan->count; i++) {
			struct cloudwatch_query *q = &plan->queries[i];
			if (q->settled || formula_of(q) == NULL || !refuse_formula(plan, q))
				continue;
			q->settled = again = true;
		}
	}
}

static void join_units(const struct cloudwatch_plan *plan, size_t to, size_t from)
{
	for (size_t i = 0; to != from && i < plan->count; i++)
		if (plan->queries[i].unit == from)
			plan->queries[i].unit = to;
}

static void make_units(const struct cloudwatch_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		plan->queries[i].unit = i;
	for (size_t i = 0; i < plan->count; i++) {
		const struct cloudwatch_query *q = &plan->queries[i];
		const char *at = formula_of(q), *name;
		size_t length;

		if (q->band)
			join_units(plan, plan->queries[q->of].unit, q->unit);
		if (q->settled || at == NULL)
			continue;
		while ((name = metric_math_next(&at, &length)) != NULL)
			join_units(plan, q->unit, find_input(plan, q, name, length)->unit);
		if (!metric_math_uses_all(formula_of(q)))
			continue;
		for (size_t j = 0; j < plan->count; j++) {
			const struct cloudwatch_query *other = &plan->queries[j];
			if (!other->settled && same_target(q, other) && same_grid(q, other))
				join_units(plan, q->unit, other->unit);
		}
	}
}

/* --- calls --- */

static size_t points_of(const struct cloudwatch_query *q, int64_t from_ms, int64_t to_ms)
{
	size_t buckets = (size_t)((to_ms - from_ms) / q->period_ms);

	if (q->band)
		return 2 * buckets; /* its upper and its lower edge */
	if (q->read->metric->hidden)
		return 0; /* is computed with, and not sent */
	if (formula_of(q) != NULL && metric_math_is_many(formula_of(q)))
		return CLOUDWATCH_POINTS_MAX;
	return buckets;
}

static int64_t lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Every query of the call can be read over this range: its buckets begin where the range does. */
static bool range_suits(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, int64_t from_ms,
                        int64_t to_ms, int64_t now_ms, size_t *points)
{
	*points = 0;
	for (size_t i = 0; i < call->count; i++) {
		const struct cloudwatch_query *q = &plan->queries[call->queries[i]];
		if (from_ms % q->period_ms != 0 || !is_kept(q->period_ms, now_ms - from_ms))
			return false;
		if (q->from_ms - from_ms > SPREAD_MS || to_ms - q->to_ms > SPREAD_MS)
			return false;
		*points += points_of(q, from_ms, to_ms);
	}
	return true;
}

static const char *own_id(const struct cloudwatch_plan *plan, size_t query)
{
	return plan->queries[query].read->metric->id;
}

static bool has_same_id(const struct cloudwatch_plan *plan, const struct cloudwatch_call *a,
                        const struct cloudwatch_call *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (strcmp(own_id(plan, a->queries[i]), own_id(plan, b->queries[j])) == 0)
				return true;
	return false;
}

/* One unit as a call of its own. */
static void call_of_unit(const struct cloudwatch_plan *plan, size_t unit, struct cloudwatch_call *call)
{
	*call = (struct cloudwatch_call){ .queries = mem_alloc(plan->count * sizeof(*call->queries)) };
	for (size_t i = unit; i < plan->count; i++) {
		const struct cloudwatch_query *q = &plan->queries[i];
		const char *expression = formula_of(q);
		if (q->unit != plan->queries[unit].unit || q->settled)
			continue;
		call->queries[call->count++] = i;
		call->from_ms = q->from_ms;
		call->to_ms = q->to_ms;
		call->points += points_of(q, q->from_ms, q->to_ms);
		if (expression == NULL)
			continue;
		call->formulas = true;
		call->alone = call->alone || metric_math_uses_all(expression);
		call->insights += metric_math_is_query(expression);
	}
}

/* Takes over what the other call asks for, if one call may ask for both. */
static bool join_calls(const struct cloudwatch_plan *plan, struct cloudwatch_call *call,
                       const struct cloudwatch_call *other, int64_t now_ms)
{
	int64_t from_ms = lesser(call->from_ms, other->from_ms), to_ms = greater(call->to_ms, other->to_ms);
	size_t points, more_points;

	if (call->alone || other->alone || call->count + other->count > CLOUDWATCH_QUERIES_MAX ||
	    call->points + other->points > CLOUDWATCH_POINTS_MAX || call->insights + other->insights > 1)
		return false;
	if (!same_target(&plan->queries[call->queries[0]], &plan->queries[other->queries[0]]))
		return false;
	if (!range_suits(plan, call, from_ms, to_ms, now_ms, &points) ||
	    !range_suits(plan, other, from_ms, to_ms, now_ms, &more_points) ||
	    points + more_points > CLOUDWATCH_POINTS_MAX)
		return false;
	if ((call->formulas || other->formulas) && has_same_id(plan, call, other))
		return false;
	call->queries = mem_resize(call->queries, (call->count + other->count) * sizeof(*call->queries));
	memcpy(call->queries + call->count, other->queries, other->count * sizeof(*call->queries));
	call->count += other->count;
	call->from_ms = from_ms;
	call->to_ms = to_ms;
	call->points = points + more_points;
	call->formulas = call->formulas || other->formulas;
	call->insights += other->insights;
	return true;
}

static void place(struct cloudwatch_plan *plan, struct cloudwatch_call *unit, int64_t now_ms)
{
	for (size_t i = 0; i < plan->call_count; i++)
		if (join_calls(plan, &plan->calls[i], unit, now_ms)) {
			free(unit->queries);
			return;
		}
	plan->calls = mem_resize(plan->calls, (plan->call_count + 1) * sizeof(*plan->calls));
	plan->calls[plan->call_count++] = *unit;
}

/* A formula over more than a call may hold: what it computes with is read without it. */
static void break_up(const struct cloudwatch_plan *plan, const struct cloudwatch_call *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		struct cloudwatch_query *q = &plan->queries[unit->queries[i]];
		q->unit = q->band ? q->of : unit->queries[i];
		if (q->band)
			q->settled = plan->queries[q->of].settled; /* which comes before it */
		if (formula_of(q) == NULL)
			continue;
		metric_result_fail(&q->read->result, "the expression needs more than %d metrics in one call, "
		                   "which CloudWatch does not take; compute with fewer", CLOUDWATCH_QUERIES_MAX);
		q->settled = true;
	}
}

static bool is_first_of_unit(const struct cloudwatch_plan *plan, size_t query)
{
	for (size_t i = 0; i < query; i++)
		if (plan->queries[i].unit == plan->queries[query].unit && !plan->queries[i].settled)
			return false;
	return !plan->queries[query].settled;
}

static bool has_band(const struct cloudwatch_query *q)
{
	const struct metric *metric = q->read->metric;

	return !q->settled && metric->anomaly_band > 0 && !metric->hidden &&
	       (metric->expression == NULL || !metric_math_is_many(metric->expression));
}

/* Asked for beside its metric, on the same grid. */
static void add_bands(struct cloudwatch_plan *plan)
{
	for (size_t i = 0; i < plan->read_count; i++) {
		const struct cloudwatch_query *q = &plan->queries[i];

		if (has_band(q))
			plan->queries[plan->count++] = (struct cloudwatch_query){ .read = q->read,
				.from_ms = q->from_ms, .to_ms = q->to_ms, .period_ms = q->period_ms,
				.coarser = q->coarser, .band = true, .of = i };
	}
}

static void place_units(struct cloudwatch_plan *plan, int64_t now_ms)
{
	struct cloudwatch_call unit;

	for (size_t i = 0; i < plan->count; i++) {
		if (!is_first_of_unit(plan, i))
			continue;
		call_of_unit(plan, i, &unit);
		if (unit.count <= CLOUDWATCH_QUERIES_MAX) {
			place(plan, &unit, now_ms);
			continue;
		}
		break_up(plan, &unit);
		free(unit.queries);
		i--; /* again, by itself */
	}
}

void cloudwatch_plan_make(struct cloudwatch_plan *plan, struct metric_read *reads, size_t count, int64_t now_ms)
{
	*plan = (struct cloudwatch_plan){ .queries = mem_alloc((2 * count + 1) * sizeof(*plan->queries)) };
	plan->read_count = plan->count = count;
	for (size_t i = 0; i < count; i++) {
		plan->queries[i] = (struct cloudwatch_query){ .read = &reads[i], .from_ms = reads[i].from_ms,
			.to_ms = reads[i].to_ms, .period_ms = reads[i].metric->period_ms };
		fit_age(&plan->queries[i], now_ms);
		settle(&plan->queries[i]);
	}
	check_formulas(plan);
	add_bands(plan);
	make_units(plan);
	place_units(plan, now_ms);
}

void cloudwatch_plan_free(struct cloudwatch_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->queries[i].note);
		for (size_t j = 0; j < plan->queries[i].dropped_count; j++)
			free(plan->queries[i].dropped[j]);
		free(plan->queries[i].dropped);
	}
	for (size_t i = 0; i < plan->call_count; i++)
		free(plan->calls[i].queries);
	free(plan->queries);
	free(plan->calls);
	*plan = (struct cloudwatch_plan){ 0 };
}

bool cloudwatch_plan_split(struct cloudwatch_plan *plan, size_t index)
{
	struct cloudwatch_call *call = &plan->calls[index], second = *call;
	size_t at = call->count / 2;
	const struct cloudwatch_query *q = plan->queries;

	while (at > 0 && q[call->queries[at]].unit == q[call->queries[at - 1]].unit)
		at--;
	if (at == 0)
		for (at = call->count / 2; at < call->count; at++)
			if (at > 0 && q[call->queries[at]].unit != q[call->queries[at - 1]].unit)
				break;
	if (at == 0 || at >= call->count)
		return false;
	second.count = call->count - at;
	second.queries = mem_alloc(second.count * sizeof(*second.queries));
	memcpy(second.queries, call->queries + at, second.count * sizeof(*second.queries));
	call->count = at;
	plan->calls = mem_resize(plan->calls, (plan->call_count + 1) * sizeof(*plan->calls));
	plan->calls[plan->call_count++] = second;
	return true;
}

/* No metric has such an id unless somebody wants it to. */
#define BAND_ID "tocsin_band_"

void cloudwatch_plan_id(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, size_t position,
                        char id[CLOUDWATCH_ID_SIZE])
{
	if (!call->formulas)
		(void)snprintf(id, CLOUDWATCH_ID_SIZE, "m%zu", position);
	else if (plan->queries[call->queries[position]].band)
		(void)snprintf(id, CLOUDWATCH_ID_SIZE, BAND_ID "%zu", position);
	else
		(void)snprintf(id, CLOUDWATCH_ID_SIZE, "%s", own_id(plan, call->queries[position]));
}

void cloudwatch_plan_band(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, size_t position,
                          char expression[CLOUDWATCH_BAND_SIZE])
{
	const struct cloudwatch_query *band = &plan->queries[call->queries[position]];
	char id[CLOUDWATCH_ID_SIZE];
	size_t of = 0;

	while (call->queries[of] != band->of) /* it is there: they are one unit */
		of++;
	cloudwatch_plan_id(plan, call, of, id);
	(void)snprintf(expression, CLOUDWATCH_BAND_SIZE, METRIC_MATH_BAND "(%s, %g)", id,
	               band->read->metric->anomaly_band);
}

/* The index of the call's query at the place that a number names; plan->count: there is none. */
static size_t find_place(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, const char *number)
{
	char *end;
	unsigned long position;

	if (!isdigit((unsigned char)*number))
		return plan->count;
	position = strtoul(number, &end, 10);
	return *end == '\0' && position < call->count ? call->queries[position] : plan->count;
}

size_t cloudwatch_plan_find(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call, const char *id)
{
	if (!call->formulas)
		return id[0] == 'm' ? find_place(plan, call, id + 1) : plan->count;
	for (size_t i = 0; i < call->count; i++)
		if (!plan->queries[call->queries[i]].band && strcmp(own_id(plan, call->queries[i]), id) == 0)
			return call->queries[i];
	return str_starts(id, BAND_ID) ? find_place(plan, call, id + strlen(BAND_ID)) : plan->count;
}
