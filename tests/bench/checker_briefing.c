/*
 * checker_briefing.c - a world becomes a briefing by the bot's own code, as for a question; answers come back checked.
 *
 * A line is a word and its fields, separated by tabs, escaped as in checker.c:
 *   zone NAME NOW_MS | dash NAME BASELINE_DAYS
 *   metric ID TITLE UNIT STAT PERIOD_MS BELOW ABOVE NAMESPACE NAME QUERY ABOUT | series ID LABEL START_MS STEP_MS VALUES
 *   alarm NAME METRIC AT_MS THRESHOLD VALUE REASON NAMESPACE STATISTIC COMPARISON PERIOD_S UNIT
 *   ask QUESTION | tool T | name N | reason R | answer ID T
 * "ask" answers what the model is told, the range and the findings; "answer" its id, "checked marked softened", the text.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/err.h"
#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/fields.h"
#include "bot/incident.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/series.h"
#include "bot/str.h"
#include "commands/briefing_private.h"
#include "tests/bench/checker_lines.h"

#define DASHBOARDS_MAX 4
#define METRICS_MAX 40
#define SERIES_MAX 64
#define FIELDS_MAX 16
#define DAY_MS 86400000

struct values {
	char *id, *label;
	int64_t start_ms, step_ms;
	size_t count;
	double *values;
};

static struct bot bot;
static struct config config;
static struct config_dashboard dashboards[DASHBOARDS_MAX];
static struct metric metrics[DASHBOARDS_MAX][METRICS_MAX];
static struct values series[SERIES_MAX];
static size_t dashboard_count, series_count;
static int64_t now_ms;
static char *time_zone;
static struct evidence *evidence;
static char journal_folder[] = "/tmp/tocsin-checker-XXXXXX";

static void fail(const char *what, const struct err *err)
{
	(void)fprintf(stderr, "checker_briefing: %s: %s\n", what, err == NULL ? "" : err->text);
	exit(2);
}

static char *optional(const char *text)
{
	return text[0] == '\0' ? NULL : mem_copy_string(text);
}

static int64_t whole(const char *text)
{
	return strtoll(text, NULL, 10);
}

static void add_zone(char **f)
{
	time_zone = mem_copy_string(f[1]);
	now_ms = whole(f[2]);
	config.answers.timezone = time_zone;
	config.dashboards.items = dashboards;
	config.slack.channel = mem_copy_string("C0");
	bot.config = &config;
}

static void add_dashboard(char **f)
{
	dashboards[dashboard_count] = (struct config_dashboard){ .name = mem_copy_string(f[1]),
		                                                 .timezone = time_zone,
		                                                 .range_ms = DAY_MS,
		                                                 .baseline_ms = whole(f[2]) * DAY_MS,
		                                                 .metrics = metrics[dashboard_count] };
	config.dashboards.count = ++dashboard_count;
}

static void add_metric(char **f)
{
	struct config_dashboard *dashboard = &dashboards[dashboard_count - 1];
	struct metric *metric = &dashboard->metrics[dashboard->metric_count++];

	*metric = (struct metric){ .id = mem_copy_string(f[1]),
		                   .title = optional(f[2]),
		                   .unit = optional(f[3]),
		                   .period_ms = whole(f[5]),
		                   .normal_below = f[6][0] == '\0' ? NAN : strtod(f[6], NULL),
		                   .normal_above = f[7][0] == '\0' ? NAN : strtod(f[7], NULL),
		                   .about = optional(f[11]) };
	metric->query = optional(f[10]);
	metric->source = mem_copy_string(metric->query != NULL ? "prom" : METRIC_SOURCE_CLOUDWATCH);
	if (metric->query == NULL) {
		metric->namespace_ = optional(f[8]);
		metric->metric = optional(f[9]);
		metric->stat = optional(f[4]);
	}
}

static void add_series(char **f)
{
	struct values *s = &series[series_count++];
	const char *at = f[5];

	*s = (struct values){ .id = mem_copy_string(f[1]), .label = optional(f[2]), .start_ms = whole(f[3]), .step_ms = whole(f[4]) };
	s->values = mem_alloc((strlen(at) + 1) * sizeof(double));
	for (;;) {
		s->values[s->count++] = strncmp(at, "nan", 3) == 0 ? NAN : strtod(at, NULL);
		at = strchr(at, ',');
		if (at++ == NULL)
			return;
	}
}

static void open_incidents(void)
{
	struct err err;
	struct mem mem = { 0 };

	if (bot.journal != NULL)
		return;
	bot.loop = loop_new(&err);
	if (bot.loop == NULL || mkdtemp(journal_folder) == NULL)
		fail("loop", &err);
	bot.journal = journal_open(bot.loop, mem_printf(&mem, "%s/journal", journal_folder), &err);
	if (bot.journal == NULL)
		fail("journal", &err);
	bot.incidents = incidents_new(&bot);
	if (!incidents_load(bot.incidents, &err))
		fail("incidents", &err);
	mem_free_all(&mem);
}

static void close_incidents(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[sizeof(journal_folder) + 16];

	if (bot.journal == NULL)
		return;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/journal%s", journal_folder, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(journal_folder);
}

static void add_alarm(char **f)
{
	struct alarm alarm = { .threshold = strtod(f[4], NULL),
		               .value = strtod(f[5], NULL),
		               .period_s = whole(f[10]),
		               .evaluation_periods = 3,
		               .datapoints_to_alarm = 2,
		               .changed_ms = whole(f[3]) };
	struct incident *incident = NULL;

	open_incidents();
	mem_set_string(&alarm.name, f[1]);
	mem_set_string(&alarm.account, "123456789012");
	mem_set_string(&alarm.region, "eu-west-1");
	mem_set_string(&alarm.old_state, ALARM_STATE_OK);
	mem_set_string(&alarm.state, ALARM_STATE_ALARM);
	mem_set_string(&alarm.reason, f[6]);
	mem_set_string(&alarm.namespace_, f[7]);
	mem_set_string(&alarm.metric, f[2]);
	mem_set_string(&alarm.statistic, f[8]);
	mem_set_string(&alarm.comparison, f[9]);
	mem_set_string(&alarm.unit, f[11]);
	mem_set_string(&alarm.via, "SNS");
	if (incidents_apply(bot.incidents, &alarm, false, &incident) != INCIDENT_OPENED)
		fail("an incident did not open", NULL);
	fields_free(alarm_fields, &alarm);
}

static void fill_one(const struct values *values, const struct metric_read *read, struct metric_series *out)
{
	out->label = values->label == NULL ? NULL : mem_copy_string(values->label);
	series_make_empty(&out->series, read->from_ms, values->step_ms, (size_t)((read->to_ms - read->from_ms) / values->step_ms));
	for (size_t i = 0; i < out->series.count; i++) {
		int64_t at_ms = series_time(&out->series, i), index = (at_ms - values->start_ms) / values->step_ms;

		out->series.values[i] =
			at_ms >= values->start_ms && index < (int64_t)values->count ? values->values[index] : NAN;
	}
}

static void fill(struct dashboard_data *data, size_t metric)
{
	struct metric_read *read = &data->reads[data->read_of[metric]];
	size_t count = 0;

	for (size_t i = 0; i < series_count; i++)
		count += strcmp(series[i].id, data->metrics[metric].id) == 0 ? 1 : 0;
	read->result.series = mem_alloc(count * sizeof(*read->result.series));
	for (size_t i = 0; i < series_count; i++)
		if (strcmp(series[i].id, data->metrics[metric].id) == 0)
			fill_one(&series[i], read, &read->result.series[read->result.count++]);
}

static void print_findings(const struct briefing *briefing)
{
	struct briefing_finding *list;
	size_t count = briefing_findings(briefing, &list);

	(void)printf("\t%lld\t%lld", (long long)briefing->range.from_ms, (long long)briefing->range.until_ms);
	for (size_t i = 0; i < count; i++) {
		const struct finding *g = list[i].finding;
		const struct dashboard_data *data = briefing->looks[list[i].look].data;

		(void)printf("\t%s|%s|%s|%s|%lld|%lld|%lld|%.17g|%.17g|", g->id, finding_kind_name(g->kind),
		             data->subjects[g->subject].title, g->other == FINDING_NONE ? "" : data->subjects[g->other].title,
		             (long long)g->from_ms, (long long)g->to_ms, (long long)g->at_ms, g->value, g->expected);
		checker_print_escaped(g->text);
	}
	(void)putchar('\n');
	free(list);
}

static void ask(char **f)
{
	struct err err;
	struct str text;
	struct briefing *briefing = briefing_new(&bot, f[1], NULL, now_ms, &err);

	if (briefing == NULL)
		fail("briefing", &err);
	briefing_make_looks(briefing);
	for (size_t i = 0; i < briefing->look_count; i++) {
		struct dashboard_data *data = briefing->looks[i].data;

		if (!dashboard_data_plan(data, now_ms, &err))
			fail("plan", &err);
		for (size_t k = 0; k < data->metric_count; k++)
			if (!data->metrics[k].hidden)
				fill(data, k);
		if (!dashboard_data_judge(data, &err))
			fail("judge", &err);
	}
	briefing_number_findings(briefing);
	briefing_note_incidents(briefing);
	evidence = evidence_new(briefing_zone(briefing));
	briefing_add_evidence(briefing, evidence);
	evidence_text(evidence, f[1]);
	str_init(&text, (size_t)1 << 20);
	briefing_add_text(briefing, "0123456789abcdef", &text);
	checker_print_escaped(text.text);
	print_findings(briefing);
	str_free(&text);
}

static void answer(char **f)
{
	struct fact_check *check = fact_check_new(evidence, NULL);
	struct fact_check_counts counts;
	struct str out;

	str_init(&out, (size_t)1 << 24);
	fact_check_feed(check, f[2], strlen(f[2]), &out);
	fact_check_flush(check, &out);
	fact_check_counts(check, &counts);
	(void)printf("%s\t%lld\t%lld\t%lld\t", f[1], (long long)counts.checked, (long long)counts.marked, (long long)counts.softened);
	checker_print_escaped(out.text);
	(void)putchar('\n');
	fact_check_free(check);
	str_free(&out);
}

static void obey(char **f)
{
	if (strcmp(f[0], "zone") == 0)
		add_zone(f);
	else if (strcmp(f[0], "dash") == 0)
		add_dashboard(f);
	else if (strcmp(f[0], "metric") == 0)
		add_metric(f);
	else if (strcmp(f[0], "series") == 0)
		add_series(f);
	else if (strcmp(f[0], "alarm") == 0)
		add_alarm(f);
	else if (strcmp(f[0], "ask") == 0)
		ask(f);
	else if (strcmp(f[0], "tool") == 0)
		evidence_text(evidence, f[1]);
	else if (strcmp(f[0], "name") == 0)
		evidence_name(evidence, f[1]);
	else if (strcmp(f[0], "reason") == 0)
		evidence_reason(evidence, f[1]);
	else if (strcmp(f[0], "answer") == 0)
		answer(f);
	else
		fail(f[0], NULL);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	while ((length = getline(&line, &size, stdin)) > 0) {
		char *fields[FIELDS_MAX] = { line };
		size_t count = 1;

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		for (char *at = line; (at = strchr(at, '\t')) != NULL && count < FIELDS_MAX; fields[count++] = at)
			*at++ = '\0';
		for (size_t i = 0; i < count; i++)
			checker_unescape(fields[i]);
		obey(fields);
	}
	close_incidents();
	free(line);
	(void)fflush(stdout);
	_exit(0); /* it has one world and ends; nothing of it is freed */
}
