/*
 * briefing.h - what is known for one question: which metrics suit it, what they said, the findings; and the same
 * as text for a model, as evidence for the check, and as plain sentences when no model is asked.
 *
 * In memory only; after a crash it is made again over the same range. Foreign text (titles, labels, questions) is
 * fenced in the model's text.
 */
#ifndef COMMANDS_BRIEFING_H
#define COMMANDS_BRIEFING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/metric.h"

struct bot;
struct briefing;
struct config;
struct conversation_topic;
struct dashboard_data;
struct evidence;
struct incident;
struct message;
struct str;
struct zone;

#define BRIEFING_METRICS_MAX 24       /* that suit best; of more it is said that they were left out */
#define BRIEFING_TEXT_MAX (48 * 1024) /* bytes of tables and findings for the model */

/* earlier: what the thread asked before, for "and yesterday?"; NULL: nothing. now_ms: the question's time, the
 * same after a crash. ERR_USAGE: the configured time zone cannot be read. Never fails because nothing suits. */
struct briefing *briefing_new(struct bot *bot, const char *question, const char *earlier, int64_t now_ms,
                              struct err *err) MUST_CHECK;
void briefing_free(struct briefing *briefing); /* may be NULL; not while briefing_read is under way */
/* The question stands in this incident's thread: what its alarm watches is always read. Before briefing_read;
 * borrowed during the call. */
void briefing_set_incident(struct briefing *briefing, const struct incident *incident);
/* The thread began with a summary: its time counts where neither the question nor `earlier` names one, and its
 * dashboards where they name no metric. Before briefing_read; borrowed during the call. */
void briefing_set_topic(struct briefing *briefing, const struct conversation_topic *topic);
/* Reads and judges the chosen metrics of all dashboards concerned. Success also when some or all failed: the
 * texts say what could not be seen. ERR_CANCELLED: the program ends. progress: of all metrics; may be NULL. */
void briefing_read(struct briefing *briefing, metric_progress_fn *progress, void *arg, struct done done);

const struct zone *briefing_zone(const struct briefing *briefing);
/* Chosen; of dashboards with a table of metrics final only once they are read. */
size_t briefing_metric_count(const struct briefing *briefing);
int64_t briefing_from_ms(const struct briefing *briefing);
int64_t briefing_until_ms(const struct briefing *briefing);
const char *briefing_range_words(const struct briefing *briefing); /* "since 09:00 (Asia/Tokyo)" */
/* Each look (one a dashboard concerned), for charts; NULL beyond the last. */
struct dashboard_data *briefing_look(const struct briefing *briefing, size_t i);

/* These and briefing_plain take long; they only read the briefing, so that the worker may do it while nobody else uses
 * it.
 * For the model: time, range, tables with one line a bucket (coarse enough for BRIEFING_TEXT_MAX),
 * findings with their ids, open incidents, what could not be read. fence: of this answer, see bot/fence.h. */
void briefing_add_text(const struct briefing *briefing, const char *fence, struct str *out);
void briefing_add_evidence(const struct briefing *briefing, struct evidence *evidence);
/* The names in it that come from the configuration, a source's answer or an alarm's own fields, one a line: dashboards,
 * ids, titles, metrics, dimensions, labels, alarms. None that stands in free text only (about, a reason). */
void briefing_add_names(const struct briefing *briefing, struct str *out);
/* One line a thing that could not be seen; nothing when all was. */
void briefing_add_unseen(const struct briefing *briefing, struct str *out);
/*
 * The whole answer without a model, in sentences of our own: what was looked at and when, the findings
 * that matter for the
 * question (ids cited), what is normal, a compact table, open incidents, what could not be seen. why: why no
 * model speaks, a sentence; NULL: none is configured. Initialises the message.
 */
void briefing_plain(const struct briefing *briefing, const char *why, struct message *message);

#endif
