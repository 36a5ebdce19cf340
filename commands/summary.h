/*
 * summary.h - the daily and the weekly summary: one message by schedule, or when somebody asks for it.
 */
#ifndef COMMANDS_SUMMARY_H
#define COMMANDS_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct bot;
struct flow_plan;
struct schedules;

extern const struct flow_plan summary_plan;

/* The schedules of the configuration, at start and after each reload. ERR_USAGE: a line or zone is wrong. */
bool summary_set_schedules(struct bot *bot, struct schedules *schedules, struct err *err) MUST_CHECK;
/* For schedule_new; arg: the bot. Puts the summary's flow into the open journal batch. */
void summary_due(void *arg, const char *name, int64_t scheduled_ms);

#endif
