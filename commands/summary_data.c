#include "commands/summary_data.h"

#include <math.h>
#include <stdlib.h>

#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/chat.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/mem.h"
#include "bot/silence.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"
#include "commands/summary_noise.h"

/* --- incidents --- */

struct gathering {
	struct bot *bot;
	struct summary_data *data;
};

static bool was_open(const struct summary_incident *incident)
{
	return incident->resolved_ms == 0;
}

/* What is heard late, after a summary that it belonged into, is the next one's: none would tell it otherwise. */
static int64_t known_ms(int64_t heard_ms, int64_t at_ms)
{
	return heard_ms != 0 ? heard_ms : at_ms;
}

static bool belongs(const struct incident *incident, const struct summary_data *data)
{
	/* Of the first firing of several it is no longer known when it was heard. */
	int64_t heard_ms = incident->reopened > 0 ? 0 : incident->fired_heard_ms;

	if (incident->opened_ms == 0 || known_ms(heard_ms, incident->opened_ms) >= data->until_ms)
		return false;
	return incident_is_open(incident) ||
	       known_ms(incident->resolved_heard_ms, incident->resolved_ms) >= data->since_ms;
}

/* The last firing by what the incident says, which somebody may have ended; those before it by its history. */
static struct summary_firings ended_of(const struct incident *incident, const struct summary_data *data, bool is_over)
{
	struct summary_firings ended = { 0 };
	size_t count;
	struct recent_change *changes = incident_history_take(incident, &count);
	int64_t until_ms = incident->fired_ms < data->until_ms ? incident->fired_ms : data->until_ms;

	summary_firings_of(&ended, changes, count, data->since_ms, until_ms);
	if (is_over)
		summary_firings_add(&ended, incident->resolved_ms - incident->fired_ms);
	free(changes);
	return ended;
}

static void add_incident(void *arg, struct incident *incident)
{
	const struct gathering *gathering = arg;
	struct summary_data *data = gathering->data;
	const struct chat_ops *ops = gathering->bot->chat->ops;
	struct summary_incident *row;
	bool is_over;

	if (!belongs(incident, data))
		return;
	data->incidents = mem_resize(data->incidents, (data->incident_count + 1) * sizeof(*row));
	row = &data->incidents[data->incident_count++];
	is_over = !incident_is_open(incident) &&
	          known_ms(incident->resolved_heard_ms, incident->resolved_ms) < data->until_ms;
	*row = (struct summary_incident){
		.id = mem_copy_string(incident->id),
		.alarm = mem_copy_string(incident->alarm.name == NULL ? "?" : incident->alarm.name),
		.account = mem_copy_string(incident->alarm.account),
		.region = mem_copy_string(incident->alarm.region),
		.state = mem_copy_string(incident->state),
		.reason = mem_copy_string(incident->alarm.reason),
		.channel = mem_copy_string(incident->channel),
		.holder = mem_copy_string(incident->holder),
		.issue_key = mem_copy_string(incident->issue_key),
		.issue_url = mem_copy_string(incident->issue_url),
		.proposed = incident->proposal == NULL ? NULL : mem_copy_string(incident->proposed),
		.opened_ms = incident->opened_ms,
		.fired_ms = incident->fired_ms,
		.changed_ms = incident->changed_ms,
		.resolved_ms = is_over ? incident->resolved_ms : 0,
		.changes = incident->changes,
		.ended = ended_of(incident, data, is_over),
		.is_new = known_ms(incident->fired_heard_ms, incident->fired_ms) >= data->since_ms,
	};
	if (incident->message != NULL)
		row->link = ops->permalink(gathering->bot->chat, incident->channel, incident->message);
}

static int by_id(const struct summary_incident *a, const struct summary_incident *b)
{
	long long x = strtoll(a->id, NULL, 10), y = strtoll(b->id, NULL, 10);

	return (x > y) - (x < y);
}

/* Open ones first, the oldest first; then those that are over, newest first. */
static int in_order(const void *left, const void *right)
{
	const struct summary_incident *a = left, *b = right;
	int64_t x = was_open(a) ? a->fired_ms : -a->resolved_ms, y = was_open(b) ? b->fired_ms : -b->resolved_ms;

	if (was_open(a) != was_open(b))
		return was_open(a) ? -1 : 1;
	return x != y ? (x > y) - (x < y) : by_id(a, b);
}

static void gather_incidents(struct bot *bot, struct summary_data *data)
{
	struct gathering gathering = { bot, data };

	incidents_each(bot->incidents, add_incident, &gathering);
	if (data->incident_count > 0)
		qsort(data->incidents, data->incident_count, sizeof(*data->incidents), in_order);
	while (data->open_count < data->incident_count && was_open(&data->incidents[data->open_count]))
		data->open_count++;
}

/* --- silences --- */

static void add_silence(void *arg, const struct silence *silence)
{
	struct summary_data *data = arg;

	data->silences = mem_resize(data->silences, (data->silence_count + 1) * sizeof(*data->silences));
	data->silences[data->silence_count++] = (struct summary_silence){
		.what = mem_copy_string(silence->pattern),
		.by = mem_copy_string(silence->by),
		.reason = mem_copy_string(silence->reason),
		.until_ms = silence->until_ms,
	};
}

/* --- cost --- */

static int64_t month_start(int64_t ms)
{
	char iso[CLOCK_TEXT_SIZE], first[CLOCK_TEXT_SIZE];
	int64_t start_ms = ms;

	clock_format_iso(ms, iso);
	(void)snprintf(first, sizeof(first), "%.7s-01T00:00:00Z", iso);
	(void)clock_parse_iso(first, &start_ms);
	return start_ms;
}

static void gather_cost(struct bot *bot, struct summary_data *data)
{
	const struct budget_tokens none = { 0 };

	data->spent_since = data->spent_month = (double)NAN;
	if (bot->config->bedrock.model == NULL || isnan(budget_price(bot->config, &none)))
		return;
	data->spent_since = budget_spent(bot->budget, data->since_ms);
	data->spent_month = budget_spent(bot->budget, month_start(data->until_ms));
}

/* --- the whole --- */

struct summary_data *summary_data_new(struct bot *bot, enum summary_kind kind, const char *name, const char *zone_name,
                                      int64_t since_ms, int64_t until_ms, struct err *err)
{
	const char *used = zone_name == NULL ? bot->config->answers.timezone : zone_name;
	struct zone *zone = zone_load(used, err);
	struct summary_data *data;

	if (zone == NULL)
		return NULL;
	data = mem_alloc(sizeof(*data));
	data->kind = kind;
	data->name = mem_copy_string(name == NULL ? "asked" : name);
	data->timezone = mem_copy_string(used);
	data->zone = zone;
	data->since_ms = since_ms;
	data->until_ms = until_ms;
	gather_incidents(bot, data);
	silences_each(bot->silences, add_silence, data);
	gather_cost(bot, data);
	return data;
}

void summary_data_add_look(struct summary_data *data, const char *name)
{
	data->looks = mem_resize(data->looks, (data->look_count + 1) * sizeof(*data->looks));
	data->looks[data->look_count++] = (struct summary_look){ .name = mem_copy_string(name) };
}

size_t summary_data_findings(const struct summary_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->look_count; i++)
		if (data->looks[i].data != NULL)
			count += dashboard_data_abnormal(data->looks[i].data);
	return count;
}

size_t summary_data_unread(const struct summary_data *data)
{
	size_t count = 0;

	for (size_t i = 0; i < data->look_count; i++)
		count += data->looks[i].data == NULL || !dashboard_data_is_whole(data->looks[i].data);
	return count;
}

struct summary_firings summary_data_ended(const struct summary_data *data)
{
	struct summary_firings all = { 0 };

	for (size_t i = 0; i < data->incident_count; i++)
		summary_firings_add_all(&all, &data->incidents[i].ended);
	return all;
}

static void free_incident(struct summary_incident *incident)
{
	free(incident->id);
	free(incident->alarm);
	free(incident->account);
	free(incident->region);
	free(incident->state);
	free(incident->reason);
	free(incident->channel);
	free(incident->link);
	free(incident->holder);
	free(incident->issue_key);
	free(incident->issue_url);
	free(incident->proposed);
}

void summary_data_free(struct summary_data *data)
{
	if (data == NULL)
		return;
	for (size_t i = 0; i < data->incident_count; i++)
		free_incident(&data->incidents[i]);
	for (size_t i = 0; i < data->silence_count; i++) {
		free(data->silences[i].what);
		free(data->silences[i].by);
		free(data->silences[i].reason);
	}
	for (size_t i = 0; i < data->look_count; i++) {
		free(data->looks[i].name);
		free(data->looks[i].why);
		dashboard_data_free(data->looks[i].data);
	}
	summary_noise_free(data->noise);
	free(data->incidents);
	free(data->silences);
	free(data->looks);
	free(data->name);
	free(data->timezone);
	zone_free(data->zone);
	free(data);
}
