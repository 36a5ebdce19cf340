/* Points become times: in the zone, in the past, the newest that they may be. */
#include <string.h>

#include "bot/question_private.h"
#include "bot/zone.h"

#define HALF_DAY 720 /* minutes */
#define FULL_DAY 1440
#define MORNING_FROM 5 /* as in question_point.c */

struct day { /* may be out of range: zone_instant carries over */
	int year, month, date;
};

static int64_t instant(const struct zone *zone, struct day day, int minutes)
{
	return zone_instant(zone, day.year, day.month, day.date, 0, minutes);
}

static struct day today(const struct zone *zone, int64_t now_ms, struct zone_time *local)
{
	zone_local(zone, now_ms, local);
	return (struct day){ local->year, local->month, local->day };
}

/* --- days ----------------------------------------------------------------------------------------- */

/* "the 24th", "24 nov": the newest that has begun. */
static struct day newest_date(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                              struct day now)
{
	struct day day = { point->year, point->month, point->date };

	if (day.year != 0)
		return day;
	day.year = now.year;
	if (day.month != 0) {
		if (instant(zone, day, 0) >= now_ms)
			day.year--;
		return day;
	}
	for (day.month = now.month;; day.month--) { /* the 31st: of the last month that has one */
		struct zone_time local;
		int64_t begin_ms = instant(zone, day, 0);

		zone_local(zone, begin_ms, &local);
		if (begin_ms < now_ms && local.day == day.date)
			return day;
	}
}

static struct day day_of(const struct question_point *point, const struct zone *zone, int64_t now_ms)
{
	struct zone_time local;
	struct day day = today(zone, now_ms, &local);

	switch (point->day) {
	case DAY_NONE:
		break;
	case DAY_AGO:
		day.date -= point->ago;
		break;
	case DAY_WEEKDAY:
		day.date -= (local.weekday - point->weekday + 6) % 7 + 1;
		break;
	case DAY_DATE:
		day = newest_date(point, zone, now_ms, day);
		break;
	case DAY_WEEK:
		day.date -= (local.weekday + 6) % 7 + 7 * point->ago;
		break;
	case DAY_WEEKEND:
		day.date -= (local.weekday + 1) % 7;
		break;
	case DAY_MONTH:
		day.month -= point->ago;
		day.date = 1;
		break;
	}
	return day;
}

static struct day day_after(struct day day, enum point_day kind)
{
	if (kind == DAY_MONTH)
		day.month++;
	else
		day.date += kind == DAY_WEEK ? 7 : kind == DAY_WEEKEND ? 2 : 1;
	return day;
}

/* --- times of the day ------------------------------------------------------------------------------- */

static int minutes_of(const struct question_point *point)
{
	return point->hour * 60 + point->minute;
}

static int64_t at_clock(const struct question_point *point, const struct zone *zone, struct day day, int minutes)
{
	return instant(zone, day, minutes) + point->second * 1000;
}

/* The newest time of day before now, of the days from `day` back to the one before. */
static bool newest(const struct question_point *point, const struct zone *zone, struct day day, int days,
                   int64_t now_ms, int64_t *at_ms)
{
	for (int back = 0; back < days; back++, day.date--)
		for (int half = point->loose ? 1 : 0; half >= 0; half--) {
			int64_t t = at_clock(point, zone, day,
			                     (minutes_of(point) + half * HALF_DAY) % FULL_DAY +
			                             (point->hour == 24 ? FULL_DAY : 0));

			/* "12": noon is the first, midnight the second half of none. */
			if (t < now_ms && (*at_ms < t || *at_ms == 0))
				*at_ms = t;
		}
	return *at_ms != 0;
}

/* "9 in the evening", "3 last night": the time that lies in that part of the day. */
static bool in_part(const struct question_point *point, const struct zone *zone, struct day day, int *minutes)
{
	(void)zone;
	(void)day;
	for (int offset = -FULL_DAY; offset <= FULL_DAY; offset += point->loose ? HALF_DAY : FULL_DAY) {
		int m = minutes_of(point) + offset;

		if (m >= (point->part_from - 1) * 60 && m < (point->part_until + 1) * 60) {
			*minutes = m;
			return true;
		}
	}
	return false;
}

static bool is_today(const struct question_point *point)
{
	return point->day == DAY_AGO && point->ago == 0;
}

static bool resolve_clock(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                          int64_t *at_ms)
{
	struct day day = day_of(point, zone, now_ms);
	int minutes = minutes_of(point);

	*at_ms = 0;
	if (point->part && in_part(point, zone, day, &minutes)) {
		*at_ms = at_clock(point, zone, day, minutes);
		if (*at_ms >= now_ms && is_today(point)) { /* "9 in the evening", said in the morning */
			day.date--;
			*at_ms = at_clock(point, zone, day, minutes);
		}
		return *at_ms < now_ms;
	}
	if (point->day == DAY_NONE)
		return newest(point, zone, day, 2, now_ms, at_ms);
	if (is_today(point))
		return newest(point, zone, day, 1, now_ms, at_ms);
	*at_ms = at_clock(point, zone, day, minutes);
	return *at_ms < now_ms;
}

static bool resolve_part(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                         int64_t *from_ms, int64_t *until_ms)
{
	struct day day = day_of(point, zone, now_ms);
	int from = point->part_from * 60;

	if (instant(zone, day, from) >= now_ms && is_today(point)) {
		if (point->part_from == MORNING_FROM) /* "this morning", at three */
			from = 0;
		else
			day.date--;
	}
	*from_ms = instant(zone, day, from);
	*until_ms = instant(zone, day, point->part_until * 60);
	return *from_ms < now_ms;
}

static bool resolve_in(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                       int64_t *from_ms, int64_t *until_ms)
{
	struct day day;

	if (point->exact) {
		*from_ms = *until_ms = point->at_ms;
		return *from_ms <= now_ms;
	}
	if (point->clock) {
		bool good = resolve_clock(point, zone, now_ms, from_ms);

		*until_ms = *from_ms;
		return good;
	}
	if (point->part)
		return resolve_part(point, zone, now_ms, from_ms, until_ms);
	day = day_of(point, zone, now_ms);
	*from_ms = instant(zone, day, 0);
	*until_ms = instant(zone, day_after(day, point->day), 0);
	return *from_ms < now_ms;
}

bool question_resolve(const struct question_point *point, const struct zone *zone, int64_t now_ms,
                      int64_t *from_ms, int64_t *until_ms)
{
	struct err err;
	struct zone *utc;
	bool good;

	if (!point->utc)
		return resolve_in(point, zone, now_ms, from_ms, until_ms);
	utc = zone_load("UTC", &err);
	good = utc != NULL && resolve_in(point, utc, now_ms, from_ms, until_ms);
	zone_free(utc);
	return good;
}

/* --- two of them -------------------------------------------------------------------------------------- */

/* Minutes from a time of day to the next such time as b is. */
static int gap(int minutes, const struct question_point *b)
{
	int period = b->loose ? HALF_DAY : FULL_DAY;
	int apart = (minutes_of(b) - minutes) % period;

	return apart <= 0 ? apart + period : apart;
}

struct pair {
	int64_t from_ms, until_ms;
	bool found;
};

/* Newer is better; of a time that may be in either half of the day, one that is over is best. */
static void try_pair(struct pair *best, const struct question_point *a, const struct question_point *b,
                     const struct zone *zone, int64_t now_ms, struct day day, int minutes)
{
	int64_t from_ms = at_clock(a, zone, day, minutes);
	int64_t until_ms = at_clock(b, zone, day, minutes + gap(minutes, b));
	bool over = until_ms <= now_ms, better;

	if (from_ms >= now_ms)
		return;
	better = !best->found || from_ms > best->from_ms;
	if (best->found && a->loose && over != (best->until_ms <= now_ms))
		better = over;
	if (better)
		*best = (struct pair){ from_ms, until_ms, true };
}

/* "from 9 to 10pm", "from 11 to 2am": the nearer half. */
static int half_of(const struct question_point *a, const struct question_point *b)
{
	int minutes = minutes_of(a) % FULL_DAY, other = (minutes + HALF_DAY) % FULL_DAY;

	return gap(minutes, b) <= gap(other, b) ? minutes : other;
}

static bool clock_pair(const struct question_point *a, const struct question_point *b, const struct zone *zone,
                       int64_t now_ms, int64_t *from_ms, int64_t *until_ms)
{
	struct day day = day_of(a, zone, now_ms);
	struct pair best = { 0, 0, false };
	int minutes = minutes_of(a);

	if (a->part && in_part(a, zone, day, &minutes)) {
		if (at_clock(a, zone, day, minutes) >= now_ms && is_today(a))
			day.date--;
		try_pair(&best, a, b, zone, now_ms, day, minutes);
	} else if (a->loose && b->half) {
		struct question_point sure = *a;

		sure.loose = false;
		for (int back = 0; back < (a->day == DAY_NONE ? 2 : 1); back++, day.date--)
			try_pair(&best, &sure, b, zone, now_ms, day, half_of(a, b));
	} else {
		bool either = a->loose && b->loose && (a->day == DAY_NONE || is_today(a));

		for (int back = 0; back < (a->day == DAY_NONE ? 2 : 1); back++, day.date--) {
			try_pair(&best, a, b, zone, now_ms, day, minutes);
			if (either)
				try_pair(&best, a, b, zone, now_ms, day, (minutes + HALF_DAY) % FULL_DAY);
		}
	}
	*from_ms = best.from_ms;
	*until_ms = best.until_ms;
	return best.found;
}

static bool pair_in(struct question_point a, const struct question_point *b, const struct zone *zone,
                    int64_t now_ms, int64_t *from_ms, int64_t *until_ms)
{
	int64_t ignored_ms;

	if (a.clock && b->clock && a.day == DAY_NONE && b->day != DAY_NONE) { /* "from 9 to 10:30 yesterday" */
		a.day = b->day;
		a.ago = b->ago;
		a.weekday = b->weekday;
		a.year = b->year;
		a.month = b->month;
		a.date = b->date;
		a.part = b->part;
		a.part_from = b->part_from;
		a.part_until = b->part_until;
		return clock_pair(&a, b, zone, now_ms, from_ms, until_ms);
	}
	if (a.clock && b->clock && b->day == DAY_NONE)
		return clock_pair(&a, b, zone, now_ms, from_ms, until_ms);
	if (!resolve_in(&a, zone, now_ms, from_ms, &ignored_ms) ||
	    !resolve_in(b, zone, now_ms, &ignored_ms, until_ms))
		return false;
	if (*until_ms <= *from_ms && a.day == DAY_WEEKDAY) { /* "from Monday to Friday", on a Wednesday */
		struct zone_time local;

		zone_local(zone, *from_ms, &local);
		*from_ms = zone_instant(zone, local.year, local.month, local.day - 7, local.hour, local.minute);
	}
	return *from_ms < *until_ms;
}

bool question_resolve_pair(const struct question_point *a, const struct question_point *b,
                           const struct zone *zone, int64_t now_ms, int64_t *from_ms, int64_t *until_ms)
{
	struct err err;
	struct zone *utc;
	bool good;

	if (!a->utc && !b->utc)
		return pair_in(*a, b, zone, now_ms, from_ms, until_ms);
	utc = zone_load("UTC", &err);
	good = utc != NULL && pair_in(*a, b, utc, now_ms, from_ms, until_ms);
	zone_free(utc);
	return good;
}
