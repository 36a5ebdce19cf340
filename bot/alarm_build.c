#include "bot/alarm_build.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "bot/alarm.h"
#include "bot/arn.h"
#include "bot/event_input.h"
#include "bot/event_text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_METRICS 100
#define MAX_CHILDREN 500
#define MAX_DIMENSIONS 64
#define MAX_VALUE 1024

struct alarm *alarm_new(const char *via)
{
	struct alarm *alarm = mem_alloc(sizeof(*alarm));

	alarm->threshold = (double)NAN;
	alarm->value = (double)NAN;
	alarm->via = mem_copy_string(via);
	return alarm;
}

const char *alarm_known_state(const char *text)
{
	static const char *const states[] = { ALARM_STATE_OK, ALARM_STATE_ALARM, ALARM_STATE_NO_DATA };

	for (size_t i = 0; text != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(text, states[i]) == 0)
			return states[i];
	return NULL;
}

static bool is_account(const char *text)
{
	return text != NULL && strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

static char *make_arn(const struct alarm *alarm, const char *name)
{
	const struct partition *partition = partition_of_region(alarm->region);
	struct str s;

	if (partition == NULL || alarm->account == NULL)
		return NULL;
	str_init(&s, 1u << 20);
	str_addf(&s, "arn:%s:cloudwatch:%s:%s:alarm:%s", partition->id, alarm->region, alarm->account,
	         name);
	return str_take(&s);
}

void alarm_identify(struct alarm *alarm, const struct event_input *input, const char *name,
                    const char *arn, const char *account, const char *region)
{
	struct arn parts = { 0 };
	bool split = arn_split(arn, &parts);
	const char *topic_region = input->has_topic ? input->topic.region : NULL;
	const char *topic_account = input->has_topic ? input->topic.account : NULL;
	char *made = NULL;

	region = split ? parts.region : region;
	account = is_account(account) ? account : parts.account;
	region = region_is_plausible(region) ? region : topic_region;
	account = is_account(account) ? account : topic_account;
	if (region_is_plausible(region))
		alarm->region = mem_copy_string(region);
	if (is_account(account))
		alarm->account = mem_copy_string(account);
	if (arn == NULL || !str_starts(arn, "arn:"))
		arn = made = make_arn(alarm, name);
	alarm->name = event_identity(name, ALARM_NAME_MAX);
	alarm->arn = event_identity(arn, ALARM_ARN_MAX);
	free(made);
}

struct dimensions {
	struct json_object *out;
	size_t count;
};

static void add_dimension(struct dimensions *d, const char *name, const char *value)
{
	char *n = event_line(name, MAX_VALUE), *v = event_line(value, MAX_VALUE);

	if (n != NULL && v != NULL && d->count < MAX_DIMENSIONS) {
		if (d->out == NULL)
			d->out = json_new_object();
		json_put_string(d->out, n, v);
		d->count++;
	}
	free(n);
	free(v);
}

static bool each_dimension(void *arg, const char *key, struct json_object *value)
{
	add_dimension(arg, key, json_text(value, ""));
	return true;
}

struct json_object *alarm_dimensions(struct json_object *from)
{
	struct dimensions d = { 0 };

	json_each(from, each_dimension, &d);
	for (size_t i = 0; json_is_array(from) && i < json_count(from) && i < MAX_DIMENSIONS; i++) {
		struct json_object *one = json_at(from, i);
		bool lower = json_has(one, "name");

		add_dimension(&d, json_text(one, lower ? "name" : "Name"),
		              json_text(one, lower ? "value" : "Value"));
	}
	return d.out;
}

char *alarm_statistic(const char *text)
{
	static const char *const names[] = { "Average", "Sum", "Minimum", "Maximum", "SampleCount" };

	for (size_t i = 0; text != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(text, names[i]) == 0)
			return mem_copy_string(names[i]);
	return event_line(text, 64);
}

const char *alarm_comparison(const char *operator_)
{
	static const struct {
		const char *name, *sign;
	} known[] = {
		{ "GreaterThanThreshold", ">" },
		{ "GreaterThanOrEqualToThreshold", ">=" },
		{ "LessThanThreshold", "<" },
		{ "LessThanOrEqualToThreshold", "<=" },
		{ "LessThanLowerOrGreaterThanUpperThreshold", "outside" },
		{ "LessThanLowerThreshold", "below band" },
		{ "GreaterThanUpperThreshold", "above band" },
	};

	for (size_t i = 0; operator_ != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(operator_, known[i].name) == 0)
			return known[i].sign;
	return NULL;
}

static void put_line(struct json_object *object, const char *key, const char *text)
{
	char *line = event_line(text, MAX_VALUE);

	json_put_string(object, key, line);
	free(line);
}

/* One entry in our own spelling (alarm.h). */
static struct json_object *normal_metric(struct json_object *from,
                                         const struct alarm_metric_paths *paths)
{
	struct json_object *out = json_new_object(), *dimensions;
	const char *expression = json_string(from, paths->expression);
	int64_t period_s = json_int(from, expression != NULL ? paths->period : paths->stat_period, 0);
	char *statistic;

	if (period_s > 0)
		json_put_int(out, "period_s", period_s);
	put_line(out, "id", json_string(from, paths->id));
	put_line(out, "label", json_string(from, paths->label));
	json_put_bool(out, "returned", json_flag(from, paths->returned, false));
	if (expression != NULL) {
		put_line(out, "expression", expression);
		return out;
	}
	put_line(out, "namespace", json_string(from, paths->namespace_));
	put_line(out, "metric", json_string(from, paths->metric));
	statistic = alarm_statistic(json_string(from, paths->statistic));
	json_put_string(out, "statistic", statistic);
	free(statistic);
	dimensions = alarm_dimensions(json_get(from, paths->dimensions));
	if (dimensions != NULL)
		json_put(out, "dimensions", dimensions);
	return out;
}

struct common {
	struct json_object *other, *out;
};

static bool keep_common(void *arg, const char *key, struct json_object *value)
{
	struct common *c = arg;
	const char *mine = json_string(value, ""), *theirs = json_string(c->other, key);

	if (mine == NULL || theirs == NULL || strcmp(mine, theirs) != 0)
		return true;
	if (c->out == NULL)
		c->out = json_new_object();
	json_put_string(c->out, key, mine);
	return true;
}

/* The first metric gives, later ones take away: what stays is true of all. */
static void narrow(struct alarm *alarm, struct json_object *metric, bool first)
{
	const char *namespace_ = json_string(metric, "namespace");
	struct common c = { .other = json_get(metric, "dimensions") };

	if (first) {
		mem_set_string(&alarm->namespace_, namespace_);
		alarm->dimensions = json_keep(c.other);
		return;
	}
	if (alarm->namespace_ != NULL &&
	    (namespace_ == NULL || strcmp(alarm->namespace_, namespace_) != 0))
		mem_set_string(&alarm->namespace_, NULL);
	json_each(alarm->dimensions, keep_common, &c);
	json_free(alarm->dimensions);
	alarm->dimensions = c.out;
}

static bool is_band_expression(const char *expression)
{
	return expression != NULL && str_starts(expression, "ANOMALY_DETECTION_BAND");
}

/* What the alarm watches: the one metric, or the result of an expression. */
static void take_watched(struct alarm *alarm, struct json_object *metric)
{
	const char *expression = json_string(metric, "expression");

	if (expression == NULL) {
		mem_set_string(&alarm->metric, json_string(metric, "metric"));
		mem_set_string(&alarm->statistic, json_string(metric, "statistic"));
	} else {
		const char *label = json_string(metric, "label");

		free(alarm->metric);
		alarm->metric = event_line(label != NULL ? label : expression, 200);
		mem_set_string(&alarm->statistic, NULL);
	}
}

void alarm_take_metrics(struct alarm *alarm, struct json_object *list,
                        const struct alarm_metric_paths *paths)
{
	struct json_object *all = json_new_array();
	bool first = true, band = false, math = false;

	for (size_t i = 0; i < json_count(list) && i < MAX_METRICS; i++) {
		struct json_object *metric = normal_metric(json_at(list, i), paths);
		const char *expression = json_string(metric, "expression");

		json_append(all, metric);
		if (alarm->period_s == 0)
			alarm->period_s = json_int(metric, "period_s", 0);
		band = band || is_band_expression(expression);
		math = math || (expression != NULL && !is_band_expression(expression));
		if (!is_band_expression(expression) &&
		    (alarm->metric == NULL || json_flag(metric, "returned", false)))
			take_watched(alarm, metric);
		if (expression == NULL) {
			narrow(alarm, metric, first);
			first = false;
		}
	}
	mem_set_string(&alarm->type, band ? "anomaly" : math ? "math" : "metric");
	if (band || math)
		alarm->metrics = json_keep(all);
	json_free(all);
}

void alarm_take_children(struct alarm *alarm, struct json_object *list, const char *arn_path,
                         const char *state_path)
{
	for (size_t i = 0; i < json_count(list) && i < MAX_CHILDREN; i++) {
		struct json_object *from = json_at(list, i), *child;
		char *arn = event_identity(json_string(from, arn_path), ALARM_ARN_MAX);

		if (arn == NULL)
			continue;
		child = json_new_object();
		json_put_string(child, "arn", arn);
		json_put_string(child, "state", alarm_known_state(json_string(from, state_path)));
		if (alarm->children == NULL)
			alarm->children = json_new_array();
		json_append(alarm->children, child);
		free(arn);
	}
}
