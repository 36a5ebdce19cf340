/*
 * summary_data.h - what one summary tells: incidents, noisy alarms, dashboards, silences, proposals, cost.
 *
 * In memory only; after a crash it is made again over the same time. Everything in it is a copy, so that it stays as it
 * is while incidents go on. Foreign text is kept as it came: whoever words it escapes or fences it.
 */
#ifndef COMMANDS_SUMMARY_DATA_H
#define COMMANDS_SUMMARY_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "commands/summary_firings.h"

struct bot;
struct dashboard_data;
struct summary_noise;
struct zone;

enum summary_kind { SUMMARY_DAILY, SUMMARY_WEEKLY, SUMMARY_ASKED };

struct summary_incident {
	char *id;
	char *alarm;            /* its name */
	char *account, *region; /* NULL: not known */
	char *state;            /* INCIDENT_* */
	char *reason;           /* the alarm's own words; NULL: none */
	char *channel, *link;   /* where its message is; link NULL: not known */
	char *holder;           /* the chat's id of who acknowledged it; NULL: nobody has */
	char *issue_key, *issue_url; /* NULL: none */
	char *proposed;         /* the proposal that waits for a decision; NULL: none */
	int64_t opened_ms, fired_ms; /* as struct incident has them */
	int64_t changed_ms;     /* since when it is in its state */
	int64_t resolved_ms;    /* 0: it is open */
	int64_t changes;        /* state changes in all */
	struct summary_firings ended; /* in the time that is told; of a resolved one always the last */
	bool is_new;            /* heard since since_ms that it opened, or opened again */
};

struct summary_silence {
	char *what;  /* alarm name or pattern */
	char *by;    /* the chat's id */
	char *reason; /* NULL: none */
	int64_t until_ms;
};

/* One dashboard. */
struct summary_look {
	char *name;
	struct dashboard_data *data; /* judged; NULL while not */
	char *why;                   /* it could not be read at all; NULL: it was */
};

struct summary_data {
	enum summary_kind kind;
	char *name;           /* of the schedule */
	char *timezone;
	struct zone *zone;
	int64_t since_ms, until_ms; /* what is told was heard in [since_ms, until_ms) */
	/* Open ones first, the oldest first; then those resolved since, newest first. */
	struct summary_incident *incidents;
	size_t incident_count, open_count;
	struct summary_silence *silences;   /* ending soonest first */
	size_t silence_count;
	struct summary_look *looks;         /* in the configuration's order */
	size_t look_count;
	struct summary_noise *noise; /* NULL: it was not computed */
	double spent_since, spent_month; /* dollars for the model; NaN: it has no price, or there is none */
};

/*
 * What is known without asking anybody: incidents as they were at until_ms, silences, cost. No dashboard is in it yet.
 * name, zone_name: NULL: asked, and the time zone of answers. ERR_USAGE: the zone cannot be read.
 */
struct summary_data *summary_data_new(struct bot *bot, enum summary_kind kind, const char *name, const char *zone_name,
                                      int64_t since_ms, int64_t until_ms, struct err *err) MUST_CHECK;
void summary_data_add_look(struct summary_data *data, const char *name);
/* All abnormal findings; looks that could not be read at all, or not whole. */
size_t summary_data_findings(const struct summary_data *data);
size_t summary_data_unread(const struct summary_data *data);
/* All firings that ended in the time that is told. */
struct summary_firings summary_data_ended(const struct summary_data *data);
void summary_data_free(struct summary_data *data); /* may be NULL */

#endif
