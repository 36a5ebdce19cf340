/* Incidents as they stand when a question is asked. */
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "commands/briefing_private.h"

#define INCIDENTS_MAX 10
#define REASON_MAX 300 /* bytes */
#define STATE_MAX 2000
#define NOTED_MAX (64 * 1024)
#define NAMES_MAX (4 * 1024 * 1024)

struct incidents_said {
	struct str out, names;
	struct briefing *briefing;
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

static void note_open(struct briefing *briefing, const struct incident *incident)
{
	struct briefing_open *open;
	char *condition, age[CLOCK_TEXT_SIZE];
	struct str state;

	if (briefing->open_count++ >= BRIEFING_OPEN_SHOWN)
		return;
	open = &briefing->open[briefing->open_count - 1];
	condition = alarm_condition(&incident->alarm);
	clock_format_duration(briefing->now_ms - incident->fired_ms, age);
	str_init(&state, STATE_MAX);
	str_add(&state, "since ");
	briefing_say_time(&state, briefing, incident->fired_ms, briefing->now_ms);
	str_addf(&state, " (%s, incident %s): %s", age, incident->id, condition);
	open->name = mem_copy_string(incident->alarm.name == NULL ? "?" : incident->alarm.name);
	open->state = str_take(&state);
	free(condition);
}

static void say_incident(void *arg, struct incident *incident)
{
	struct incidents_said *said = arg;
	const struct alarm *alarm = &incident->alarm;
	const char *own = said->briefing->incident;
	bool of_thread = own != NULL && strcmp(own, incident->id) == 0;

	if (incident_is_open(incident))
		note_open(said->briefing, incident);
	else if (!of_thread)
		return;
	if (alarm->name != NULL)
		str_addf(&said->names, "%s\n", alarm->name);
	if (said->count++ >= INCIDENTS_MAX)
		return;
	str_addf(&said->out, "incident %s%s: alarm %s", incident->id, of_thread ? ", of this thread" : "",
	         alarm->name == NULL ? "?" : alarm->name);
	say_state(&said->out, said->briefing, incident);
	if (alarm->reason == NULL)
		return;
	str_add(&said->out, "reason: ");
	str_add_bytes(&said->out, alarm->reason,
	              str_utf8_prefix(alarm->reason, strlen(alarm->reason), REASON_MAX));
	str_add_char(&said->out, '\n');
}

void briefing_forget_incidents(struct briefing *briefing)
{
	for (size_t i = 0; i < BRIEFING_OPEN_SHOWN; i++) {
		free(briefing->open[i].name);
		free(briefing->open[i].state);
		briefing->open[i] = (struct briefing_open){ NULL, NULL };
	}
	free(briefing->incidents);
	free(briefing->alarms);
	briefing->incidents = briefing->alarms = NULL;
	briefing->incident_count = briefing->open_count = 0;
}

void briefing_note_incidents(struct briefing *briefing)
{
	struct incidents_said said = { .briefing = briefing };

	briefing_forget_incidents(briefing);
	str_init(&said.out, NOTED_MAX);
	str_init(&said.names, NAMES_MAX);
	if (briefing->bot->incidents != NULL)
		incidents_each(briefing->bot->incidents, say_incident, &said);
	if (said.count > INCIDENTS_MAX)
		str_addf(&said.out, "and %zu more incidents\n", said.count - INCIDENTS_MAX);
	briefing->incidents = str_take(&said.out);
	briefing->alarms = str_take(&said.names);
	briefing->incident_count = said.count;
}
