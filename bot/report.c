#include "bot/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/event_text.h"
#include "bot/incident.h"
#include "bot/incident_act.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/runbook.h"
#include "bot/str.h"

#define NAME_MAX_BYTES 100
#define SUMMARY_MAX 1000
#define CHANGES_A_COMMENT 20
#define LATE_WORDS "this alarm reached tocsin long after it happened; nothing was run by itself"

static const char *account_of(const struct alarm *alarm, const struct config *config)
{
	return alarm->account == NULL ? "unknown account" : config_account_name(config, alarm->account);
}

static const char *region_of(const struct alarm *alarm)
{
	return alarm->region == NULL ? "unknown region" : alarm->region;
}

/* What the alarm is about: its instance, else its own name. In the scope. */
static const char *subject_of(struct mem *mem, const struct alarm *alarm)
{
	const char *instance = runbook_instance_of(alarm);
	char *name;

	if (instance != NULL)
		return instance;
	name = event_line(alarm->name, NAME_MAX_BYTES);
	mem_adopt(mem, name);
	return name == NULL ? "unnamed alarm" : name;
}

static const char *metric_of(struct mem *mem, const struct alarm *alarm)
{
	char *metric = event_line(alarm->metric, NAME_MAX_BYTES);

	mem_adopt(mem, metric);
	return metric == NULL ? (alarm->type == NULL ? "alarm" : alarm->type) : metric;
}

static const char *quantity(struct mem *mem, double value, const char *unit)
{
	char *text = alarm_quantity(value, unit);

	mem_adopt(mem, text);
	return text;
}

char *report_summary(const struct alarm *alarm, const struct config *config)
{
	const char *client = config->jira.client;
	struct mem mem = { 0 };
	struct str s;

	str_init(&s, SUMMARY_MAX);
	if (client != NULL)
		str_addf(&s, "%s | ", client);
	str_addf(&s, "%s | %s | %s | Metric Value: %s", account_of(alarm, config), subject_of(&mem, alarm),
	         metric_of(&mem, alarm), quantity(&mem, alarm->value, NULL));
	mem_free_all(&mem);
	return str_take(&s);
}

char *report_subject(const struct incident *incident, const struct alarm *alarm, const struct config *config)
{
	struct mem mem = { 0 };
	struct str s;

	str_init(&s, SUMMARY_MAX);
	/* The number first: a subject is cut at its end. */
	str_addf(&s, "[incident %s] %s: %s on %s, %s/%s", incident->id, alarm_state_word(alarm->state),
	         metric_of(&mem, alarm), subject_of(&mem, alarm), account_of(alarm, config), region_of(alarm));
	mem_free_all(&mem);
	return str_take(&s);
}

static void add_field(struct message *message, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		message_say(message, message_field(message, name), "%s", text);
}

static void add_time(struct message *message, const char *name, int64_t wall_ms)
{
	if (wall_ms != 0)
		message_time(message, message_field(message, name), wall_ms);
}

static void add_account(struct message *message, const struct alarm *alarm, const struct config *config)
{
	struct message_line *line = message_field(message, "Account");
	const char *name = account_of(alarm, config);

	message_say(message, line, "%s", name);
	if (alarm->account != NULL && strcmp(name, alarm->account) != 0)
		message_say(message, line, " (%s)", alarm->account);
}

static bool add_dimension(void *arg, const char *key, struct json_object *value)
{
	const char *text = json_text(value, "");

	if (strcmp(key, "InstanceId") != 0)
		add_field(arg, key, text);
	return true;
}

static void add_threshold(struct message *message, const struct alarm *alarm)
{
	if (alarm->comparison == NULL)
		return;
	if (isfinite(alarm->threshold))
		message_say(message, message_field(message, "Threshold"), "%s %s", alarm->comparison,
		            quantity(&message->mem, alarm->threshold, alarm->unit));
	else
		message_say(message, message_field(message, "Threshold"), "%s its expected band", alarm->comparison);
}

/* What was measured, and against which limit. */
static void add_measure(struct message *message, const struct alarm *alarm)
{
	add_field(message, "Namespace", alarm->namespace_);
	add_field(message, "Metric", alarm->metric);
	add_field(message, "Statistic", alarm->statistic);
	add_field(message, "Metric value", quantity(&message->mem, alarm->value, alarm->unit));
	add_threshold(message, alarm);
	add_field(message, "Rule", alarm->rule);
}

static void add_links(struct message *message, const struct alarm *alarm, const char *chat_url)
{
	char *console = alarm_console_url(alarm);

	if (console != NULL)
		message_link(message, message_field(message, "Console"), console, "CloudWatch alarm");
	if (chat_url != NULL)
		message_link(message, message_field(message, "Conversation"), chat_url, "Slack");
	free(console);
}

void report_build(struct message *message, const struct incident *incident, const struct alarm *alarm,
                  const struct config *config, const char *chat_url)
{
	message_init(message, TONE_NEUTRAL);
	add_field(message, "Client", config->jira.client);
	add_account(message, alarm, config);
	add_field(message, "Region", region_of(alarm));
	add_field(message, "Alarm", alarm->name);
	add_field(message, "Instance", runbook_instance_of(alarm));
	json_each(alarm->dimensions, add_dimension, message);
	add_time(message, "Timestamp", alarm->changed_ms);
	if (incident->opened_ms != alarm->changed_ms)
		add_time(message, "First fired", incident->opened_ms);
	add_field(message, "Current state", alarm_state_word(alarm->state));
	add_field(message, "Previous state", alarm_state_word(alarm->old_state));
	add_measure(message, alarm);
	add_field(message, "Reason", alarm->reason);
	add_field(message, "About", alarm->description);
	if (incident->late)
		add_field(message, "Late", LATE_WORDS);
	add_links(message, alarm, chat_url);
	message_say(message, message_field(message, "Incident"), "%s", incident->id);
}

size_t report_lines_of_next_comment(const struct incident *incident)
{
	const struct incident_lines *lines = &incident->comments;
	size_t taken = 0;

	if (lines->count > 0 && lines->items[0].title != NULL)
		return 1;
	while (taken < lines->count && taken < CHANGES_A_COMMENT && lines->items[taken].title == NULL)
		taken++;
	return taken;
}

static void add_change(struct message *message, const struct incident_line *change)
{
	struct message_line *line = message_paragraph(message);

	message_time(message, line, change->at_ms);
	message_say(message, line, "  ");
	if (change->old_state != NULL)
		message_say(message, line, "%s → ", alarm_state_word(change->old_state));
	message_bold(message, line, alarm_state_word(change->state));
	if (change->reason != NULL)
		message_say(message, line, "  %s", change->reason);
}

void report_build_comment(struct message *message, const struct incident *incident, size_t count, int64_t skipped)
{
	message_init(message, TONE_NEUTRAL);
	for (size_t i = 0; i < count && i < incident->comments.count; i++) {
		const struct incident_line *line = &incident->comments.items[i];
		const struct incident_act act = incident_act_of(line);

		if (line->title == NULL) {
			add_change(message, line);
			continue;
		}
		incident_act_say(message, message_paragraph(message), &act);
		if (line->code != NULL)
			message_code(message, line->code);
	}
	if (skipped > 0)
		message_say(message, message_paragraph(message), "and %lld more changes, too many to list",
		            (long long)skipped);
}
