/*
 * zone.h - local time in any zone of the system's time zone database.
 *
 * glibc knows one zone a process, so the TZif files (RFC 9636) are read here; times after the last transition follow
 * the file's POSIX rule. "UTC" needs no file.
 */
#ifndef BOT_ZONE_H
#define BOT_ZONE_H

#include <stdbool.h>
#include <stddef.h>
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
/* Of the bytes of such a file, which may be damaged in any way. */
struct zone *zone_read(const char *name, const unsigned char *bytes, size_t size, struct err *err) MUST_CHECK;
void zone_free(struct zone *zone);
const char *zone_name(const struct zone *zone);
/* The same time and abbreviation at every instant, whatever they are called: UTC and Etc/UTC. */
bool zone_is_same(const struct zone *a, const struct zone *b);
/* Letters, digits and "/_+-", a letter first, at most 63: it cannot lead out of the database. */
bool zone_name_is_valid(const char *name);

void zone_local(const struct zone *zone, int64_t wall_ms, struct zone_time *local);
/*
 * The instant of this local time. One that occurs twice: the first; one that is skipped: the instant of the jump.
 * Members out of range carry over: hour 24 is the next day's midnight, day 0 the last one of the month before.
 */
int64_t zone_instant(const struct zone *zone, int year, int month, int day, int hour, int minute);
/* The first instant of that local day: midnight, or where midnight is skipped what comes instead. */
int64_t zone_day_start(const struct zone *zone, int64_t wall_ms);

#endif
