#include "adapters/aws/alarm_lines_take.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/metric_math.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define QUERIES_MAX 20     /* CloudWatch allows ten metrics and as many formulas */
#define NAME_MAX_BYTES 1024
#define SHOWN_UNITS 80     /* of a name or a formula within a title */
#define LEAST_PERIOD_MS 60000 /* finer values are kept for three hours: no history to compare with */

struct taking {
	struct json_object *alarm;
	const struct aws_target *target;
	struct alarm_line *line;
	struct metric_math_name names[QUERIES_MAX];
	size_t name_count;
	int64_t period_ms;       /* of formulas without one of their own */
	struct mem mem;
	char *why;
};

static bool refuse(struct taking *t, const char *why)
{
	free(t->why);
	t->why = mem_copy_string(why);
	return false;
}

void alarm_line_free(struct alarm_line *line)
{
	for (size_t i = 0; i < line->count; i++)
		metric_free(&line->metrics[i]);
	free(line->metrics);
	free(line->alarm);
	*line = (struct alarm_line){ 0 };
}

static int64_t period_ms_of(int64_t period_s)
{
	int64_t ms = metric_fit_period_ms(period_s);

	return ms < LEAST_PERIOD_MS ? LEAST_PERIOD_MS : ms;
}

/* --- metrics --- */

static bool take_dimensions(struct taking *t, struct metric *metric, struct json_object *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		struct json_object *dimension = json_at(list, i);
		const char *name = json_string(dimension, "Name"), *value = json_string(dimension, "Value");

		if (name == NULL || *name == '\0' || value == NULL || i == METRIC_DIMENSIONS_MAX)
			return refuse(t, "its dimensions cannot be read");
		if (metric->dimensions == NULL)
			metric->dimensions = json_new_object();
		json_put_string(metric->dimensions, name, value);
	}
	return true;
}

static struct metric *add_metric(struct taking *t, const char *id)
{
	struct metric *metric = &t->line->metrics[t->line->count++];

	metric->id = mem_copy_string(id);
	metric->source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH);
	metric->account = mem_copy_string(t->target->account);
	metric->region = mem_copy_string(t->target->region);
	metric->normal_below = metric->normal_above = metric->anomaly_band = NAN;
	return metric;
}

static bool set_metric(struct taking *t, struct metric *metric, struct json_object *where, const char *stat,
                       int64_t period_s)
{
	metric->namespace_ = aws_text(where, "Namespace", NAME_MAX_BYTES);
	metric->metric = aws_text(where, "MetricName", NAME_MAX_BYTES);
	metric->stat = mem_copy_string(stat);
	metric->period_ms = period_ms_of(period_s);
	if (metric->namespace_ == NULL || metric->metric == NULL || stat == NULL || !config_is_statistic(stat))
		return refuse(t, "what it watches is no metric with a statistic that can be read");
	return take_dimensions(t, metric, json_get(where, "Dimensions"));
}

/* --- an alarm of one metric --- */

static bool take_plain(struct taking *t, const char *id)
{
	const char *stat = json_string(t->alarm, "Statistic");
	struct metric *metric = add_metric(t, id);

	if (stat == NULL)
		stat = json_string(t->alarm, "ExtendedStatistic");
	metric->unit = aws_text(t->alarm, "Unit", NAME_MAX_BYTES);
	return set_metric(t, metric, t->alarm, stat, json_int(t->alarm, "Period", 60));
}

/* --- an alarm of several queries --- */

static bool is_band(struct json_object *query)
{
	const char *expression = json_string(query, "Expression");

	return expression != NULL && strcasestr(expression, METRIC_MATH_BAND) != NULL;
}

/* The query that the alarm watches: the one whose values are returned, and which is not its limit. */
static struct json_object *watched_query(struct json_object *queries)
{
	for (size_t i = 0; i < json_count(queries); i++)
		if (json_flag(json_at(queries, i), "ReturnData", true) && !is_band(json_at(queries, i)))
			return json_at(queries, i);
	return NULL;
}

/* False: they have no ids, or are too many. */
static bool name_queries(struct taking *t, struct json_object *queries, const char *id)
{
	for (size_t i = 0; i < json_count(queries); i++) {
		struct json_object *query = json_at(queries, i);
		const char *old = json_string(query, "Id");
		int64_t period_s = json_int(query, "MetricStat.Period", 0);

		if (old == NULL || i == QUERIES_MAX)
			return refuse(t, "its formula cannot be read");
		t->names[t->name_count++] = (struct metric_math_name){
			.old = old, .now = mem_printf(&t->mem, "%s__%.40s", id, old),
			.plain = json_get(query, "MetricStat") != NULL,
		};
		if (t->period_ms == 0 && period_s > 0)
			t->period_ms = period_ms_of(period_s);
	}
	return true;
}

static bool set_formula(struct taking *t, struct metric *metric, struct json_object *query)
{
	int64_t period_s = json_int(query, "Period", 0);
	const char *unknown;
	size_t length;

	metric->expression = metric_math_rename(json_string(query, "Expression"), t->names, t->name_count, &unknown,
	                                        &length);
	metric->period_ms = t->period_ms != 0 ? t->period_ms : period_ms_of(period_s == 0 ? 60 : period_s);
	return metric->expression != NULL || refuse(t, "its formula names something that is not part of it");
}

static bool take_query(struct taking *t, struct json_object *query, const char *id)
{
	struct metric *metric = add_metric(t, id);
	const char *account = json_string(query, "AccountId");
	struct json_object *stat = json_get(query, "MetricStat");

	if (account != NULL)
		mem_set_string(&metric->account, account);
	if (stat != NULL)
		return set_metric(t, metric, json_get(stat, "Metric"), json_string(stat, "Stat"),
		                  json_int(stat, "Period", 60));
	if (json_string(query, "Expression") == NULL)
		return refuse(t, "its formula cannot be read");
	return set_formula(t, metric, query);
}

static bool is_used(const struct alarm_line *line, const char *id)
{
	for (size_t i = 0; i < line->count; i++)
		if (line->metrics[i].expression != NULL && metric_math_uses(line->metrics[i].expression, id))
			return true;
	return false;
}

/* A query that only a band computes with is of no use here. */
static void drop_unused(struct alarm_line *line)
{
	for (size_t i = 0; i + 1 < line->count;) {
		if (is_used(line, line->metrics[i].id)) {
			i++;
			continue;
		}
		metric_free(&line->metrics[i]);
		memmove(&line->metrics[i], &line->metrics[i + 1], (line->count - i - 1) * sizeof(*line->metrics));
		line->count--;
		i = 0; /* what it computed with may be of no use now */
	}
}

/* All in one call, or not at all: CloudWatch computes within one account and one grid. */
static bool is_of_one_kind(struct taking *t)
{
	const struct metric *watched = &t->line->metrics[t->line->count - 1];

	for (size_t i = 0; i < t->line->count; i++) {
		const struct metric *metric = &t->line->metrics[i];

		if (metric->period_ms != watched->period_ms)
			return refuse(t, "it computes with metrics of different periods");
		if ((metric->account == NULL) != (watched->account == NULL) ||
		    (metric->account != NULL && strcmp(metric->account, watched->account) != 0))
			return refuse(t, "it computes with metrics of different accounts");
	}
	return true;
}

static bool take_queries(struct taking *t, struct json_object *queries, const char *id)
{
	struct json_object *watched = watched_query(queries);
	const char *ids[QUERIES_MAX];

	if (watched == NULL)
		return refuse(t, "it watches no metric");
	if (!name_queries(t, queries, id))
		return false;
	for (size_t i = 0; i < t->name_count; i++) {
		ids[i] = t->names[i].now;
		if (json_at(queries, i) == watched)
			t->names[i].now = ids[i] = id;
	}
	for (size_t i = 0; i < t->name_count; i++) {
		struct json_object *query = json_at(queries, i);

		if (query == watched || is_band(query))
			continue;
		if (!take_query(t, query, ids[i]))
			return false;
		t->line->metrics[t->line->count - 1].hidden = true;
	}
	if (!take_query(t, watched, id))
		return false;
	drop_unused(t->line);
	return is_of_one_kind(t);
}

/* --- the whole --- */

static void set_limit(struct metric *metric, struct json_object *alarm)
{
	const char *comparison = json_string(alarm, "ComparisonOperator");
	double threshold = json_number(alarm, "Threshold", NAN);

	if (comparison == NULL || !isfinite(threshold))
		return;
	if (str_starts(comparison, "GreaterThan") && str_ends(comparison, "Threshold") &&
	    strstr(comparison, "Upper") == NULL)
		metric->normal_below = threshold;
	else if (str_starts(comparison, "LessThan") && strstr(comparison, "Lower") == NULL)
		metric->normal_above = threshold;
	metric->limit_is_normal = strstr(comparison, "OrEqualTo") == NULL;
}

/* Of an alarm that compares with what CloudWatch expects: how wide that is, if it is of the metric that it watches. */
static void set_band(struct metric *metric, struct json_object *queries)
{
	const char *watched = json_string(watched_query(queries), "Id"), *id;
	double width;
	size_t length;

	for (size_t i = 0; i < json_count(queries); i++) {
		const char *expression = json_string(json_at(queries, i), "Expression");

		if (expression != NULL && metric_math_is_band(expression, &id, &length, &width) && watched != NULL &&
		    strlen(watched) == length && strncmp(watched, id, length) == 0)
			metric->anomaly_band = width;
	}
}

/* "checkout-slow (TargetResponseTime p99)" */
static void set_title(struct taking *t, struct metric *metric)
{
	char *label = aws_text(watched_query(json_get(t->alarm, "Metrics")), "Label", NAME_MAX_BYTES);
	const char *what = label != NULL ? label : metric->metric != NULL ? metric->metric : metric->expression;
	char *clean = utf8_clean(what, true), *shown = utf8_shorten(clean, SHOWN_UNITS);
	char *name = utf8_clean(t->line->alarm, true);

	mem_set_string(&metric->title, mem_printf(&t->mem, "%s (%s%s%s)", name, shown,
	                                          label == NULL && metric->stat != NULL ? " " : "",
	                                          label == NULL && metric->stat != NULL ? metric->stat : ""));
	free(name);
	free(shown);
	free(clean);
	free(label);
}

static bool take(struct taking *t)
{
	struct json_object *queries = json_get(t->alarm, "Metrics");
	char *id = metric_id_of(mem_printf(&t->mem, "alarm_%.150s", t->line->alarm));

	mem_adopt(&t->mem, id);
	if (json_count(queries) == 0 ? !take_plain(t, id) : !take_queries(t, queries, id))
		return false;
	set_limit(&t->line->metrics[t->line->count - 1], t->alarm);
	set_band(&t->line->metrics[t->line->count - 1], queries);
	set_title(t, &t->line->metrics[t->line->count - 1]);
	return true;
}

bool alarm_lines_take(struct alarm_line *line, struct json_object *alarm, const struct aws_target *target, char **why)
{
	struct taking t = { .alarm = alarm, .target = target, .line = line };
	size_t queries = json_count(json_get(alarm, "Metrics"));
	bool taken;

	*line = (struct alarm_line){
		.alarm = aws_text(alarm, "AlarmName", NAME_MAX_BYTES),
		.metrics = mem_alloc((queries + 1) * sizeof(struct metric)),
	};
	taken = take(&t);
	mem_free_all(&t.mem);
	if (!taken) {
		*why = t.why;
		alarm_line_free(line);
	}
	return taken;
}
