/*
 * cron.h - the five fields of a cron line (minute, hour, day of month, month, day of week), and when it is due.
 *
 * As in crontab(5): *, numbers, names of months and weekdays, lists, ranges, steps; 0 and 7 are Sunday. Day of month
 * and day of week: when neither begins with *, one of them is enough; else both must match.
 *
 * Where local time jumps, the lines differ as Vixie's and Debian's cron tell them apart (cron(8); MIN_STAR, HR_STAR and
 * find_jobs in the sources), since people mean different things by them:
 *
 *   fixed times    neither minute nor hour begins with *, as in "30 2 * * *": once for each local time. What the clock
 *                  skips is due at the jump; what it shows twice is due the first time. Several skipped times are due
 *                  once together (cron runs each: a second summary of the same minute would say nothing).
 *   by the clock   the others (every five minutes, every second hour): in each minute whose local time matches. They go
 *                  on by elapsed time: what is skipped is not made up for, what is shown twice is due twice.
 *
 * cron takes a jump of more than three hours for a clock that was set; here the zone is known, so that a skipped day is
 * a jump like any other.
 */
#ifndef BOT_CRON_H
#define BOT_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct zone;

struct cron { /* bit n: the value n */
	uint64_t minutes;
	uint32_t hours, days, months;
	uint32_t weekdays; /* bit 0: Sunday */
	bool by_clock;     /* minute or hour begins with * */
	bool both_days;    /* day of month or day of week begins with * */
};

/* ERR_USAGE: the text ("has a wrong hour; use ...") goes behind the line itself. */
bool cron_parse(const char *text, struct cron *cron, struct err *err) MUST_CHECK;

/* Due times, wall ms at the beginning of a minute. A line that matches no day within CRON_YEARS (a 30th of February)
 * is never due; a 29th of February on one weekday comes back after 40 years at most. */
#define CRON_YEARS 41
#define CRON_NEVER INT64_MIN
/* The first one later than after_ms, or CRON_NEVER. */
int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after_ms);
/* The last one at until_ms or earlier, or CRON_NEVER. */
int64_t cron_previous(const struct cron *cron, const struct zone *zone, int64_t until_ms);

#endif
