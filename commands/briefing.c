#include "commands/briefing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "commands/alarm_metrics.h"
#include "commands/briefing_private.h"
#include "commands/dashboard_read.h"

#define LOOKS_AT_ONCE 4

/* --- making and freeing ------------------------------------------------------------------------------ */

static size_t add_place(struct briefing *briefing, const char *name, int64_t baseline_ms, const char *table)
{
	struct briefing_place *place;

	briefing->places = mem_resize(briefing->places, (briefing->place_count + 1) * sizeof(*place));
	place = &briefing->places[briefing->place_count];
	*place = (struct briefing_place){
		.name = mem_copy_string(name),
		.baseline_ms = baseline_ms,
		.table = mem_copy_string(table),
	};
	return briefing->place_count++;
}

static void add_dashboards(struct briefing *briefing, const struct config *config)
{
	for (size_t i = 0; i < config->dashboards.count; i++) {
		const struct config_dashboard *dashboard = &config->dashboards.items[i];
		size_t place = add_place(briefing, dashboard->name, dashboard->baseline_ms,
		                         dashboard->metrics_table);

		briefing_keep_alarms(&briefing->places[place], dashboard);
		for (size_t k = 0; k < dashboard->metric_count; k++)
			briefing_add_candidate(briefing, place, &dashboard->metrics[k]);
	}
}

/* "and the errors?" is still about since nine. */
static void read_range(struct briefing *briefing)
{
	struct question earlier;

	question_read(&briefing->range, briefing->question, briefing->zone, briefing->now_ms);
	if (briefing->range.says_when || briefing->earlier == NULL)
		return;
	question_read(&earlier, briefing->earlier, briefing->zone, briefing->now_ms);
	if (earlier.says_when) {
		question_free(&briefing->range);
		briefing->range = earlier;
	} else {
		question_free(&earlier);
	}
}

struct briefing *briefing_new(struct bot *bot, const char *question, const char *earlier, int64_t now_ms,
                              struct err *err)
{
	struct zone *zone = zone_load(bot->config->answers.timezone, err);
	struct briefing *briefing;

	if (zone == NULL)
		return NULL;
	briefing = mem_alloc(sizeof(*briefing));
	briefing->bot = bot;
	briefing->timezone = mem_copy_string(bot->config->answers.timezone);
	briefing->zone = zone;
	briefing->question = mem_copy_string(question);
	briefing->earlier = mem_copy_string(earlier);
	briefing->now_ms = now_ms;
	read_range(briefing);
	add_dashboards(briefing, bot->config);
	briefing_choose(briefing);
	return briefing;
}

static void free_looks(struct briefing *briefing)
{
	for (size_t i = 0; i < briefing->look_count; i++) {
		dashboard_data_free(briefing->looks[i].data);
		free(briefing->looks[i].why);
	}
	free(briefing->looks);
	briefing->looks = NULL;
	briefing->look_count = 0;
}

void briefing_free(struct briefing *briefing)
{
	if (briefing == NULL)
		return;
	free_looks(briefing);
	for (size_t i = 0; i < briefing->candidate_count; i++)
		metric_free(&briefing->candidates[i].metric);
	free(briefing->candidates);
	for (size_t i = 0; i < briefing->place_count; i++) {
		free(briefing->places[i].name);
		free(briefing->places[i].table);
		free(briefing->places[i].no_table);
		metrics_table_free(&briefing->places[i].read);
		briefing_free_alarms(&briefing->places[i]);
	}
	free(briefing->places);
	question_free(&briefing->range);
	zone_free(briefing->zone);
	free(briefing->timezone);
	free(briefing->question);
	free(briefing->earlier);
	free(briefing->incident);
	free(briefing->topic);
	briefing_forget_incidents(briefing);
	free(briefing);
}

/* --- the incident of the thread ------------------------------------------------------------------------ */

static bool is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* What the alarm watches may stand on a dashboard, under a better title. */
static struct briefing_candidate *find_watched(struct briefing *briefing, const struct metric *metric)
{
	for (size_t i = 0; i < briefing->candidate_count; i++) {
		const struct metric *m = &briefing->candidates[i].metric;

		if (metric->expression == NULL && m->expression == NULL && m->metric != NULL && !m->hidden &&
		    is_same(m->metric, metric->metric) && is_same(m->namespace_, metric->namespace_) &&
		    is_same(m->stat, metric->stat) &&
		    metric_same_dimensions(m->dimensions, metric->dimensions))
			return &briefing->candidates[i];
	}
	return NULL;
}

static void set_limits(struct metric *metric, const struct alarm *alarm)
{
	metric->unit = mem_copy_string(alarm->unit);
	if (isnan(alarm->threshold) || alarm->comparison == NULL)
		return;
	if (strcmp(alarm->comparison, ">") == 0 || strcmp(alarm->comparison, ">=") == 0)
		metric->normal_below = alarm->threshold;
	if (strcmp(alarm->comparison, "<") == 0 || strcmp(alarm->comparison, "<=") == 0)
		metric->normal_above = alarm->threshold;
}

void briefing_set_incident(struct briefing *briefing, const struct incident *incident)
{
	const struct alarm *alarm = &incident->alarm;
	struct briefing_candidate *known;
	struct metric *metrics;
	size_t count, place;

	mem_set_string(&briefing->incident, incident->id);
	if (!alarm_metrics_are_known(alarm))
		return;
	metrics = alarm_metrics_take(alarm, &count);
	known = count == 1 ? find_watched(briefing, &metrics[0]) : NULL;
	if (known != NULL) {
		known->watched = true;
	} else {
		place = add_place(briefing, alarm->name == NULL ? "alarm" : alarm->name, BRIEFING_BASELINE_MS,
		                  NULL);
		briefing->places[place].is_alarm = true;
		for (size_t i = 0; i < count; i++) {
			if (!metrics[i].hidden)
				set_limits(&metrics[i], alarm);
			briefing_add_candidate(briefing, place, &metrics[i]);
		}
	}
	for (size_t i = 0; i < count; i++)
		metric_free(&metrics[i]);
	free(metrics);
	briefing_choose(briefing);
}

/* --- reading ------------------------------------------------------------------------------------------- */

static void finish(struct briefing *briefing)
{
	if (briefing->failed.kind == ERR_NONE)
		briefing_number_findings(briefing);
	briefing_note_incidents(briefing);
	briefing->done.fn(briefing->done.arg, briefing->failed.kind == ERR_NONE ? NULL : &briefing->failed);
}

static void tell_progress(void *arg, size_t finished, size_t count)
{
	struct briefing_look *look = arg;
	struct briefing *briefing = look->briefing;
	size_t all = 0, over = 0;

	(void)count;
	look->finished = finished;
	for (size_t i = 0; i < briefing->look_count; i++) {
		over += briefing->looks[i].finished;
		all += briefing->looks[i].data->metric_count;
	}
	if (briefing->progress != NULL)
		briefing->progress(briefing->arg, over, all);
}

static void read_looks(struct briefing *briefing);

static void look_done(void *arg, const struct err *err)
{
	struct briefing_look *look = arg;
	struct briefing *briefing = look->briefing;

	briefing->running--;
	if (err != NULL)
		look->why = mem_copy_string(err->text);
	if (err != NULL && err->kind == ERR_CANCELLED)
		briefing->failed = *err;
	read_looks(briefing);
}

static void read_looks(struct briefing *briefing)
{
	const struct config_dashboard no_table = { .metrics_table = NULL };

	while (briefing->running < LOOKS_AT_ONCE && briefing->next < briefing->look_count &&
	       briefing->failed.kind == ERR_NONE) {
		struct briefing_look *look = &briefing->looks[briefing->next++];

		briefing->running++;
		dashboard_read(briefing->bot, &no_table, look->data, tell_progress, look,
		               (struct done){ look_done, look });
	}
	if (briefing->running == 0)
		finish(briefing);
}

static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static void nothing_done(void *arg, const struct err *err)
{
	struct briefing *briefing = arg;

	if (err != NULL)
		briefing->failed = *err;
	finish(briefing);
}

static void start_looks(struct briefing *briefing)
{
	briefing_make_looks(briefing);
	if (briefing->look_count == 0) /* completes later all the same */
		worker_run(briefing->bot->worker, nothing, NULL, (struct done){ nothing_done, briefing });
	else
		read_looks(briefing);
}

static void take_table(struct briefing *briefing, size_t index)
{
	const struct briefing_place *place = &briefing->places[index];
	size_t configured = briefing->candidate_count;

	for (size_t i = 0; i < place->read.count; i++) {
		bool known = false;

		for (size_t k = 0; k < configured; k++)
			known = known ||
			        (briefing->candidates[k].place == index &&
			         strcmp(briefing->candidates[k].metric.id, place->read.metrics[i].id) == 0);
		if (!known)
			briefing_add_candidate(briefing, index, &place->read.metrics[i]);
	}
}

static void read_alarms(struct briefing *briefing);

static void alarms_done(void *arg, const struct err *err)
{
	struct briefing *briefing = arg;
	size_t index = briefing->next_alarms++;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		briefing->failed = *err;
		finish(briefing);
		return;
	}
	if (err != NULL)
		briefing->places[index].no_alarms = mem_copy_string(err->text);
	else
		briefing_take_alarms(briefing, index);
	read_alarms(briefing);
}

/* Which metrics there are must be known before the best are chosen. */
static void read_alarms(struct briefing *briefing)
{
	while (briefing->next_alarms < briefing->place_count &&
	       briefing->places[briefing->next_alarms].alarms.count == 0)
		briefing->next_alarms++;
	if (briefing->next_alarms < briefing->place_count) {
		struct briefing_place *place = &briefing->places[briefing->next_alarms];
		const struct aws_target target = { place->alarms_account, place->alarms_region };

		alarm_lines_read(briefing->bot->aws, &target, (const char *const *)place->alarms.items, &place->lines,
		                 (struct done){ alarms_done, briefing });
		return;
	}
	briefing_choose(briefing);
	start_looks(briefing);
}

static void read_tables(struct briefing *briefing);

static void table_done(void *arg, const struct err *err)
{
	struct briefing *briefing = arg;
	size_t index = briefing->next_table++;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		briefing->failed = *err;
		finish(briefing);
		return;
	}
	if (err != NULL)
		briefing->places[index].no_table = mem_copy_string(err->text);
	else
		take_table(briefing, index);
	read_tables(briefing);
}

/* Before the alarms, which add to what a dashboard has. */
static void read_tables(struct briefing *briefing)
{
	const struct aws_target own = { NULL, NULL };

	while (briefing->next_table < briefing->place_count &&
	       briefing->places[briefing->next_table].table == NULL)
		briefing->next_table++;
	if (briefing->next_table < briefing->place_count) {
		struct briefing_place *place = &briefing->places[briefing->next_table];

		metrics_table_read(briefing->bot->aws, &own, place->table, &place->read,
		                   (struct done){ table_done, briefing });
		return;
	}
	read_alarms(briefing);
}

void briefing_read(struct briefing *briefing, metric_progress_fn *progress, void *arg, struct done done)
{
	briefing->progress = progress;
	briefing->arg = arg;
	briefing->done = done;
	read_tables(briefing);
}

/* --- asking ---------------------------------------------------------------------------------------------- */

const struct zone *briefing_zone(const struct briefing *briefing)
{
	return briefing->zone;
}

size_t briefing_metric_count(const struct briefing *briefing)
{
	return briefing->chosen;
}

int64_t briefing_from_ms(const struct briefing *briefing)
{
	return briefing->range.from_ms;
}

int64_t briefing_until_ms(const struct briefing *briefing)
{
	return briefing->range.until_ms;
}

const char *briefing_range_words(const struct briefing *briefing)
{
	return briefing->range.range_words;
}

struct dashboard_data *briefing_look(const struct briefing *briefing, size_t i)
{
	return i < briefing->look_count ? briefing->looks[i].data : NULL;
}
