/*
 * report.h - a state change in all its details, for the issue and the mail: what a person who was
 * not in the channel must know. The chat's own wording is bot/card.h.
 */
#ifndef BOT_REPORT_H
#define BOT_REPORT_H

#include <stddef.h>
#include <stdint.h>

struct alarm;
struct config;
struct incident;
struct json_object;
struct message;

/* "Example Corp | prod | i-0123 | CPUUtilization | Metric Value: 93.1"; without an instance the
 * alarm's name stands in its place, without a value "NA". One line. free() it. */
char *report_summary(const struct alarm *alarm, const struct config *config);
/* "ALARM: cpu-high, CPUUtilization on i-0123 (prod/eu-west-1) [incident 7]". free() it. */
char *report_subject(const struct incident *incident, const struct alarm *alarm, const struct config *config);
/* The details, one field each. chat_url: of the incident's message, or NULL. message is
 * initialised here. */
void report_build(struct message *message, const struct incident *incident, const struct alarm *alarm,
                  const struct config *config, const char *chat_url);
/* The first `count` lines that wait for the issue, as one comment, and `skipped` changes that are
 * only counted. message is initialised here. */
void report_build_comment(struct message *message, const struct incident *incident, size_t count, int64_t skipped);
/* How many of the waiting lines belong into the next comment: changes go together, a text alone. */
size_t report_lines_of_next_comment(const struct incident *incident);

#endif
