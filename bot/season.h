/*
 * season.h - what a series showed at this time of earlier days.
 *
 * Days are UTC days; Saturdays and Sundays are days of their own kind. No grid is needed: times fall into slots of
 * five minutes, and of the last four weeks each slot keeps mean, least and greatest value a day.
 */
#ifndef BOT_SEASON_H
#define BOT_SEASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEASON_DAYS_LEAST 2 /* that something is usual cannot be seen sooner */

struct season;

struct season *season_new(void);
void season_free(struct season *season);
void season_add(struct season *season, int64_t at_ms, double value);

/*
 * How far a value lies from what is expected at this time of a day of this kind (any_day: of whatever kind), by the
 * expectation that comes closest: the median of the last three such days, of all of them, or of the same weekday.
 * False: not enough days.
 */
bool season_residual(const struct season *season, int64_t at_ms, double value, bool any_day, double *residual);

/*
 * How far, in standard deviations, |value - centre| exceeds what earlier days, whatever their kind, reached on
 * the same side within an hour of this time (or a step, when that is longer); or what the day a week ago
 * reached, whichever is less. Infinite: not enough days.
 */
double season_excess(const struct season *season, int64_t at_ms, int64_t step_ms, double value, double centre);

#endif
