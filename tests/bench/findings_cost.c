/*
 * findings_cost.c - what the findings of a big dashboard cost: 50 metrics of 14 days at 5 min, of all made kinds, every fifth with an
 * event; ten times. Prints the median and the greatest CPU of a round, and what sorting each series once costs beside it.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bot/findings.h"
#include "bot/mem.h"
#include "tests/unit/support/made_series.h"

#define METRICS 50
#define ROUNDS 10
#define STEP_MS 300000

static double cpu_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double sort_all(const struct made *made)
{
	double before = cpu_ms();

	for (size_t i = 0; i < METRICS; i++) {
		size_t count = made[i].series.count;
		double *values = mem_alloc(count * sizeof(*values));

		memcpy(values, made[i].series.values, count * sizeof(*values));
		qsort(values, count, sizeof(*values), by_size);
		free(values);
	}
	return cpu_ms() - before;
}

int main(void)
{
	static struct made made[METRICS];
	static struct findings_subject subjects[METRICS];
	double took[ROUNDS], sorting;
	struct findings findings = { 0 };

	for (size_t i = 0; i < METRICS; i++) {
		enum made_event event = i % 5 == 0 ? (enum made_event)(1 + i / 5 % (MADE_EVENTS - 1)) : MADE_NOTHING;

		made_make(&made[i], (enum made_base)(i % MADE_BASES), event, STEP_MS, i);
		made[i].series.start_ms = made[0].series.start_ms; /* one range for all */
		subjects[i] = (struct findings_subject){ .title = "metric", .normal_below = NAN, .normal_above = NAN,
		                                         .load = i == 1, .latency = i % 10 == 0,
		                                         .series = &made[i].series };
	}
	sorting = sort_all(made);
	for (int round = 0; round < ROUNDS; round++) {
		struct findings_range range = { made[0].judge_from_ms, made[0].to_ms, NULL };
		double before = cpu_ms();

		findings_free(&findings);
		findings_find(&findings, subjects, METRICS, &range);
		took[round] = cpu_ms() - before;
	}
	qsort(took, ROUNDS, sizeof(*took), by_size);
	(void)printf("{\"ms\": %.1f, \"most_ms\": %.1f, \"sort_ms\": %.1f, \"findings\": %zu}\n", took[ROUNDS / 2],
	             took[ROUNDS - 1], sorting, findings.count);
	findings_free(&findings);
	for (size_t i = 0; i < METRICS; i++)
		series_free(&made[i].series);
	return 0;
}
