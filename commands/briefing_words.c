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
	say_time(out, briefing->zone, at_ms, known_ms);
}

void briefing_say_date(struct str *out, const struct briefing *briefing, int64_t at_ms)
{
	say_date(out, briefing->zone, at_ms);
}

void briefing_say_summary(struct str *out, const struct briefing *briefing, const struct series_values *values,
                          const char *unit)
{
	if (values->known == 0) {
		str_add(out, "no value in the range\n");
		return;
	}
	str_add(out, "in the range: ");
	say_values(out, briefing->zone, values, briefing->now_ms, unit);
	str_add_char(out, '\n');
	if (isnan(values->usual))
		return;
	str_add(out, "usual at these hours: ");
	say_usual(out, values, unit);
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
