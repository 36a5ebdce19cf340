/*
 * clock.h - the only place that asks what time it is.
 *
 * Tests replace both clocks. All times are milliseconds; wall times since 1970-01-01 UTC.
 */
#ifndef BOT_CLOCK_H
#define BOT_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void); /* never goes back; its zero means nothing */
int64_t clock_mono_us(void);
int64_t clock_thread_us(void); /* CPU time of the calling thread so far */

/*
 * The wall clock as the rest of the world has it: what a message's age is measured by, and what others are asked
 * "since then?" with. It is the wall clock while that agrees, within a minute, with the times that were heard; else
 * the time heard last, carried on by the monotonic clock, so that a step of the wall clock changes nothing. On the
 * loop's thread.
 */
int64_t clock_true_ms(void);
/* date_ms: from the answer of somebody whose clock is right, just now. 0: none was given. Logs when we are wrong. */
void clock_heard(int64_t date_ms);
/* A saved clock_true_ms(), for a look-up from then on. One that lies ahead was taken by a clock that was wrong
 * and unnoticed: then a day before now. */
int64_t clock_true_since_ms(int64_t then_ms);

/* For tests: NULL restores the real clock. The function gives wall and monotonic ms alike. */
void clock_replace(int64_t (*now_ms)(void));

/*
 * Every wait of ours (retry, poll, reconcile, re-notify, pacing) goes through this, so that
 * TOCSIN_TIME_SCALE can shorten them all. Deadlines on others do not. Never below 1.
 */
int64_t clock_wait_ms(int64_t ms);
void clock_set_scale(double scale); /* 1.0 by default */
double clock_scale(void);

#define CLOCK_TEXT_SIZE 32
/* "2026-11-21T03:00:00.000Z" into out. */
void clock_format_iso(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);
/* Reads RFC 3339 and AWS's cousins: offset +0000, +00:00 or Z, with or without fraction of a
 * second. No zone is UTC. Anything else: false. */
bool clock_parse_iso(const char *text, int64_t *wall_ms);
/* 1970-01-01 is day 0 (days from civil, by the months' lengths from March on). month: 1 ... 12 */
int64_t clock_day_number(int year, int month, int day);
/* Seconds since 1970 of a date and time of the calendar in UTC. As timegm, which looks the system's zone up, under a
 * lock, and makes dates right that are in no calendar. */
int64_t clock_utc_s(const struct tm *tm);
/* "42 s", "12 min", "3 h 20 min", "2 d 4 h": for people, never negative. */
void clock_format_duration(int64_t ms, char out[CLOCK_TEXT_SIZE]);

#endif
