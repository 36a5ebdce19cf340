#include "adapters/aws/alarms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/pages.h"
#include "bot/alarm.h"
#include "bot/alarm_build.h"
#include "bot/fields.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define PAGE 100
#define PAGES_MAX 20
#define HISTORY_EVERY_MS 350 /* three a second are allowed */
#define NAME_MAX_BYTES 1024 /* 255 characters */
#define TEXT_MAX 1024
#define RULE_MAX 2048
#define DIMENSIONS_MAX 1024

static const struct aws_service service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0,
	                                        "GraniteServiceVersion20100801", true };

static struct json_object *both_kinds(void)
{
	struct json_object *kinds = json_new_array();

	json_append_string(kinds, "MetricAlarm");
	json_append_string(kinds, "CompositeAlarm");
	return kinds;
}

static bool is_wrong(const char *what, struct err *err)
{
	return err_set(err, ERR_RETRY, "CloudWatch's answer has no %s", what);
}

/* --- one alarm --- */

static char *dimensions_of(struct json_object *list)
{
	struct str s;

	str_init(&s, DIMENSIONS_MAX);
	for (size_t i = 0; i < json_count(list); i++) {
		struct json_object *dimension = json_at(list, i);
		const char *name = json_string(dimension, "Name"), *value = json_string(dimension, "Value");

		if (name != NULL && value != NULL)
			str_addf(&s, "%s%s=%s", s.length > 0 ? ", " : "", name, value);
	}
	str_utf8_mend(s.text);
	if (s.length > 0)
		return str_take(&s);
	str_free(&s);
	return NULL;
}

static bool has_id(struct json_object *query, const char *id)
{
	const char *own = json_string(query, "Id");

	return own != NULL && id != NULL && strcmp(own, id) == 0;
}

/* The query that the alarm watches: the one whose values are returned, and which is not its limit. */
static struct json_object *watched_query(struct json_object *alarm)
{
	const char *limit = json_string(alarm, "ThresholdMetricId");
	struct json_object *queries = json_get(alarm, "Metrics");

	for (size_t i = 0; i < json_count(queries); i++)
		if (json_flag(json_at(queries, i), "ReturnData", true) && !has_id(json_at(queries, i), limit))
			return json_at(queries, i);
	return NULL;
}

static struct json_object *query_of(struct json_object *alarm, const char *id)
{
	struct json_object *queries = json_get(alarm, "Metrics");

	for (size_t i = 0; i < json_count(queries); i++)
		if (has_id(json_at(queries, i), id))
			return json_at(queries, i);
	return NULL;
}

/* The period of the query, or of the metric that a formula without its own computes with. */
static int64_t period_of(struct json_object *alarm, struct json_object *query)
{
	int64_t period = json_int(query, "Period", json_int(query, "MetricStat.Period", 0));
	struct json_object *queries = json_get(alarm, "Metrics");

	for (size_t i = 0; period == 0 && i < json_count(queries); i++)
		period = json_int(json_at(queries, i), "MetricStat.Period", 0);
	return period;
}

/* "GreaterThanThreshold 90 for 3 of 3 periods of 60 s" */
static char *metric_rule(struct json_object *alarm)
{
	struct json_object *query = watched_query(alarm);
	const char *comparison = json_string(alarm, "ComparisonOperator"), *formula = json_string(query, "Expression");
	const char *limit = json_text(alarm, "Threshold");
	int64_t periods = json_int(alarm, "EvaluationPeriods", 0);
	int64_t period_s = json_int(alarm, "Period", period_of(alarm, query));
	struct str s;

	if (comparison == NULL)
		return NULL;
	if (limit == NULL)
		limit = json_string(query_of(alarm, json_string(alarm, "ThresholdMetricId")), "Expression");
	str_init(&s, RULE_MAX);
	str_addf(&s, "%s %s", comparison, limit == NULL ? "a limit of its own" : limit);
	if (periods > 0)
		str_addf(&s, " for %lld of %lld periods", (long long)json_int(alarm, "DatapointsToAlarm", periods),
		         (long long)periods);
	if (periods > 0 && period_s > 0)
		str_addf(&s, " of %lld s", (long long)period_s);
	if (formula != NULL)
		str_addf(&s, ", of %s", formula);
	str_utf8_mend(s.text);
	return str_take(&s);
}

/* Of the alarm itself, or of the one metric in its list of queries. */
static void take_metric(struct aws_alarm *out, struct json_object *alarm)
{
	struct json_object *stat = json_get(watched_query(alarm), "MetricStat");

	out->namespace_ = aws_text(alarm, "Namespace", NAME_MAX_BYTES);
	out->metric = aws_text(alarm, "MetricName", NAME_MAX_BYTES);
	out->stat = aws_text(alarm, "Statistic", NAME_MAX_BYTES);
	if (out->stat == NULL)
		out->stat = aws_text(alarm, "ExtendedStatistic", NAME_MAX_BYTES);
	out->dimensions = dimensions_of(json_get(alarm, "Dimensions"));
	if (out->metric != NULL || stat == NULL)
		return;
	free(out->dimensions);
	free(out->namespace_);
	free(out->stat);
	out->namespace_ = aws_text(stat, "Metric.Namespace", NAME_MAX_BYTES);
	out->metric = aws_text(stat, "Metric.MetricName", NAME_MAX_BYTES);
	out->stat = aws_text(stat, "Stat", NAME_MAX_BYTES);
	out->dimensions = dimensions_of(json_get(stat, "Metric.Dimensions"));
}

static void take_alarm(struct aws_alarm *out, struct json_object *alarm)
{
	out->name = aws_text(alarm, "AlarmName", NAME_MAX_BYTES);
	out->arn = aws_text(alarm, "AlarmArn", NAME_MAX_BYTES);
	out->state = aws_text(alarm, "StateValue", NAME_MAX_BYTES);
	out->reason = aws_text(alarm, "StateReason", TEXT_MAX);
	out->description = aws_text(alarm, "AlarmDescription", TEXT_MAX);
	/* StateUpdated also changes when the alarm is only edited. */
	out->since_ms = aws_time_ms(alarm, "StateTransitionedTimestamp");
	if (out->since_ms == 0)
		out->since_ms = aws_time_ms(alarm, "StateUpdatedTimestamp");
	take_metric(out, alarm);
	out->rule = aws_text(alarm, "AlarmRule", RULE_MAX);
	if (out->rule == NULL)
		out->rule = metric_rule(alarm);
}

static void free_alarm(struct aws_alarm *alarm)
{
	free(alarm->name);
	free(alarm->arn);
	free(alarm->state);
	free(alarm->reason);
	free(alarm->description);
	free(alarm->namespace_);
	free(alarm->metric);
	free(alarm->stat);
	free(alarm->dimensions);
	free(alarm->rule);
}

void aws_alarms_free(struct aws_alarms *alarms)
{
	for (size_t i = 0; i < alarms->count; i++)
		free_alarm(&alarms->items[i]);
	free(alarms->items);
	*alarms = (struct aws_alarms){ 0 };
}

/* --- the list --- */

struct listing {
	struct aws_alarms found, *out;
	struct done done;
};

static bool take_alarms(struct listing *l, struct json_object *list)
{
	for (size_t i = 0; i < json_count(list); i++) {
		if (json_string(json_at(list, i), "AlarmName") == NULL)
			continue;
		if (l->found.count == ALARMS_MAX)
			return false;
		take_alarm(&l->found.items[l->found.count++], json_at(list, i));
	}
	return true;
}

static bool on_alarms(void *arg, struct json_object *page, struct err *err)
{
	struct json_object *metric = json_get(page, "MetricAlarms"), *composite = json_get(page, "CompositeAlarms");

	if (!json_is_array(metric) && !json_is_array(composite))
		return is_wrong("MetricAlarms", err);
	return take_alarms(arg, metric) && take_alarms(arg, composite);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct aws_alarm *)a)->name, ((const struct aws_alarm *)b)->name);
}

static void listed(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct listing *l = arg;

	(void)answer;
	if (err == NULL) {
		qsort(l->found.items, l->found.count, sizeof(*l->found.items), by_name);
		l->found.more = more;
		aws_alarms_free(l->out);
		*l->out = l->found;
		l->found = (struct aws_alarms){ 0 };
	}
	aws_alarms_free(&l->found);
	l->done.fn(l->done.arg, err);
	free(l);
}

static const char *or_null(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

void alarms_list(struct aws *aws, const struct aws_target *target, const char *prefix, const char *state,
                 struct aws_alarms *alarms, struct done done)
{
	struct listing *l = mem_alloc(sizeof(*l));
	struct json_object *body = json_new_object();

	l->found.items = mem_alloc(ALARMS_MAX * sizeof(*l->found.items));
	l->out = alarms;
	l->done = done;
	json_put(body, "AlarmTypes", both_kinds());
	json_put_string(body, "AlarmNamePrefix", or_null(prefix));
	json_put_string(body, "StateValue", or_null(state));
	json_put_int(body, "MaxRecords", PAGE);
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "DescribeAlarms", .target = *target, .body = body,
		.token = "NextToken", .max = PAGES_MAX, .page = on_alarms, .done = listed, .arg = l,
	});
}

/* --- one setting --- */

struct finding {
	char *name;
	struct alarm found, *out;
	bool is_found;
	struct done done;
};

static struct json_object *first_of(struct json_object *page, const char *kind)
{
	return json_at(json_get(page, kind), 0);
}

static bool on_found(void *arg, struct json_object *page, struct err *err)
{
	struct finding *f = arg;
	struct json_object *metric = first_of(page, "MetricAlarms"), *composite = first_of(page, "CompositeAlarms");
	struct json_object *json = metric != NULL ? metric : composite;

	if (!json_is_array(json_get(page, "MetricAlarms")) && !json_is_array(json_get(page, "CompositeAlarms")))
		return is_wrong("MetricAlarms", err);
	if (json == NULL)
		return true;
	f->is_found = true;
	f->found.name = mem_copy_string(f->name);
	f->found.arn = aws_text(json, "AlarmArn", NAME_MAX_BYTES);
	f->found.threshold = f->found.value = (double)NAN;
	if (metric != NULL) {
		alarm_take_trigger(&f->found, json, NULL);
	} else {
		f->found.type = mem_copy_string("composite");
		f->found.rule = aws_text(json, "AlarmRule", ALARM_RULE_MAX);
	}
	return false;
}

static void found(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct finding *f = arg;
	struct err none;

	(void)more;
	(void)answer;
	if (err == NULL && !f->is_found) {
		(void)err_set(&none, ERR_NOT_FOUND, "CloudWatch has no alarm of that name");
		err = &none;
	}
	if (err == NULL) {
		fields_free(alarm_fields, f->out);
		*f->out = f->found;
	} else {
		fields_free(alarm_fields, &f->found);
	}
	f->done.fn(f->done.arg, err);
	free(f->name);
	free(f);
}

void alarms_find(struct aws *aws, const struct aws_target *target, const char *name, struct alarm *alarm,
                 struct done done)
{
	struct finding *f = mem_alloc(sizeof(*f));
	struct json_object *body = json_new_object(), *names = json_new_array();

	f->name = mem_copy_string(name);
	f->out = alarm;
	f->done = done;
	json_append_string(names, name);
	json_put(body, "AlarmNames", names);
	json_put(body, "AlarmTypes", both_kinds());
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "DescribeAlarms", .target = *target, .body = body,
		.token = "NextToken", .max = 1, .page = on_found, .done = found, .arg = f,
	});
}

/* --- history --- */

struct looking {
	int64_t from_ms, until_ms;
	struct aws_alarm_history found, *out;
	struct done done;
};

void aws_alarm_history_free(struct aws_alarm_history *history)
{
	for (size_t i = 0; i < history->count; i++) {
		free(history->items[i].from);
		free(history->items[i].to);
		free(history->items[i].reason);
	}
	free(history->items);
	*history = (struct aws_alarm_history){ 0 };
}

/* "Alarm updated from OK to ALARM": for when HistoryData was cut at its 4095 characters, and is no JSON any more. */
static void take_summary(struct aws_alarm_change *change, const char *summary)
{
	const char *from = summary == NULL ? NULL : strstr(summary, " from "), *to;

	if (from == NULL || (to = strstr(from, " to ")) == NULL)
		return;
	change->from = mem_copy_bytes(from + strlen(" from "), strcspn(from + strlen(" from "), " "));
	change->to = mem_copy_bytes(to + strlen(" to "), strcspn(to + strlen(" to "), ". "));
}

/* False: it is no change of a state. */
static bool take_change(struct aws_alarm_change *change, struct json_object *item)
{
	const char *data = json_string(item, "HistoryData");
	struct err ignored;
	struct json_object *json = data == NULL ? NULL : json_parse(data, strlen(data), &ignored);

	change->at_ms = aws_time_ms(item, "Timestamp");
	change->from = aws_text(json, "oldState.stateValue", NAME_MAX_BYTES);
	change->to = aws_text(json, "newState.stateValue", NAME_MAX_BYTES);
	change->reason = aws_text(json, "newState.stateReason", TEXT_MAX);
	json_free(json);
	if (change->to == NULL)
		take_summary(change, json_string(item, "HistorySummary"));
	if (change->to != NULL)
		return true;
	free(change->from);
	free(change->reason);
	*change = (struct aws_alarm_change){ 0 };
	return false;
}

static bool on_history(void *arg, struct json_object *page, struct err *err)
{
	struct looking *l = arg;
	struct json_object *list = json_get(page, "AlarmHistoryItems");

	if (!json_is_array(list))
		return is_wrong("AlarmHistoryItems", err);
	for (size_t i = 0; i < json_count(list); i++) {
		int64_t at_ms = aws_time_ms(json_at(list, i), "Timestamp");

		if (at_ms < l->from_ms || at_ms >= l->until_ms)
			continue;
		if (l->found.count == ALARMS_HISTORY_MAX)
			return false;
		l->found.count += take_change(&l->found.items[l->found.count], json_at(list, i));
	}
	return true;
}

static int newest_first(const void *a, const void *b)
{
	const struct aws_alarm_change *first = a, *second = b;

	return (first->at_ms < second->at_ms) - (first->at_ms > second->at_ms);
}

static void looked(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct looking *l = arg;

	(void)answer;
	if (err == NULL) {
		qsort(l->found.items, l->found.count, sizeof(*l->found.items), newest_first);
		l->found.more = more;
		aws_alarm_history_free(l->out);
		*l->out = l->found;
		l->found = (struct aws_alarm_history){ 0 };
	}
	aws_alarm_history_free(&l->found);
	l->done.fn(l->done.arg, err);
	free(l);
}

void alarms_history(struct aws *aws, const struct aws_target *target, const char *name, int64_t from_ms,
                    int64_t until_ms, struct aws_alarm_history *history, struct done done)
{
	struct looking *l = mem_alloc(sizeof(*l));
	struct json_object *body = json_new_object();

	l->from_ms = from_ms;
	l->until_ms = until_ms;
	l->found.items = mem_alloc((ALARMS_HISTORY_MAX + 1) * sizeof(*l->found.items));
	l->out = history;
	l->done = done;
	json_put_string(body, "AlarmName", name);
	json_put(body, "AlarmTypes", both_kinds());
	json_put_string(body, "HistoryItemType", "StateUpdate");
	json_put_int(body, "StartDate", from_ms / 1000);
	json_put_int(body, "EndDate", (until_ms + 999) / 1000);
	json_put_string(body, "ScanBy", "TimestampDescending");
	json_put_int(body, "MaxRecords", PAGE);
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "DescribeAlarmHistory", .target = *target, .body = body,
		.token = "NextToken", .max = PAGES_MAX, .turn_ms = &aws_shared(aws)->history_turn_ms,
		.every_ms = HISTORY_EVERY_MS, .page = on_history, .done = looked, .arg = l,
	});
}
