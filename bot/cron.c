#include "bot/cron.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bot/zone.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_S 86400
#define DAY_MINUTES 1440
#define SEARCH_DAYS (CRON_YEARS * 366)
#define SEARCH_MS (SEARCH_DAYS * DAY_MINUTES * MINUTE_MS)

/* One field, as far as the next blank: lists of star, number, range, each with a step. */
struct cron_field {
	const char *name;
	long least, most;
	const char *words; /* of three letters each, from least on; NULL: none */
};

static bool read_number(const char **text, const struct cron_field *field, long *value)
{
	char *end;

	for (size_t i = 0; field->words != NULL && field->words[i] != '\0'; i += 3) {
		if (strncasecmp(*text, field->words + i, 3) != 0)
			continue;
		*value = field->least + (long)(i / 3);
		*text += 3;
		return true;
	}
	if (!isdigit((unsigned char)**text))
		return false;
	*value = strtol(*text, &end, 10);
	*text = end;
	return *value >= field->least && *value <= field->most;
}

static bool read_part(const char **text, const struct cron_field *field, uint64_t *bits)
{
	long first = field->least, last = field->most, step = 1;
	char *end;

	if (**text == '*') {
		(*text)++;
	} else {
		if (!read_number(text, field, &first))
			return false;
		last = first;
		if (**text == '-' && ((*text)++, !read_number(text, field, &last)))
			return false;
	}
	if (first > last)
		return false;
	if (**text == '/') {
		if (!isdigit((unsigned char)*++*text))
			return false;
		step = strtol(*text, &end, 10);
		*text = end;
		if (step < 1 || step > field->most)
			return false;
	}
	for (long value = first; value <= last; value += step)
		*bits |= UINT64_C(1) << value;
	return true;
}

static bool read_field(const char **text, const struct cron_field *field, uint64_t *bits)
{
	*bits = 0;
	while (read_part(text, field, bits)) {
		if (**text != ',')
			return **text == ' ' || **text == '\0';
		(*text)++;
	}
	return false;
}

bool cron_parse(const char *text, struct cron *cron, struct err *err)
{
	static const struct cron_field fields[] = {
		{ "minute", 0, 59, NULL },
		{ "hour", 0, 23, NULL },
		{ "day of month", 1, 31, NULL },
		{ "month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec" },
		{ "day of week", 0, 7, "sunmontuewedthufrisat" },
	};
	uint64_t bits[5];
	bool star[5];

	text += strspn(text, " ");
	for (size_t i = 0; i < 5; i++) {
		if (*text == '\0')
			return err_set(err, ERR_USAGE, "has fewer than five fields; write minute, hour, day of month, "
			               "month and day of week, as in \"0 9 * * 1-5\"");
		star[i] = *text == '*';
		if (!read_field(&text, &fields[i], &bits[i]))
			return err_set(err, ERR_USAGE, "has a wrong %s; use %ld to %ld, *, lists (1,3), ranges (1-5) "
			               "and steps (*/10)", fields[i].name, fields[i].least, fields[i].most);
		text += strspn(text, " ");
	}
	if (*text != '\0')
		return err_set(err, ERR_USAGE, "has more than five fields; seconds and years are not accepted");
	*cron = (struct cron){
		.minutes = bits[0],
		.hours = (uint32_t)bits[1],
		.days = (uint32_t)bits[2],
		.months = (uint32_t)bits[3],
		.weekdays = (uint32_t)((bits[4] | bits[4] >> 7) & 127),
		.by_clock = star[0] || star[1],
		.both_days = star[2] || star[4],
	};
	return true;
}

/* --- due times --- */

static bool month_matches(const struct cron *cron, int month)
{
	return (cron->months >> month & 1) != 0;
}

static bool day_matches(const struct cron *cron, int month, int day, int weekday)
{
	bool of_month = (cron->days >> day & 1) != 0, of_week = (cron->weekdays >> weekday & 1) != 0;

	return month_matches(cron, month) && (cron->both_days ? of_month && of_week : of_month || of_week);
}

static bool hour_matches(const struct cron *cron, int hour)
{
	return (cron->hours >> hour & 1) != 0;
}

static bool minute_matches(const struct cron *cron, int minute)
{
	return (cron->minutes >> minute & 1) != 0;
}

/* Fixed times: from one local time to the next, each with its one instant. Later local times never have an earlier
 * instant, so the first that fits is the nearest. */

static bool is_beyond(int64_t at_ms, int64_t limit_ms, int direction)
{
	return direction > 0 ? at_ms > limit_ms : at_ms <= limit_ms;
}

static int64_t fixed_of_day(const struct cron *cron, const struct zone *zone, const struct tm *day, int64_t limit_ms,
                            int direction)
{
	for (int i = 0; i < 24; i++) {
		int hour = direction > 0 ? i : 23 - i;

		for (int j = 0; j < 60 && hour_matches(cron, hour); j++) {
			int minute = direction > 0 ? j : 59 - j;
			int64_t at_ms;

			if (!minute_matches(cron, minute))
				continue;
			at_ms = zone_instant(zone, day->tm_year + 1900, day->tm_mon + 1, day->tm_mday, hour, minute);
			if (is_beyond(at_ms, limit_ms, direction))
				return at_ms;
		}
	}
	return CRON_NEVER;
}

/*
 * The local day of limit_ms is a good one to begin with, or one day later when going back: where a clock that was set
 * back shows yesterday again, today's times have been.
 */
static int64_t fixed(const struct cron *cron, const struct zone *zone, int64_t limit_ms, int direction)
{
	struct zone_time local;
	struct tm first = { 0 };
	time_t day_s;

	zone_local(zone, limit_ms, &local);
	first.tm_year = local.year - 1900;
	first.tm_mon = local.month - 1;
	first.tm_mday = local.day + (direction < 0 ? 1 : 0);
	day_s = timegm(&first);
	for (int i = 0; i <= SEARCH_DAYS; i++, day_s += direction * DAY_S) {
		struct tm day;
		int64_t at_ms;

		if (gmtime_r(&day_s, &day) == NULL)
			break;
		if (!day_matches(cron, day.tm_mon + 1, day.tm_mday, day.tm_wday))
			continue;
		at_ms = fixed_of_day(cron, zone, &day, limit_ms, direction);
		if (at_ms != CRON_NEVER)
			return at_ms;
	}
	return CRON_NEVER;
}

/* By the clock: from minute to minute, in leaps over what cannot match if no jump of the clock is in between. */

/* How many minutes it is to the next match within the hour, or to its end. */
static int within_hour(const struct cron *cron, int minute, int to_hour, int direction)
{
	int count = 1;

	while (count < to_hour && !minute_matches(cron, minute + direction * count))
		count++;
	return count;
}

static int64_t leap(const struct cron *cron, const struct zone *zone, int64_t at_ms, const struct zone_time *local,
                    int direction)
{
	bool day_fits = day_matches(cron, local->month, local->day, local->weekday);
	int to_hour = direction > 0 ? 60 - local->minute : local->minute + 1;
	int to_day = to_hour + 60 * (direction > 0 ? 23 - local->hour : local->hour);
	int days_left = direction > 0 ? 28 - local->day : local->day - 1; /* for sure */
	int minutes[4];
	size_t count = 0;

	if (!month_matches(cron, local->month) && days_left > 0)
		minutes[count++] = to_day + days_left * DAY_MINUTES;
	if (!day_fits)
		minutes[count++] = to_day;
	if (!day_fits || !hour_matches(cron, local->hour))
		minutes[count++] = to_hour;
	else
		minutes[count++] = within_hour(cron, local->minute, to_hour, direction);
	for (size_t i = 0; i < count; i++) {
		int64_t to_ms = at_ms + direction * minutes[i] * MINUTE_MS;
		struct zone_time there;

		zone_local(zone, to_ms, &there);
		if (there.offset_s == local->offset_s)
			return to_ms;
	}
	return at_ms + direction * MINUTE_MS;
}

static int64_t by_clock(const struct cron *cron, const struct zone *zone, int64_t from_ms, int direction)
{
	struct zone_time local;

	for (int64_t at_ms = from_ms; direction * (at_ms - from_ms) <= SEARCH_MS;
	     at_ms = leap(cron, zone, at_ms, &local, direction)) {
		zone_local(zone, at_ms, &local);
		if (minute_matches(cron, local.minute) && hour_matches(cron, local.hour) &&
		    day_matches(cron, local.month, local.day, local.weekday))
			return at_ms;
	}
	return CRON_NEVER;
}

/* So that nobody searches 41 years for a 30th of February. */
static bool is_possible(const struct cron *cron)
{
	static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	for (int month = 1; month <= 12; month++)
		if (month_matches(cron, month) &&
		    (!cron->both_days || (cron->days & ((UINT64_C(2) << lengths[month - 1]) - 1)) != 0))
			return true;
	return false;
}

static int64_t minute_of(int64_t wall_ms)
{
	return wall_ms - (wall_ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS;
}

int64_t cron_next(const struct cron *cron, const struct zone *zone, int64_t after_ms)
{
	if (!is_possible(cron))
		return CRON_NEVER;
	if (cron->by_clock)
		return by_clock(cron, zone, minute_of(after_ms) + MINUTE_MS, 1);
	return fixed(cron, zone, after_ms, 1);
}

int64_t cron_previous(const struct cron *cron, const struct zone *zone, int64_t until_ms)
{
	if (!is_possible(cron))
		return CRON_NEVER;
	if (cron->by_clock)
		return by_clock(cron, zone, minute_of(until_ms), -1);
	return fixed(cron, zone, until_ms, -1);
}
