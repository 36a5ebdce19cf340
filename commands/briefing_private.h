/*
 * briefing_private.h - what the parts of a briefing share; for commands/briefing*.c alone, and their tests.
 *
 * briefing.c reads, briefing_choose.c says what; briefing_values.c computes what a series did; briefing_text.c
 * words it for a model, briefing_evidence.c for the check, briefing_plain.c for people.
 *
 * These words are made on the worker's thread: they touch the briefing alone, and nothing that the bot holds.
 */
#ifndef COMMANDS_BRIEFING_PRIVATE_H
#define COMMANDS_BRIEFING_PRIVATE_H

#include "adapters/aws/alarm_lines.h"
#include "adapters/aws/metrics_table.h"
#include "bot/metric.h"
#include "bot/question.h"
#include "bot/zone.h"
#include "commands/briefing.h"
#include "commands/dashboard_data.h"
#include "commands/say.h"
#include "commands/series_values.h"

struct str;

#define BRIEFING_BASELINE_MS (14 * 24 * 3600 * 1000LL) /* of an alarm's metrics, as dashboards have it */
#define BRIEFING_BEFORE_MS (3600 * 1000LL)             /* at least so much before the range is shown, too */

/* Where metrics come from: a dashboard, or the alarm of the thread's incident. */
struct briefing_place {
	char *name;
	int64_t baseline_ms;
	char *table; /* of metrics; NULL: none */
	bool is_alarm;
	struct metrics_table read;
	char *no_table; /* why it could not be read */
	struct config_list alarms; /* whose metrics are of this place, too; a copy, since the configuration may be
	                            * replaced before they are asked for. No items: none */
	char *alarms_account, *alarms_region;
	struct alarm_lines lines;
	char *no_alarms; /* why they could not be listed */
};

struct briefing_candidate {
	struct metric metric;
	size_t place;
	double score;        /* how well it suits the question */
	bool watched;        /* by the alarm of the thread's incident */
	bool chosen, needed; /* needed: an expression that is chosen computes with it */
};

struct briefing_look {
	struct briefing *briefing;
	size_t place;
	struct dashboard_data *data;
	char *why;       /* it could not be read at all; NULL: it was */
	size_t finished; /* metrics */
};

#define BRIEFING_OPEN_SHOWN 5

/* Of an open incident. */
struct briefing_open {
	char *name, *state; /* state: since when, which one, on what condition */
};

struct briefing {
	struct bot *bot;
	char *question, *earlier; /* earlier may be NULL */
	char *incident;           /* id, of the thread; NULL: none */
	char *topic;              /* places of the thread's, as struct conversation_topic has them; NULL: none */
	int64_t now_ms;
	char *timezone;
	struct zone *zone;
	struct question range;
	struct briefing_place *places;
	size_t place_count;
	struct briefing_candidate *candidates;
	size_t candidate_count;
	double best;        /* score */
	size_t chosen;      /* of them */
	size_t left_out;    /* visible ones that suit, and are too many */
	bool names_nothing; /* no metric suits */
	struct briefing_look *looks;
	size_t look_count, next, running;
	size_t next_table, next_alarms; /* places */
	/* Incidents as they were when all was read: what is said of them to a model, names of their alarms, one a line,
	 * and what is said to people. */
	char *incidents, *alarms;
	size_t incident_count, open_count;
	struct briefing_open open[BRIEFING_OPEN_SHOWN];
	struct err failed; /* ERR_NONE: not */
	metric_progress_fn *progress;
	void *arg;
	struct done done;
};

/* briefing_choose.c */
void briefing_add_candidate(struct briefing *briefing, size_t place, const struct metric *metric);
void briefing_choose(struct briefing *briefing);
/* One look a place with chosen metrics; nothing is read yet. */
void briefing_make_looks(struct briefing *briefing);
/* Whether the metric suits the question, and is not only read along. */
bool briefing_suits(const struct briefing *briefing, size_t look, size_t metric);

/* briefing_topic.c: is the place one of the thread's topic, and does that metric stand out there? */
bool briefing_topic_has(const struct briefing *briefing, size_t place);
bool briefing_topic_stands_out(const struct briefing *briefing, const struct briefing_candidate *candidate);

/* briefing_order.c: a finding of all looks, the most relevant first: abnormal ones, those of metrics that suit.
 */
struct briefing_finding {
	size_t look, index;
	struct finding *finding;
	bool suits;
};
/* How many; the list is the caller's to free(). */
size_t briefing_findings(const struct briefing *briefing, struct briefing_finding **list);
void briefing_number_findings(struct briefing *briefing); /* ids of all looks: F1... */

/* briefing_values.c: what a series did in the range that is asked about. */
void briefing_values(const struct briefing *briefing, const struct dashboard_data *data, size_t subject,
                     struct series_values *values);
/* So much time before the range is shown, too, in coarser buckets. */
int64_t briefing_before_ms(const struct briefing *briefing);

/* briefing_words.c: parts of sentences and lines. */
/* "09:05"; with its day where that is not the one of known_ms: "Wed 25 Nov 09:05". */
void briefing_say_time(struct str *out, const struct briefing *briefing, int64_t at_ms, int64_t known_ms);
void briefing_say_date(struct str *out, const struct briefing *briefing, int64_t at_ms); /* "2026-11-26 09:05" */
/* Sentences about one series: least, greatest, mean, last; what is usual at these hours. Ends the line. */
void briefing_say_summary(struct str *out, const struct briefing *briefing, const struct series_values *values,
                          const char *unit);
/* briefing_incidents.c: open incidents, and the thread's own in any case, a few lines each: age, state, alarm, reason.
 * Kept in the briefing: they change, and belong to the loop. */
void briefing_note_incidents(struct briefing *briefing);
void briefing_forget_incidents(struct briefing *briefing);

/* briefing_alarms.c: metrics of alarms, as the dashboard itself has them. */
void briefing_keep_alarms(struct briefing_place *place, const struct config_dashboard *dashboard);
void briefing_free_alarms(struct briefing_place *place);
/* What was read becomes candidates of that place, or limits of those that it has. */
void briefing_take_alarms(struct briefing *briefing, size_t place);

/* briefing_table.c: the values of one series as lines, in at most so many of them. */
struct briefing_grid { /* buckets [from, until) in groups of `each` */
	size_t from, until, each;
};
struct briefing_grids {
	struct briefing_grid before, range;
};
void briefing_grids(const struct briefing *briefing, const struct series *series, size_t lines,
                    struct briefing_grids *grids);
void briefing_say_table(struct str *out, const struct briefing *briefing, const struct series *series,
                        const struct briefing_grid *grid);
/* The means that the table shows, as a series: its times are the groups' begins. Freed by series_free. */
void briefing_grid_means(const struct series *series, const struct briefing_grid *grid, struct series *means);

/* briefing_text.c: which series the model is shown, and with how many lines of a table each (0: none). */
struct briefing_shown {
	size_t look, subject, lines;
};
/* How many; the list is the caller's to free(). */
size_t briefing_shown(const struct briefing *briefing, struct briefing_shown **list);

/* briefing_overview.c: series without an abnormal finding that have values. */
struct briefing_title {
	size_t look, subject;
	const char *text; /* borrowed */
	bool within;      /* its values are what was to be expected: the last one, and nearly all of the range */
};
/* suiting: those that the question is about, or the others. How many; the list is the caller's to free(). */
size_t briefing_quiet(const struct briefing *briefing, bool suiting, struct briefing_title **titles);
/* Last value, usual value and change of each series, what stands out first. */
void briefing_add_overview(const struct briefing *briefing, struct message *message);

/* briefing_direct.c: the answer's first sentence. */
/* "since 09:00 (UTC)", "in the last 2 hours". */
void briefing_say_range(struct str *out, const struct briefing *briefing);
void briefing_say_titles(struct str *out, const struct briefing_title *titles, size_t count, size_t most);
void briefing_say_finding(struct str *out, const struct briefing *briefing, const struct briefing_finding *found);
/* The index of the finding that it tells; FINDING_NONE: none. */
size_t briefing_say_direct(struct str *out, const struct briefing *briefing, const struct briefing_finding *list,
                           size_t count);

#endif
