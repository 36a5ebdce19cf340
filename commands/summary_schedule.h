/*
 * summary_schedule.h - which summaries the configuration asks for, and since when each of them tells.
 */
#ifndef COMMANDS_SUMMARY_SCHEDULE_H
#define COMMANDS_SUMMARY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/mem.h"
#include "commands/summary_data.h"

struct config;
struct json_object;
struct schedules;

#define SUMMARY_SINCE_MAX_MS (31 * 24 * 3600 * INT64_C(1000)) /* the furthest that a summary reaches back */

/* One summary: all dashboards with the same times, zone and channel. Strings are the configuration's, or in mem. */
struct summary_group {
	const char *name; /* of its schedule: "daily", "weekly", or channel and zone (and line, if need be) */
	enum summary_kind kind;
	const char *cron, *timezone, *channel;
};

/* Those of the configuration: the daily one, the weekly one, then those of dashboards that have a line of their own or
 * belong into another channel or zone. *groups lives in mem. */
size_t summary_groups(const struct config *config, struct mem *mem, struct summary_group **groups);
/* The names of its dashboards, as an array; the caller's. group NULL: all there are. */
struct json_object *summary_group_dashboards(const struct config *config, const struct summary_group *group);
/* What a run at scheduled_ms tells begins where the one before ended (told_ms; 0: none), else when that was due. */
int64_t summary_since(const struct summary_group *group, int64_t told_ms, int64_t scheduled_ms);
/*
 * Both are due at that time, in one channel: the weekly one tells what the other would, over a time that has that of
 * the other in it, so that there is one message.
 */
bool summary_is_part(const struct schedules *schedules, const struct summary_group *weekly,
                     const struct summary_group *group, int64_t scheduled_ms);

#endif
