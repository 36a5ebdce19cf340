#include "bot/chart_private.h"

#include <stdio.h>
#include <string.h>

#include "bot/zone.h"

#define MINUTE_MS ((int64_t)60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};
static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* Minutes that divide a day, and days. */
static const int steps_min[] = { 1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720 };
static const int steps_days[] = { 1, 2, 7, 14, 31, 92, 366 };

struct list {
	struct chart_tick *ticks;
	size_t count, most;
};

static bool add(struct list *list, const struct chart *chart, int64_t at_ms, const char *text, bool day)
{
	struct chart_tick *tick = &list->ticks[list->count];

	if (at_ms < chart->from_ms || at_ms > chart->to_ms)
		return true;
	if (list->count > 0 && list->ticks[list->count - 1].at_ms == at_ms)
		return true;
	if (list->count == list->most)
		return false;
	tick->at_ms = at_ms;
	tick->day = day;
	(void)snprintf(tick->text, sizeof(tick->text), "%s", text);
	list->count++;
	return true;
}

static void day_text(const struct zone_time *t, int step_days, char out[24])
{
	if (step_days <= 2)
		(void)snprintf(out, 24, "%s %d", weekdays[t->weekday], t->day);
	else if (step_days <= 31)
		(void)snprintf(out, 24, "%d %s", t->day, months[t->month - 1]);
	else
		(void)snprintf(out, 24, "%s %d", months[t->month - 1], t->year);
}

/* Is local midnight of this day a tick? Weeks begin on Monday. */
static bool is_step(const struct zone_time *t, int64_t day_number, int step_days)
{
	switch (step_days) {
	case 1:
	case 2:
		return day_number % step_days == 0;
	case 7:
		return t->weekday == 1;
	case 14:
		return t->weekday == 1 && (day_number + 3) / 7 % 2 == 0;
	case 31:
		return t->day == 1;
	case 92:
		return t->day == 1 && t->month % 3 == 1;
	default:
		return t->day == 1 && t->month == 1;
	}
}

static bool add_day(struct list *list, const struct chart *chart, const struct zone *zone, int64_t start_ms,
                    int step_min)
{
	struct zone_time day, t;
	char text[24];

	zone_local(zone, start_ms, &day);
	day_text(&day, 1, text);
	if (!add(list, chart, start_ms, text, true))
		return false;
	for (int minute = step_min; step_min < 1440 && minute < 1440; minute += step_min) {
		int64_t at_ms = zone_instant(zone, day.year, day.month, day.day, 0, minute);

		zone_local(zone, at_ms, &t);
		if (t.hour * 60 + t.minute != minute) /* the clocks skip it */
			continue;
		(void)snprintf(text, sizeof(text), "%02d:%02d", t.hour, t.minute);
		if (!add(list, chart, at_ms, text, false))
			return false;
	}
	return true;
}

static int64_t next_day(const struct zone *zone, int64_t start_ms)
{
	struct zone_time t;
	int64_t next_ms;

	zone_local(zone, start_ms, &t);
	next_ms = zone_instant(zone, t.year, t.month, t.day + 1, 0, 0);
	return next_ms > start_ms ? next_ms : start_ms + DAY_MS;
}

static bool try_minutes(struct list *list, const struct chart *chart, const struct zone *zone, int step_min)
{
	list->count = 0;
	for (int64_t day = zone_day_start(zone, chart->from_ms); day <= chart->to_ms; day = next_day(zone, day))
		if (!add_day(list, chart, zone, day, step_min))
			return false;
	return true;
}

static bool try_days(struct list *list, const struct chart *chart, const struct zone *zone, int step_days)
{
	char text[24];

	list->count = 0;
	for (int64_t day = zone_day_start(zone, chart->from_ms); day <= chart->to_ms; day = next_day(zone, day)) {
		struct zone_time t;

		zone_local(zone, day, &t);
		day_text(&t, step_days, text);
		if (is_step(&t, (day + t.offset_s * (int64_t)1000) / DAY_MS, step_days) &&
		    !add(list, chart, day, text, true))
			return false;
	}
	return true;
}

size_t chart_times(const struct chart *chart, const struct zone *zone, size_t most,
                   struct chart_tick ticks[CHART_TICKS_MAX])
{
	int64_t span_ms = chart->to_ms - chart->from_ms;
	struct list list = { ticks, 0, most < CHART_TICKS_MAX ? most : CHART_TICKS_MAX };

	for (size_t i = 0; i < sizeof(steps_min) / sizeof(steps_min[0]); i++)
		if (span_ms / (steps_min[i] * MINUTE_MS) <= (int64_t)list.most &&
		    try_minutes(&list, chart, zone, steps_min[i]))
			return list.count;
	for (size_t i = 0; i < sizeof(steps_days) / sizeof(steps_days[0]); i++)
		if (span_ms / (steps_days[i] * DAY_MS) <= (int64_t)list.most &&
		    try_days(&list, chart, zone, steps_days[i]))
			return list.count;
	return 0;
}

/* "20 Nov 09:00" */
static void moment_text(const struct zone_time *t, bool year, char out[40])
{
	size_t length = (size_t)snprintf(out, 40, "%d %s", t->day, months[t->month - 1]);

	if (year)
		length += (size_t)snprintf(out + length, 40 - length, " %d", t->year);
	(void)snprintf(out + length, 40 - length, " %02d:%02d", t->hour, t->minute);
}

/* "+09" is what zones without a name of their own are called. */
static void name_text(const char *abbreviation, char out[16])
{
	bool number = abbreviation[0] == '+' || abbreviation[0] == '-';

	(void)snprintf(out, 16, "%s%.8s", number ? "UTC" : "", abbreviation);
}

static bool same_day(const struct zone_time *a, const struct zone_time *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

void chart_time_moment(const struct chart *chart, const struct zone *zone, int64_t at_ms, char out[40])
{
	struct zone_time from, to, at;

	zone_local(zone, chart->from_ms, &from);
	zone_local(zone, chart->to_ms, &to);
	zone_local(zone, at_ms, &at);
	if (same_day(&from, &to) && same_day(&from, &at))
		(void)snprintf(out, 40, "%02d:%02d", at.hour, at.minute);
	else
		moment_text(&at, false, out);
}

void chart_time_range(const struct chart *chart, const struct zone *zone, char out[CHART_RANGE_SIZE])
{
	struct zone_time from, to;
	char begin[40], end[40], name[16], later[16];
	size_t length;

	zone_local(zone, chart->from_ms, &from);
	zone_local(zone, chart->to_ms, &to);
	moment_text(&from, from.year != to.year, begin);
	if (same_day(&from, &to))
		(void)snprintf(end, sizeof(end), "%02d:%02d", to.hour, to.minute);
	else
		moment_text(&to, from.year != to.year, end);
	name_text(from.abbreviation, name);
	name_text(to.abbreviation, later);
	length = (size_t)snprintf(out, CHART_RANGE_SIZE, "%s – %s", begin, end);
	if (from.year == to.year)
		length += (size_t)snprintf(out + length, CHART_RANGE_SIZE - length, ", %d", to.year);
	if (strcmp(zone_name(zone), name) == 0)
		(void)snprintf(out + length, CHART_RANGE_SIZE - length, " · %s", name);
	else if (from.offset_s == to.offset_s)
		(void)snprintf(out + length, CHART_RANGE_SIZE - length, " · %s (%s)", zone_name(zone), name);
	else
		(void)snprintf(out + length, CHART_RANGE_SIZE - length, " · %s (%s, then %s)", zone_name(zone), name,
		               later);
}
