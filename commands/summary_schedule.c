#include "commands/summary_schedule.h"

#include <stdio.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/config.h"
#include "bot/cron.h"
#include "bot/json.h"
#include "bot/schedule.h"
#include "bot/zone.h"
#include "commands/summary.h"

#define ZONE_NAME_SIZE 64
#define PAIRS_KNOWN 32
#define DAY_MS (24 * 3600 * INT64_C(1000))

static const char *line_of(const struct config *config, const struct config_dashboard *dashboard)
{
	return dashboard->schedule != NULL ? dashboard->schedule : config->summary.schedule;
}

/* However they are written: "1-5" and "mon-fri". */
static bool is_same_line(const char *left, const char *right)
{
	struct cron a, b;
	struct err err;

	if (strcmp(left, right) == 0)
		return true;
	if (!cron_parse(left, &a, &err) || !cron_parse(right, &b, &err))
		return false;
	return a.minutes == b.minutes && a.hours == b.hours && a.days == b.days && a.months == b.months &&
	       a.weekdays == b.weekdays && a.by_clock == b.by_clock && a.both_days == b.both_days;
}

static bool read_is_same_zone(const char *left, const char *right)
{
	struct err err;
	struct zone *a = zone_load(left, &err), *b = zone_load(right, &err);
	bool same = a != NULL && b != NULL && zone_is_same(a, b);

	zone_free(a);
	zone_free(b);
	return same;
}

/* Each pair is read once: many dashboards name the same two, and their files take a while. */
static bool is_same_zone(const char *left, const char *right)
{
	static struct pair {
		char left[ZONE_NAME_SIZE], right[ZONE_NAME_SIZE];
		bool same;
	} pairs[PAIRS_KNOWN];
	static size_t next;
	struct pair *pair;

	if (strcmp(left, right) == 0)
		return true;
	for (size_t i = 0; i < PAIRS_KNOWN; i++)
		if (strcmp(pairs[i].left, left) == 0 && strcmp(pairs[i].right, right) == 0)
			return pairs[i].same;
	if (strlen(left) >= ZONE_NAME_SIZE || strlen(right) >= ZONE_NAME_SIZE)
		return read_is_same_zone(left, right);
	pair = &pairs[next++ % PAIRS_KNOWN];
	(void)snprintf(pair->left, sizeof(pair->left), "%s", left);
	(void)snprintf(pair->right, sizeof(pair->right), "%s", right);
	pair->same = read_is_same_zone(left, right);
	return pair->same;
}

static bool is_in(const struct config *config, const struct config_dashboard *dashboard,
                  const struct summary_group *group)
{
	const char *line = line_of(config, dashboard);

	if (group->kind == SUMMARY_WEEKLY)
		return true;
	return line != NULL && strcmp(dashboard->channel, group->channel) == 0 && is_same_line(line, group->cron) &&
	       is_same_zone(dashboard->timezone, group->timezone);
}

static bool is_in_one_of(const struct config *config, const struct config_dashboard *dashboard,
                         const struct summary_group *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (groups[i].kind != SUMMARY_WEEKLY && is_in(config, dashboard, &groups[i]))
			return true;
	return false;
}

/* Without its line, so that it is the same schedule when that changes, unless another one has that channel and zone. */
static const char *name_of(const char *line, const struct config_dashboard *dashboard,
                           const struct summary_group *groups, size_t count, struct mem *mem)
{
	const char *name = mem_printf(mem, "%s %s", dashboard->channel, dashboard->timezone);

	for (size_t i = 0; i < count; i++)
		if (strcmp(groups[i].name, name) == 0)
			return mem_printf(mem, "%s %s", name, line);
	return name;
}

static struct summary_group group_of(const struct config *config, const struct config_dashboard *dashboard,
                                     const struct summary_group *groups, size_t count, struct mem *mem)
{
	const char *line = line_of(config, dashboard);

	return (struct summary_group){
		.name = name_of(line, dashboard, groups, count, mem),
		.kind = SUMMARY_DAILY,
		.cron = line,
		.timezone = dashboard->timezone,
		.channel = dashboard->channel,
	};
}

size_t summary_groups(const struct config *config, struct mem *mem, struct summary_group **groups)
{
	struct summary_group *all = mem_zalloc(mem, (config->dashboards.count + 2) * sizeof(*all));
	struct summary_group general = { .timezone = config->summary.timezone, .channel = config->summary.channel };
	size_t count = 0;

	if (config->summary.schedule != NULL) {
		general.name = "daily";
		general.kind = SUMMARY_DAILY;
		general.cron = config->summary.schedule;
		all[count++] = general;
	}
	if (config->summary.weekly != NULL) {
		general.name = "weekly";
		general.kind = SUMMARY_WEEKLY;
		general.cron = config->summary.weekly;
		all[count++] = general;
	}
	for (size_t i = 0; i < config->dashboards.count; i++) {
		const struct config_dashboard *dashboard = &config->dashboards.items[i];

		if (line_of(config, dashboard) == NULL || is_in_one_of(config, dashboard, all, count))
			continue;
		all[count] = group_of(config, dashboard, all, count, mem);
		count++;
	}
	*groups = all;
	return count;
}

struct json_object *summary_group_dashboards(const struct config *config, const struct summary_group *group)
{
	struct json_object *names = json_new_array();

	for (size_t i = 0; i < config->dashboards.count; i++)
		if (group == NULL || is_in(config, &config->dashboards.items[i], group))
			json_append(names, json_new_string(config->dashboards.items[i].name));
	return names;
}

static int64_t due_before(const struct summary_group *group, int64_t scheduled_ms)
{
	struct cron cron;
	struct err err;
	struct zone *zone = zone_load(group->timezone, &err);
	int64_t before = CRON_NEVER;

	if (zone != NULL && cron_parse(group->cron, &cron, &err))
		before = cron_previous(&cron, zone, scheduled_ms - 1);
	zone_free(zone);
	return before;
}

int64_t summary_since(const struct summary_group *group, int64_t told_ms, int64_t scheduled_ms)
{
	int64_t since_ms = told_ms > 0 && told_ms < scheduled_ms ? told_ms : due_before(group, scheduled_ms);

	if (since_ms == CRON_NEVER) /* the only time there is */
		since_ms = scheduled_ms - (group->kind == SUMMARY_WEEKLY ? 7 * DAY_MS : DAY_MS);
	return since_ms < scheduled_ms - SUMMARY_SINCE_MAX_MS ? scheduled_ms - SUMMARY_SINCE_MAX_MS : since_ms;
}

bool summary_is_part(const struct schedules *schedules, const struct summary_group *weekly,
                     const struct summary_group *group, int64_t scheduled_ms)
{
	return weekly->kind == SUMMARY_WEEKLY && group->kind == SUMMARY_DAILY &&
	       strcmp(weekly->channel, group->channel) == 0 &&
	       schedule_is_due(schedules, weekly->name, scheduled_ms) &&
	       schedule_is_due(schedules, group->name, scheduled_ms);
}

bool summary_set_schedules(struct bot *bot, struct schedules *schedules, struct err *err)
{
	struct mem mem = { 0 };
	struct summary_group *groups;
	size_t count = summary_groups(bot->config, &mem, &groups);
	struct schedule_line *lines = mem_zalloc(&mem, (count + 1) * sizeof(*lines));
	bool good;

	for (size_t i = 0; i < count; i++)
		lines[i] = (struct schedule_line){ groups[i].name, groups[i].cron, groups[i].timezone };
	good = schedule_set(schedules, lines, count, err);
	mem_free_all(&mem);
	return good;
}
