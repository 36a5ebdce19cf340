#include "bot/detect.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bot/mem.h"
#include "bot/novelty.h"
#include "bot/season.h"
#include "bot/statistics.h"

#define HISTORY 8192            /* values: four weeks at 5 min */
#define GREATEST 1e300          /* so that no difference of two values overflows */
#define SURPRISE_MOST 1e6
#define TAIL_DEMAND 0.25        /* novelty.h; for the values as they are */
#define RESIDUAL_TAIL_DEMAND 3.0 /* for what is left when the season is taken off: it must be more than noise */
#define SEASONAL_SHARE 0.5      /* a season counts when it explains that much of the great deviations */
#define RESIDUALS_LEAST 48      /* before that is known */
#define DAY_MS 86400000
#define TODAY_VALUES 12
#define TODAY_VALUES_LEAST 3
#define TODAY_MS_LEAST 3600000
#define EPISODE_MS (12 * 3600000)
#define EPISODE_ROWS_LEAST 12
#define EPISODE_ROWS_MOST 288
#define CLEARLY 1.25            /* times as surprising is worth another word */

struct detector {
	struct novelty values, residuals;
	struct window deviations_from_season, deviations_from_centre;
	struct season *season;
	struct today {
		int64_t first_ms;
		double deviations[TODAY_VALUES];
		size_t count;
	} today; /* the first day of its kind, against days of the other kind */
};

static void detector_init(struct detector *detector, size_t rows)
{
	size_t history = rows < HISTORY ? rows + 1 : HISTORY;

	novelty_init(&detector->values, history, TAIL_DEMAND);
	novelty_init(&detector->residuals, history, RESIDUAL_TAIL_DEMAND);
	window_init(&detector->deviations_from_season, history);
	window_init(&detector->deviations_from_centre, history);
	detector->season = season_new();
	detector->today = (struct today){ 0 };
}

static void detector_free(struct detector *detector)
{
	novelty_free(&detector->values);
	novelty_free(&detector->residuals);
	window_free(&detector->deviations_from_season);
	window_free(&detector->deviations_from_centre);
	season_free(detector->season);
}

/* Does time of day explain what this series does? By its record so far. */
static bool is_seasonal(const struct detector *detector)
{
	return detector->deviations_from_season.count >= RESIDUALS_LEAST &&
	       window_quantile(&detector->deviations_from_season, 0.9) <=
	               SEASONAL_SHARE * window_quantile(&detector->deviations_from_centre, 0.9);
}

/* Has this day, for an hour at least, been as other days are? */
static bool is_like_others(const struct detector *detector, int64_t at_ms)
{
	const struct today *today = &detector->today;
	size_t count = today->count < TODAY_VALUES ? today->count : TODAY_VALUES;

	return count >= TODAY_VALUES_LEAST && at_ms / DAY_MS == today->first_ms / DAY_MS &&
	       at_ms - today->first_ms >= TODAY_MS_LEAST && is_seasonal(detector) &&
	       statistics_median(today->deviations, count) <= window_quantile(&detector->deviations_from_season, 0.9);
}

static void remember_today(struct today *today, int64_t at_ms, double deviation)
{
	if (today->count == 0 || at_ms / DAY_MS != today->first_ms / DAY_MS)
		*today = (struct today){ .first_ms = at_ms };
	today->deviations[today->count++ % TODAY_VALUES] = deviation;
}

/*
 * The first Saturday may be as Friday was, or the first of the quiet days. So that neither its quiet is news nor its
 * outage missed, it is compared with the days before it only once, and as long as, it goes as they did.
 */
static bool residual_of(struct detector *detector, int64_t at_ms, double value, double *residual)
{
	bool like_others;

	if (season_residual(detector->season, at_ms, value, false, residual))
		return true;
	if (!season_residual(detector->season, at_ms, value, true, residual))
		return false;
	like_others = is_like_others(detector, at_ms);
	remember_today(&detector->today, at_ms, fabs(*residual));
	return like_others;
}

static double residual_surprise(struct detector *detector, int64_t at_ms, double value, double centre)
{
	double residual, surprise;
	bool seasonal = is_seasonal(detector);

	if (!residual_of(detector, at_ms, value, &residual))
		return 0.0;
	surprise = novelty_add(&detector->residuals, residual);
	window_add(&detector->deviations_from_season, fabs(residual));
	window_add(&detector->deviations_from_centre, fabs(value - centre));
	return seasonal ? surprise : 0.0;
}

/* New to the series, or to this time of day; and more than earlier days reached at this time. */
static double surprise_of(struct detector *detector, const struct series_point *row, int64_t step_ms)
{
	double value = fmin(fmax(row->value, -GREATEST), GREATEST);
	double surprise = novelty_add(&detector->values, value);
	double centre = novelty_centre(&detector->values);

	if (isnan(centre))
		centre = value;
	surprise = fmax(surprise, residual_surprise(detector, row->at_ms, value, centre));
	if (surprise > 0.0)
		surprise = fmin(surprise, season_excess(detector->season, row->at_ms, step_ms, value, centre));
	season_add(detector->season, row->at_ms, value);
	return fmin(fmax(surprise, 0.0), SURPRISE_MOST);
}

/* The least distance of the last few rows: gaps only make distances longer. At most a day; 0: unknown. */
static int64_t step_before(const struct series_point *rows, size_t i)
{
	uint64_t step = 0;

	for (size_t k = i; k > 0 && k + 8 > i; k--) {
		uint64_t apart = (uint64_t)rows[k].at_ms - (uint64_t)rows[k - 1].at_ms;

		if (rows[k].at_ms > rows[k - 1].at_ms && (step == 0 || apart < step))
			step = apart;
	}
	return step > DAY_MS ? DAY_MS : (int64_t)step;
}

static size_t episode_rows(int64_t step_ms)
{
	int64_t rows = step_ms > 0 ? EPISODE_MS / step_ms : EPISODE_ROWS_MOST;

	if (rows < EPISODE_ROWS_LEAST)
		return EPISODE_ROWS_LEAST;
	return rows > EPISODE_ROWS_MOST ? EPISODE_ROWS_MOST : (size_t)rows;
}

/* Nothing within an episode's length before was nearly as surprising. */
static bool is_peak(const double *surprises, size_t i, size_t rows)
{
	for (size_t k = i > rows ? i - rows : 0; k < i; k++)
		if (CLEARLY * surprises[k] >= surprises[i])
			return false;
	return true;
}

void detect_scores(const struct series_point *rows, size_t count, double *scores)
{
	double *surprises = mem_alloc(count * sizeof(*surprises));
	struct detector detector;

	detector_init(&detector, count);
	for (size_t i = 0; i < count; i++) {
		int64_t step_ms = step_before(rows, i);

		scores[i] = 0.0;
		if (!isfinite(rows[i].value))
			continue;
		surprises[i] = surprise_of(&detector, &rows[i], step_ms);
		scores[i] = surprises[i] / (1.0 + surprises[i]);
		if (!is_peak(surprises, i, episode_rows(step_ms)))
			scores[i] *= DETECT_THRESHOLD; /* known already: below the threshold, but still to be seen */
	}
	detector_free(&detector);
	free(surprises);
}
