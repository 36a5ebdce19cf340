/*
 * cron.h - the five fields of a cron line: minute, hour, day of month, month, day of week.
 *
 * As in crontab(5): *, numbers, names of months and weekdays, lists, ranges, steps; 0 and 7 are Sunday.
 */
#ifndef BOT_CRON_H
#define BOT_CRON_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct cron { /* bit n: the value n */
	uint64_t minutes;
	uint32_t hours, days, months;
	uint32_t weekdays; /* bit 0: Sunday */
};

/* ERR_USAGE: the text ("has a wrong hour; use ...") goes behind the line itself. */
bool cron_parse(const char *text, struct cron *cron, struct err *err) MUST_CHECK;

#endif
