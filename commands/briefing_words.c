/* Parts of sentences and lines: for the model, for the check of its answer and for people alike. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define INCIDENTS_MAX 10
#define REASON_MAX 300 /* bytes */

void briefing_say_time(struct str *out, const struct briefing *briefing, int64_t at_ms, int64_t known_ms)
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct zone_time local, known;

	zone_local(briefing->zone, at_ms, &local);
	zone_local(briefing->zone, known_ms, &known);
	if (local.day != known.day || local.month != known.month || local.year != known.year)
		str_addf(out, "%s %d %s ", weekdays[local.weekday], local.day, months[local.month - 1]);
	str_addf(out, "%02d:%02d", local.hour, local.minute);
	if (local.second != 0)
		str_addf(out, ":%02d", local.second);
}

void briefing_say_date(struct str *out, const struct briefing *briefing, int64_t at_ms)
{
	struct zone_time local;

	zone_local(briefing->zone, at_ms, &local);
	str_addf(out, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day, local.hour, local.minute);
}

void briefing_say_quantity(struct str *out, double value, const char *unit)
{
	char *quantity = finding_quantity(value, unit);

	str_add(out, quantity);
	free(quantity);
}

void briefing_say_span(struct str *out, double low, double high, const char *unit)
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

void briefing_say_summary(struct str *out, const struct briefing *briefing, const struct briefing_values *values,
                          const char *unit)
{
	if (values->known == 0) {
		str_add(out, "no value in the range\n");
		return;
	}
	str_add(out, "in the range: least ");
	briefing_say_quantity(out, values->least, unit);
	str_add(out, " at ");
	briefing_say_time(out, briefing, values->least_ms, briefing->now_ms);
	str_add(out, ", greatest ");
	briefing_say_quantity(out, values->greatest, unit);
	str_add(out, " at ");
	briefing_say_time(out, briefing, values->greatest_ms, briefing->now_ms);
	str_add(out, ", mean ");
	briefing_say_quantity(out, values->mean, unit);
	str_add(out, ", last ");
	briefing_say_quantity(out, values->last, unit);
	str_add(out, " at ");
	briefing_say_time(out, briefing, values->last_ms, briefing->now_ms);
	str_add_char(out, '\n');
	if (isnan(values->usual))
		return;
	str_add(out, "usual at these hours: median ");
	briefing_say_quantity(out, values->usual, unit);
	str_add(out, ", 9 of 10 values ");
	briefing_say_span(out, values->usual_low, values->usual_high, unit);
	str_add_char(out, '\n');
}

void briefing_say_limits(struct str *out, const struct metric *metric)
{
	if (isnan(metric->normal_below) && isnan(metric->normal_above))
		return;
	str_add(out, "normal:");
	if (!isnan(metric->normal_above)) {
		str_add(out, " above ");
		briefing_say_quantity(out, metric->normal_above, metric->unit);
	}
	if (!isnan(metric->normal_below)) {
		str_add(out, isnan(metric->normal_above) ? " below " : " and below ");
		briefing_say_quantity(out, metric->normal_below, metric->unit);
	}
	str_add_char(out, '\n');
}

/* --- incidents ------------------------------------------------------------------------------------------ */

struct incidents_said {
	struct str *out;
	const struct briefing *briefing;
	size_t count;
};

static void say_state(struct str *out, const struct briefing *briefing, const struct incident *incident)
{
	char length[CLOCK_TEXT_SIZE];
	bool open = incident_is_open(incident);
	int64_t end_ms = open ? briefing->now_ms : incident->resolved_ms;

	clock_format_duration(end_ms - incident->fired_ms, length);
	str_addf(out, open ? " is in %s since " : " is over (%s now): it fired from ",
	         alarm_state_word(incident->alarm.state));
	briefing_say_time(out, briefing, incident->fired_ms, briefing->now_ms);
	if (!open) {
		str_add(out, " to ");
		briefing_say_time(out, briefing, end_ms, briefing->now_ms);
	}
	str_addf(out, ", for %s\n", length);
}

static void say_incident(void *arg, struct incident *incident)
{
	struct incidents_said *said = arg;
	const struct alarm *alarm = &incident->alarm;
	const char *own = said->briefing->incident;
	bool of_thread = own != NULL && strcmp(own, incident->id) == 0;

	if ((!incident_is_open(incident) && !of_thread) || said->count++ >= INCIDENTS_MAX)
		return;
	str_addf(said->out, "incident %s%s: alarm %s", incident->id, of_thread ? ", of this thread" : "",
	         alarm->name == NULL ? "?" : alarm->name);
	say_state(said->out, said->briefing, incident);
	if (alarm->reason == NULL)
		return;
	str_add(said->out, "reason: ");
	str_add_bytes(said->out, alarm->reason,
	              str_utf8_prefix(alarm->reason, strlen(alarm->reason), REASON_MAX));
	str_add_char(said->out, '\n');
}

size_t briefing_say_incidents(struct str *out, const struct briefing *briefing)
{
	struct incidents_said said = { .out = out, .briefing = briefing };

	if (briefing->bot->incidents != NULL)
		incidents_each(briefing->bot->incidents, say_incident, &said);
	if (said.count > INCIDENTS_MAX)
		str_addf(out, "and %zu more incidents\n", said.count - INCIDENTS_MAX);
	return said.count;
}
