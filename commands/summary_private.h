/* summary_private.h - what a summary's flow remembers; for commands/summary.c and summary_thread.c alone. */
#ifndef COMMANDS_SUMMARY_PRIVATE_H
#define COMMANDS_SUMMARY_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/flow.h"
#include "commands/command.h"
#include "commands/summary_picture.h"

struct json_object;
struct summary_data;

#define SUMMARY_CHARTS_MAX 4 /* of one dashboard in the thread: all of it, and its strongest findings */

struct summary {
	struct origin origin;  /* user NULL: by schedule */
	int64_t kind;          /* enum summary_kind */
	char *name, *timezone; /* NULL: asked */
	char *unknown;         /* what was asked for, and is none */
	struct json_object *dashboards; /* their names */
	struct json_object *parts;      /* a weekly one: names of the daily ones that it tells, too */
	int64_t since_ms, until_ms;     /* the same after a crash */
	char *words, *note;    /* a model's */
	bool words_over;       /* it was asked, whatever came of it */
	bool shown;            /* the text is */
	bool remembered;       /* by the thread */
	bool picture_over;     /* it is there, or cannot be */
	int64_t readable;      /* metrics, when it was shown */
	char *trouble;         /* what else the reader must know */
	char *image, *alt;     /* of the small multiples */
	int64_t told;          /* places of the thread that are over, see summary_thread.c */
	int64_t told_looks;    /* of them: dashboards that were told of */
	char *told_message, *chart; /* scratch, as is all below */
	struct summary_data *data; /* NULL: to be read (again) */
	struct summary_words *wording; /* NULL: none, or lost with its process */
	struct summary_picture *picture;
	char *charts[SUMMARY_CHARTS_MAX], *charts_alt[SUMMARY_CHARTS_MAX]; /* of the next dashboard in the thread */
	int64_t chart_count;
	bool charts_over;      /* there are no more of it */
	int64_t progress_ms;   /* when it was last told; monotonic */
};

/* The steps of the thread (summary_thread.c), in this order. */
flow_step_fn summary_thread_next, summary_thread_upload, summary_thread_take, summary_thread_post, summary_thread_find,
	summary_thread_told;
void summary_thread_drop_charts(struct summary *summary);
/* Without the chart that failed. */
void summary_thread_no_more_charts(struct summary *summary);
bool summary_thread_is_over(const struct summary *summary);

#endif
