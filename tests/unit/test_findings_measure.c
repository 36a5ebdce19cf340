/*
 * How often findings are right, on made series of many kinds: no false ones where nothing happened, the true one
 * where something did. FINDINGS_SEEDS=50 FINDINGS_TABLE=1 prints the figures of docs/FINDINGS.md.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bot/findings.h"
#include "tests/unit/support/made_series.h"

static const int64_t steps[] = { 3600000, 300000, 60000 };
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static const enum finding_kind expected_kind[MADE_EVENTS] = {
	[MADE_SPIKE] = FINDING_SUDDEN, [MADE_DROP] = FINDING_SUDDEN, [MADE_BUMP] = FINDING_SUDDEN,
	[MADE_SHIFT_UP] = FINDING_LEVEL_SHIFT, [MADE_SHIFT_DOWN] = FINDING_LEVEL_SHIFT, [MADE_TREND] = FINDING_SLOW_CHANGE,
	[MADE_GAP] = FINDING_MISSING, [MADE_SILENCE] = FINDING_MISSING, [MADE_FLAT] = FINDING_FLAT,
};

struct score {
	size_t series, hit, tight, false_ones; /* false_ones: series with an abnormal finding that is not the event */
};

static bool table(void)
{
	return getenv("FINDINGS_TABLE") != NULL;
}

static uint64_t seeds(void)
{
	const char *wanted = getenv("FINDINGS_SEEDS");

	if (wanted != NULL)
		return strtoull(wanted, NULL, 10);
	return getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 1 : 2;
}

/* FINDINGS_FROM=1000: seeds that nobody looked at while the thresholds were chosen. */
static uint64_t first_seed(void)
{
	const char *from = getenv("FINDINGS_FROM");

	return from != NULL ? strtoull(from, NULL, 10) : 1;
}

/* What is run every time is short: series of minutes are long ones. */
static size_t step_count(void)
{
	if (getenv("FINDINGS_SEEDS") != NULL)
		return STEPS;
	return getenv("TOCSIN_UNDER_VALGRIND") != NULL ? 1 : STEPS - 1;
}

static double overlap(const struct finding *f, const struct made *made)
{
	int64_t from = f->from_ms > made->event_from_ms ? f->from_ms : made->event_from_ms;
	int64_t to = f->to_ms < made->event_to_ms ? f->to_ms : made->event_to_ms;
	int64_t first = f->from_ms < made->event_from_ms ? f->from_ms : made->event_from_ms;
	int64_t last = f->to_ms > made->event_to_ms ? f->to_ms : made->event_to_ms;

	return to <= from ? 0 : (double)(to - from) / (double)(last - first);
}

static void judge(const struct made *made, enum made_event event, const char *what, struct score *score)
{
	struct findings_subject subject = { .title = "made", .normal_below = NAN, .normal_above = NAN,
	                                    .series = &made->series };
	struct findings_range range = { made->judge_from_ms, made->to_ms, NULL };
	struct findings findings;
	bool hit = false, tight = false, wrong = false;

	findings_find(&findings, &subject, 1, &range);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *f = &findings.items[i];
		double share = overlap(f, made);

		if (!finding_is_abnormal(f->kind))
			continue;
		if (event != MADE_NOTHING && f->kind == expected_kind[event] && share > 0) {
			hit = true;
			tight = tight || share >= (f->kind == FINDING_SLOW_CHANGE ? 0.3 : 0.7);
		} else {
			wrong = true;
		}
		if (getenv("FINDINGS_SHOW") != NULL && (event == MADE_NOTHING || f->kind != expected_kind[event]))
			(void)printf("   %s: %s %.2f %s\n", what, finding_kind_name(f->kind), f->strength, f->text);
	}
	if (getenv("FINDINGS_SHOW") != NULL && event != MADE_NOTHING && !hit)
		(void)printf("   %s: missed\n", what);
	score->series++;
	score->hit += hit;
	score->tight += tight;
	score->false_ones += wrong;
	findings_free(&findings);
}

static void measure(enum made_base base, enum made_event event, struct score *score)
{
	*score = (struct score){ 0 };
	for (size_t s = 0; s < step_count(); s++) {
		for (uint64_t seed = first_seed(); seed < first_seed() + seeds(); seed++) {
			struct made made;
			char what[80];

			(void)snprintf(what, sizeof(what), "%s/%s/%d min/%d", made_base_name(base), made_event_name(event),
			               (int)(steps[s] / 60000), (int)seed);
			made_make(&made, base, event, steps[s], seed);
			judge(&made, event, what, score);
			series_free(&made.series);
		}
	}
}

static void add(struct score *sum, const struct score *score)
{
	sum->series += score->series;
	sum->hit += score->hit;
	sum->tight += score->tight;
	sum->false_ones += score->false_ones;
}

static void where_nothing_happened_nothing_is_told(void **state)
{
	struct score sum = { 0 }, score;

	(void)state;
	for (int base = 0; base < MADE_BASES; base++) {
		measure((enum made_base)base, MADE_NOTHING, &score);
		add(&sum, &score);
		if (table())
			(void)printf("clean %-10s false in %zu of %zu\n", made_base_name((enum made_base)base), score.false_ones,
			             score.series);
	}
	if (table())
		(void)printf("clean            false in %zu of %zu\n", sum.false_ones, sum.series);
	assert_true((double)sum.false_ones <= 0.03 * (double)sum.series);
}

static void clear_events_are_found(void **state)
{
	struct score all = { 0 };

	(void)state;
	for (int event = MADE_NOTHING + 1; event < MADE_EVENTS; event++) {
		struct score sum = { 0 }, score;

		for (int base = 0; base < MADE_BASES; base++) {
			if (!made_makes_sense((enum made_base)base, (enum made_event)event))
				continue;
			measure((enum made_base)base, (enum made_event)event, &score);
			add(&sum, &score);
			if (table() && (score.hit < score.series || score.false_ones > 0))
				(void)printf("  %-10s %-10s found %zu, tight %zu, others %zu of %zu\n",
				             made_event_name((enum made_event)event), made_base_name((enum made_base)base), score.hit,
				             score.tight, score.false_ones, score.series);
		}
		if (table())
			(void)printf("%-10s found %zu, tight %zu, others %zu of %zu\n", made_event_name((enum made_event)event),
			             sum.hit, sum.tight, sum.false_ones, sum.series);
		add(&all, &sum);
	}
	if (table())
		(void)printf("all events found %zu, tight %zu, others %zu of %zu\n", all.hit, all.tight, all.false_ones, all.series);
	assert_true((double)all.hit >= 0.95 * (double)all.series);
	assert_true((double)all.tight >= 0.9 * (double)all.series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_nothing_happened_nothing_is_told),
		cmocka_unit_test(clear_events_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
