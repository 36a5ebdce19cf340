/*
 * say.h - times and values in words: for a model, for the check of what it says, and for people alike.
 */
#ifndef COMMANDS_SAY_H
#define COMMANDS_SAY_H

#include <stdint.h>

struct metric;
struct series_values;
struct str;
struct zone;

/* "09:05"; with its day where that is not the one of known_ms: "Wed 25 Nov 09:05". */
void say_time(struct str *out, const struct zone *zone, int64_t at_ms, int64_t known_ms);
void say_date(struct str *out, const struct zone *zone, int64_t at_ms); /* "2026-11-26 09:05" */
void say_quantity(struct str *out, double value, const char *unit);
void say_span(struct str *out, double low, double high, const char *unit); /* "0.12 to 0.19 s" */
/* "least 0.12 s at 03:00, greatest 1.5 s at 09:05, mean 0.2 s, last 0.19 s at 14:15"; "no value". */
void say_values(struct str *out, const struct zone *zone, const struct series_values *values, int64_t known_ms,
                const char *unit);
/* "median 0.15 s, 9 of 10 values 0.13 to 0.17 s"; nothing where that is not known. */
void say_usual(struct str *out, const struct series_values *values, const char *unit);
/* "normal: below 0.5 s"; nothing where no limit is configured. Ends the line. */
void say_limits(struct str *out, const struct metric *metric);

#endif
