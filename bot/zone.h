/*
 * zone.h - local time in any zone of the system's time zone database.
 *
 * glibc knows one zone a process, so the TZif files (RFC 9636) are read here; times after the last transition follow
 * the file's POSIX rule. "UTC" needs no file.
 */
#ifndef BOT_ZONE_H
#define BOT_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct zone;

struct zone_time {
	int year, month /* 1-12 */, day /* 1-31 */, hour, minute, second;
	int weekday;          /* 0 Sunday ... 6 Saturday */
	int offset_s;         /* local - UTC */
	char abbreviation[8]; /* "JST", "UTC" */
};

/* name: "Asia/Tokyo". ERR_USAGE: no such zone, or its file is damaged. Immutable: may be used by several threads. */
struct zone *zone_load(const char *name, struct err *err) MUST_CHECK;
void zone_free(struct zone *zone);
const char *zone_name(const struct zone *zone);
void zone_local(const struct zone *zone, int64_t wall_ms, struct zone_time *local);
/* The instant of this local time. One that occurs twice: the first; one that is skipped: the instant of the jump. */
int64_t zone_instant(const struct zone *zone, int year, int month, int day, int hour, int minute);
/* The last local midnight (begin of the day) at or before then. */
int64_t zone_day_start(const struct zone *zone, int64_t wall_ms);

#endif
