/*
 * schedule.h - what is to be done at the times of a cron line, each time at most once, whatever happens to the process,
 * the clock or the configuration.
 *
 * Each schedule has a name and one journal document (kind "schedule", key: the name): its line and zone, since when
 * they hold, the due times that were run, the last SCHEDULE_REMEMBERED of them, and up to when what was run has told.
 * What a run starts is put into the same commit. The rule, at any time of the wall clock:
 *
 *   the newest due time that is not in the future is run, unless it was run already; earlier ones that were missed with
 *   it are not made up for. When it is more than SCHEDULE_LATE_MS ago, it is skipped, and that is said in the log.
 *
 * So a run that was missed (the process was down, the disk was) is caught up once, with the first look afterwards.
 *
 * Clock. When it steps forward, that is like having been down; when it steps back, what was run stays so, and what it
 * had stepped over is due again in its time. A due time that is older than all remembered ones counts as run, unless
 * the clock was ahead by more than SCHEDULE_AHEAD_MS: then only the remembered ones do.
 *
 * Configuration. A new schedule begins when it is first seen: nothing before is due. When line or zone change, what the
 * old ones had due until then is run still; the new ones count from there. A schedule that is taken out is forgotten.
 *
 * Waits are for the wall clock, so no time scale shortens them; it is looked at again every SCHEDULE_LOOK_MS at least,
 * since timers do not know when it was set, or the machine slept.
 */
#ifndef BOT_SCHEDULE_H
#define BOT_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct journal;
struct loop;
struct schedules;

#define SCHEDULE_LATE_MS (12 * INT64_C(3600000))
#define SCHEDULE_AHEAD_MS (24 * INT64_C(3600000))
#define SCHEDULE_LOOK_MS INT64_C(60000)
#define SCHEDULE_REMEMBERED 100

/* One schedule of the configuration. name: unique, at most 512 bytes. */
struct schedule_line {
	const char *name, *cron, *timezone;
};

/*
 * Loads what was remembered (blocking, before the loop runs); nothing is due before schedule_set. due() puts what it
 * starts into the open journal batch (flow_start) and must not commit: the batch gets the schedule's document too and
 * is committed by the caller of due(). scheduled_ms: the wall time it was due. due() must not call schedule_set or
 * schedule_free. NULL: the journal could not be read.
 */
struct schedules *schedule_new(struct loop *loop, struct journal *journal,
                               void (*due)(void *arg, const char *name, int64_t scheduled_ms), void *arg,
                               struct err *err) MUST_CHECK;
void schedule_free(struct schedules *schedules); /* NULL: nothing */

/*
 * All schedules there are, at start and whenever the configuration may have changed; looks for what is due with the
 * loop's next pass. Copies. ERR_USAGE: a line or zone is wrong; then nothing has changed.
 */
bool schedule_set(struct schedules *schedules, const struct schedule_line *lines, size_t count,
                  struct err *err) MUST_CHECK;
/* Nothing is due any more (the process is about to end). */
void schedule_stop(struct schedules *schedules);

/* Runs what is due now. Returns for how long nothing is, at most SCHEDULE_LOOK_MS. The timer's work; for tests. */
int64_t schedule_look(struct schedules *schedules);

/* What was run has done its work up to that wall time: the next run begins there, also when it was late or when others
 * in between came to nothing. Into the open journal batch. Never goes back, unless the clock did. Unknown name:
 * nothing. */
void schedule_set_told(struct schedules *schedules, const char *name, int64_t until_ms);
/* 0: never, or by a clock that was ahead. */
int64_t schedule_told(const struct schedules *schedules, const char *name);

/* Whether that is a due time of it that was run or will be: there is such a schedule, it was in force then, and it is
 * not SCHEDULE_LATE_MS ago. */
bool schedule_is_due(const struct schedules *schedules, const char *name, int64_t at_ms);

/* The next due time; 0: there is none, or no such schedule. */
int64_t schedule_next(const struct schedules *schedules, const char *name);

#endif
