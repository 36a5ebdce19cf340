/* zone_private.h - what bot/zone.c and bot/zone_rule.c share. */
#ifndef BOT_ZONE_PRIVATE_H
#define BOT_ZONE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/zone.h"

#define ZONE_YEARS 400 /* after so many years the Gregorian calendar repeats, weekdays and all */

struct zone_type {
	int offset_s;
	char abbreviation[8];
};

struct zone_change {
	int64_t at_s; /* UTC */
	struct zone_type type;
};

/* A POSIX rule (TZ string): standard time, and daylight saving time between two moments of each year. */
struct zone_rule {
	struct zone_type standard, saving;
	bool has_saving;
	struct zone_moment {
		char form;            /* 'M' month.week.day, 'J' day 1-365 without 29 February, 'N' day 0-365 */
		int month, week, day; /* of 'J' and 'N' day alone */
		int time_s;           /* local time of that day; may lie in days before or after */
	} begin, end;
};

/* Reads the whole text; false: it is no such rule. */
bool zone_rule_read(struct zone_rule *rule, const char *text) MUST_CHECK;
/* Both changes of a year, in UTC; only with has_saving. */
void zone_rule_changes(const struct zone_rule *rule, int year, struct zone_change changes[2]);
/* An offset of RFC 9636, 3.2: less than 26 hours ahead, 25 behind. */
bool zone_offset_is_valid(int64_t offset_s);

#endif
