/*
 * summary_noise.h - the alarms that fired most since a time, each with what a quieter setting would have saved and
 * hidden (bot/noise.h), computed from the metric's own history.
 *
 * The record is that of the incidents (bot/incident_history.h): each firing one by one, also of one that flaps. The
 * setting is asked of CloudWatch (DescribeAlarms); where that may not be, its last notification's is taken, and it is
 * said. docs/SUMMARY.md.
 */
#ifndef COMMANDS_SUMMARY_NOISE_H
#define COMMANDS_SUMMARY_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/noise.h"

struct bot;
struct summary_noise_past;

#define SUMMARY_NOISE_MAX 5

/* One noisy alarm. */
struct summary_noise_row {
	char *alarm;              /* its name */
	char *fingerprint;
	char *incident;           /* id of its newest incident */
	size_t firings;           /* recorded, in the time that is told */
	bool is_judged;
	struct noise_report report; /* when it is judged */
	char *text;               /* for people: of the report, or how often it fired and why nothing is proposed */
	struct summary_noise_past *past; /* what is known of it before its metric is read; summary_noise_private.h */
};

struct summary_noise {
	int64_t from_ms, until_ms;
	struct summary_noise_row *rows; /* the noisiest first; only alarms that fired three times or more */
	size_t count;
	size_t left_out; /* such alarms beyond SUMMARY_NOISE_MAX */
};

/* Ranks by the incidents' history; nothing is read yet. */
struct summary_noise *summary_noise_new(struct bot *bot, int64_t from_ms, int64_t until_ms);
void summary_noise_free(struct summary_noise *noise); /* may be NULL; not while it is read */
/*
 * Reads each alarm's settings and metric and judges them on the worker. Success also when some or all could not be
 * judged: their text says why. ERR_CANCELLED: the program ends. span: "since Friday 09:00", "this week": for the
 * texts; borrowed during the call. done: never before this has returned. Each call to AWS has its deadline
 * (adapters/aws/aws.h). Once for each summary_noise_new.
 */
void summary_noise_read(struct bot *bot, struct summary_noise *noise, const char *span, struct done done);

#endif
