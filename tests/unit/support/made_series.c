#include "tests/unit/support/made_series.h"

#include <math.h>

#include "bot/mem.h"

#define MINUTE 60000
#define HOUR (60 * MINUTE)
#define DAY ((int64_t)24 * HOUR)
#define MONDAY ((int64_t)1738540800000) /* 2025-02-03 00:00 UTC */

struct maker {
	uint64_t state;
	struct made *made;
	enum made_base base;
	double memory;
	int64_t jitter_ms;     /* of this day's job */
	int burst;             /* values left of it */
	double burst_height;
};

static double uniform(struct maker *m)
{
	uint64_t z = m->state += 0x9e3779b97f4a7c15u; /* splitmix64 */

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct maker *m)
{
	double r = sqrt(-2 * log(uniform(m)));

	return r * cos(6.283185307179586 * uniform(m));
}

static double poisson(struct maker *m, double mean)
{
	double limit = exp(-mean), product = uniform(m), n = 0;

	if (mean > 50)
		return fmax(0, floor(mean + sqrt(mean) * normal(m) + 0.5));
	for (; product > limit; n++)
		product *= uniform(m);
	return n;
}

static bool is_weekend(int64_t at)
{
	int64_t day = at / DAY % 7; /* 0 Thursday */

	return day == 2 || day == 3;
}

static double by_day(int64_t at)
{
	return 1 + 0.6 * sin(6.283185307179586 * (double)(at % DAY - 9 * HOUR) / (double)DAY);
}

static double job(const struct maker *m, int64_t at, int64_t begin, double height)
{
	int64_t since = at % DAY - begin - m->jitter_ms;

	return since >= 0 && since < 40 * MINUTE ? height : 0;
}

/* The noise's standard deviation at that time is what event sizes are measured in. */
static double noise_at(const struct maker *m, int64_t at)
{
	switch (m->base) {
	case MADE_DAILY: case MADE_WEEKLY: case MADE_SPARSE: return 6 * by_day(at);
	case MADE_COUNTS: return 4 + sqrt(80 * by_day(at));
	case MADE_HEAVY: return 40;
	case MADE_BURSTY: return 60;
	case MADE_NEGATIVE: return 3;
	case MADE_TINY: return 5e-9;
	case MADE_HUGE: return 6e11 * by_day(at);
	case MADE_ROUNDED: return 1.2;
	default: return 4;
	}
}

static double value_at(struct maker *m, int64_t at)
{
	double weekend = is_weekend(at) ? 0.5 : 1;

	switch (m->base) {
	case MADE_LEVEL: return 50 + 4 * normal(m);
	case MADE_DAILY: case MADE_SPARSE: return by_day(at) * (100 + 6 * normal(m));
	case MADE_WEEKLY: return weekend * by_day(at) * (100 + 6 * normal(m));
	case MADE_WANDERING: return 50 + m->memory;
	case MADE_HEAVY: return 20 * exp(0.8 * normal(m));
	case MADE_COUNTS: return poisson(m, 80 * fmax(0.01, by_day(at) - 0.4));
	case MADE_BATCH: return 25 + 3 * normal(m) + job(m, at, 2 * HOUR, 55);
	case MADE_WEEKDAYS: return 25 + 3 * normal(m) + (is_weekend(at) ? 0 : job(m, at, 5 * HOUR, 60));
	case MADE_BURSTY: return m->burst > 0 ? m->burst_height * (0.7 + 0.6 * uniform(m)) : 0;
	case MADE_OFFICE: return 20 + 3 * normal(m) + (weekend > 0.9 && at % DAY >= 9 * HOUR && at % DAY < 18 * HOUR ? 40 : 0);
	case MADE_NEGATIVE: return 3 * normal(m);
	case MADE_TINY: return 1e-7 + 5e-9 * normal(m);
	case MADE_HUGE: return 1e13 * by_day(at) * (1 + 0.06 * normal(m));
	case MADE_ROUNDED: return floor(30 + 1.2 * normal(m) + 0.5);
	case MADE_BASES: break;
	}
	return 0;
}

static void next(struct maker *m, int64_t at, int64_t step)
{
	double keep = exp(-(double)step / (double)HOUR);

	m->memory = keep * m->memory + sqrt(1 - keep * keep) * 4 * normal(m);
	if (at % DAY < step)
		m->jitter_ms = m->base == MADE_BATCH ? (int64_t)(uniform(m) * 15 * MINUTE) : 0;
	if (m->burst > 0)
		m->burst--;
	else if (m->base == MADE_BURSTY && uniform(m) < (double)step / (double)(5 * HOUR)) {
		m->burst = 1 + (int)(uniform(m) * 6);
		m->burst_height = 20 - 30 * log(uniform(m));
	}
}

static void event_time(struct maker *m, enum made_event event, int64_t step)
{
	struct made *made = m->made;
	int64_t length = 0, latest = made->to_ms - 2 * HOUR;

	switch (event) {
	case MADE_SPIKE: length = step * (1 + (int64_t)(uniform(m) * 4)); break;
	case MADE_DROP: length = HOUR + (int64_t)(uniform(m) * 2 * HOUR); break;
	case MADE_BUMP: length = 3 * HOUR + (int64_t)(uniform(m) * 3 * HOUR); break;
	case MADE_GAP: length = 3 * HOUR + (int64_t)(uniform(m) * 3 * HOUR); break;
	case MADE_FLAT: length = 7 * HOUR + (int64_t)(uniform(m) * 4 * HOUR); break;
	case MADE_SHIFT_UP: case MADE_SHIFT_DOWN: case MADE_SILENCE:
		length = 8 * HOUR + (int64_t)(uniform(m) * 8 * HOUR);
		latest = made->to_ms;
		break;
	case MADE_NOTHING: case MADE_TREND: case MADE_EVENTS: break;
	}
	length = length / step * step;
	length = length < step ? step : length;
	made->event_to_ms = latest;
	if (latest < made->to_ms)
		made->event_to_ms -= (int64_t)(uniform(m) * (double)(latest - made->judge_from_ms - length - HOUR)) / step * step;
	made->event_from_ms = made->event_to_ms - length;
	if (event == MADE_TREND) {
		made->event_from_ms = made->series.start_ms;
		made->event_to_ms = made->to_ms;
	}
}

static double with_event(const struct maker *m, enum made_event event, int64_t at, double value, double last)
{
	const struct made *made = m->made;
	double noise = noise_at(m, at), whole = (double)(made->to_ms - made->series.start_ms);

	if (event == MADE_TREND)
		return value * (1 + 0.6 * (double)(at - made->series.start_ms) / whole);
	if (at < made->event_from_ms || at >= made->event_to_ms)
		return value;
	switch (event) {
	case MADE_SPIKE: return value + 14 * noise;
	case MADE_BUMP: return value + 8 * noise;
	case MADE_SHIFT_UP: return value + 6 * noise;
	case MADE_DROP: return m->base == MADE_NEGATIVE || m->base == MADE_WANDERING ? value - 12 * noise : 0.02 * value;
	case MADE_SHIFT_DOWN: return value - 6 * noise;
	case MADE_GAP: case MADE_SILENCE: return NAN;
	case MADE_FLAT: return at == made->event_from_ms || isnan(last) ? value : last;
	case MADE_NOTHING: case MADE_TREND: case MADE_EVENTS: break;
	}
	return value;
}

void made_make(struct made *made, enum made_base base, enum made_event event, int64_t step_ms, uint64_t seed)
{
	struct maker m = { .state = seed * 1000003 + (uint64_t)base * 101 + (uint64_t)event * 7 + (uint64_t)step_ms,
	                   .made = made, .base = base };
	int64_t days = step_ms <= MINUTE ? 8 : step_ms < HOUR ? 14 : 21;

	(void)uniform(&m);
	series_make_empty(&made->series, MONDAY + (int64_t)(uniform(&m) * 7) * DAY, step_ms, (size_t)(days * DAY / step_ms));
	made->to_ms = series_end(&made->series);
	made->judge_from_ms = made->to_ms - DAY;
	event_time(&m, event, step_ms);
	for (size_t i = 0; i < made->series.count; i++) {
		int64_t at = series_time(&made->series, i);
		double last = i > 0 ? made->series.values[i - 1] : NAN, value = value_at(&m, at);

		next(&m, at, step_ms);
		made->series.values[i] = with_event(&m, event, at, value, last);
		if (base == MADE_SPARSE && uniform(&m) > 0.2)
			made->series.values[i] = NAN;
	}
}

bool made_makes_sense(enum made_base base, enum made_event event)
{
	if (base == MADE_SPARSE) /* too little of it to tell within hours; test_findings_kinds.c looks at longer ones */
		return event == MADE_NOTHING;
	switch (event) {
	case MADE_NOTHING: return true;
	case MADE_DROP: case MADE_SHIFT_DOWN:
		return base != MADE_HEAVY && base != MADE_COUNTS && base != MADE_BURSTY && base != MADE_OFFICE;
	case MADE_BUMP: case MADE_SHIFT_UP: return base != MADE_BURSTY;
	case MADE_TREND:
		return base != MADE_NEGATIVE && base != MADE_BURSTY && base != MADE_HEAVY && base != MADE_BATCH && base != MADE_OFFICE;
	case MADE_FLAT: return base != MADE_BURSTY && base != MADE_ROUNDED && base != MADE_COUNTS;
	case MADE_SPIKE: case MADE_GAP: case MADE_SILENCE: return true;
	case MADE_EVENTS: break;
	}
	return false;
}

const char *made_base_name(enum made_base base)
{
	static const char *const names[] = { "level", "daily", "weekly", "wandering", "heavy", "counts", "batch", "weekdays",
	                                     "bursty", "sparse", "office", "negative", "tiny", "huge", "rounded" };

	return names[base];
}

const char *made_event_name(enum made_event event)
{
	static const char *const names[] = { "nothing", "spike", "drop", "bump", "shift up", "shift down", "trend", "gap",
	                                     "silence", "flat" };

	return names[event];
}
