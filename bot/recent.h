/*
 * recent.h - the newest state changes of one alarm, by their own time: what an incident compares a change with. What
 * people did about it is noted among them (earlier versions of the program leave that out when they read it).
 *
 * Plain numbers, because each change of each alarm looks at them, alters them and saves them.
 */
#ifndef BOT_RECENT_H
#define BOT_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct str;

#define RECENT_MAX 16
#define RECENT_ACTED "P" /* instead of a state: a person did something */

struct recent {
	size_t count;
	struct recent_change {
		int64_t at_ms;
		char state; /* first letter of an ALARM_STATE_*, or of RECENT_ACTED */
	} changes[RECENT_MAX]; /* the oldest first */
};

/* In its place by time; the oldest goes when there are too many. */
void recent_add(struct recent *recent, int64_t at_ms, const char *state);
bool recent_has(const struct recent *recent, int64_t at_ms, const char *state);
/* Whether a change to OK is known after `after_ms` and not after `until_ms`. */
bool recent_has_ok(const struct recent *recent, int64_t after_ms, int64_t until_ms);

/* As a JSON value: ["A1763780400000", "O+60000", ...], each but the first by the time since the one before it. */
void recent_print(const struct recent *recent, struct str *out);
/* Also with each time in full, and the form [{"t": at_ms, "s": state}, ...]; what is neither is left out. */
void recent_load(struct recent *recent, struct json_object *json);

#endif
