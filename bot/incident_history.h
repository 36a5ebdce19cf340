/*
 * incident_history.h - every firing of an alarm, one by one, also of one that flaps: its incident counts as one, and
 * remembers only its newest changes (bot/recent.h).
 *
 * Whenever RECENT_MAX more have come, those that are remembered then become one document of their own in the journal
 * (kind "incident_changes", key "<number>.<incident>"), never touched again: a change costs a sixteenth of a small
 * document, and those of alarms that do not flap nothing. At most the newest INCIDENT_HISTORY_BLOCKS are kept of an
 * incident, and none longer than it.
 *
 * What people did is among the changes, so that it is known for which firing (RECENT_ACTED).
 */
#ifndef BOT_INCIDENT_HISTORY_H
#define BOT_INCIDENT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/recent.h"

struct incident;
struct incidents;

#define INCIDENT_HISTORY_BLOCKS 128 /* of RECENT_MAX: 2,048 changes */

/*
 * Somebody did something about it: opened or updated its issue, ordered or approved a runbook (who acknowledged it is
 * its holder). Saved. Again before the alarm's next change it is no news.
 */
void incident_acted(struct incidents *incidents, struct incident *incident);

/* After a change, or what somebody did, was added to incident->recent; into the open journal batch. */
void incident_history_note(struct incidents *incidents, struct incident *incident);
/* Reads the journal (blocking, at start), after the incidents. */
bool incident_history_load(struct incidents *incidents, struct err *err) MUST_CHECK;
/* Takes its documents away, in the open journal batch. */
void incident_history_forget(struct incidents *incidents, const struct incident *incident);

/* All that is known, the oldest first: *count of them. free() it. */
struct recent_change *incident_history_take(const struct incident *incident, size_t *count);
/* How many firings began in [from_ms, until_ms), at a glance: changes that came out of their order may count twice. */
size_t incident_history_count(const struct incident *incident, int64_t from_ms, int64_t until_ms);
/* Whether those are all there were since it was opened. */
bool incident_history_is_whole(const struct incident *incident, size_t count);

#endif
