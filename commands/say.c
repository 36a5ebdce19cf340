#include "commands/say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/findings.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "bot/zone.h"
#include "commands/series_values.h"

void say_time(struct str *out, const struct zone *zone, int64_t at_ms, int64_t known_ms)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct zone_time local, known;

	zone_local(zone, at_ms, &local);
	zone_local(zone, known_ms, &known);
	if (local.day != known.day || local.month != known.month || local.year != known.year)
		str_addf(out, "%s %d %s ", weekdays[local.weekday], local.day, months[local.month - 1]);
	str_addf(out, "%02d:%02d", local.hour, local.minute);
	if (local.second != 0)
		str_addf(out, ":%02d", local.second);
}

void say_date(struct str *out, const struct zone *zone, int64_t at_ms)
{
	struct zone_time local;

	zone_local(zone, at_ms, &local);
	str_addf(out, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day, local.hour, local.minute);
}

void say_quantity(struct str *out, double value, const char *unit)
{
	char *quantity = finding_quantity(value, unit);

	str_add(out, quantity);
	free(quantity);
}

void say_span(struct str *out, double low, double high, const char *unit)
{
	char *from = finding_quantity(low, unit), *to = finding_quantity(high, unit);
	const char *from_unit = strchr(from, ' '), *to_unit = strchr(to, ' ');

	if (strcmp(from, to) == 0)
		str_addf(out, "about %s", to);
	else if (from_unit != NULL && to_unit != NULL && strcmp(from_unit, to_unit) == 0)
		str_addf(out, "%.*s to %s", (int)(from_unit - from), from, to);
	else
		str_addf(out, "%s to %s", from, to);
	free(from);
	free(to);
}

void say_values(struct str *out, const struct zone *zone, const struct series_values *values, int64_t known_ms,
                const char *unit)
{
	if (values->known == 0) {
		str_add(out, "no value");
		return;
	}
	str_add(out, "least ");
	say_quantity(out, values->least, unit);
	str_add(out, " at ");
	say_time(out, zone, values->least_ms, known_ms);
	str_add(out, ", greatest ");
	say_quantity(out, values->greatest, unit);
	str_add(out, " at ");
	say_time(out, zone, values->greatest_ms, known_ms);
	str_add(out, ", mean ");
	say_quantity(out, values->mean, unit);
	str_add(out, ", last ");
	say_quantity(out, values->last, unit);
	str_add(out, " at ");
	say_time(out, zone, values->last_ms, known_ms);
}

void say_usual(struct str *out, const struct series_values *values, const char *unit)
{
	if (isnan(values->usual))
		return;
	str_add(out, "median ");
	say_quantity(out, values->usual, unit);
	str_add(out, ", 9 of 10 values ");
	say_span(out, values->usual_low, values->usual_high, unit);
}

void say_limits(struct str *out, const struct metric *metric)
{
	if (isnan(metric->normal_below) && isnan(metric->normal_above))
		return;
	str_add(out, "normal:");
	if (!isnan(metric->normal_above)) {
		str_add(out, " above ");
		say_quantity(out, metric->normal_above, metric->unit);
	}
	if (!isnan(metric->normal_below)) {
		str_add(out, isnan(metric->normal_above) ? " below " : " and below ");
		say_quantity(out, metric->normal_below, metric->unit);
	}
	str_add_char(out, '\n');
}
