#include "adapters/aws/metrics_item.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/config_types.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define PROBLEM_MAX 400
#define TEXT_MAX 1024 /* of a dimension's value; the other attributes are shorter */
#define DAYS_MAX 455

#define KEY "awsService"

struct reading {
	struct json_object *item;
	struct metric metric;
	char *problem;
};

static bool refuse(struct reading *r, const char *format, ...) PRINTF(2, 3);
static bool refuse(struct reading *r, const char *format, ...)
{
	const char *name = json_text(r->item, KEY ".S");
	char text[PROBLEM_MAX];
	struct str problem;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_init(&problem, PROBLEM_MAX);
	if (name != NULL)
		str_addf(&problem, "item %.60s: %s", name, text);
	else
		str_addf(&problem, "an item: %s", text);
	str_utf8_mend(problem.text);
	for (char *c = problem.text; *c != '\0'; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	free(r->problem);
	r->problem = str_take(&problem);
	return false;
}

/* *text: of a string or a number; NULL when absent or empty. False: it is something else, or too long. */
static bool read_text(struct reading *r, const char *name, const char **text)
{
	char path[40];

	*text = NULL;
	if (!json_has(r->item, name))
		return true;
	(void)snprintf(path, sizeof(path), "%s.S", name);
	*text = json_string(r->item, path);
	if (*text == NULL) {
		path[strlen(path) - 1] = 'N';
		*text = json_string(r->item, path);
	}
	if (*text == NULL)
		return refuse(r, "%s is no string; store it as one", name);
	if (strlen(*text) > TEXT_MAX)
		return refuse(r, "%s is longer than %d bytes; shorten it", name, TEXT_MAX);
	if (**text == '\0')
		*text = NULL;
	return true;
}

static bool read_needed(struct reading *r, const char *name, char **slot)
{
	const char *text;

	if (!read_text(r, name, &text))
		return false;
	if (text == NULL)
		return refuse(r, "%s is missing; add it", name);
	mem_set_string(slot, text);
	return true;
}

/* *number: 0 when absent. */
static bool read_count(struct reading *r, const char *name, const char *of_what, int64_t *number)
{
	const char *text;

	*number = 0;
	if (!read_text(r, name, &text))
		return false;
	if (text == NULL)
		return true;
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 9 || strtoll(text, NULL, 10) == 0)
		return refuse(r, "%s \"%.40s\" is no number of %s; write one like 300", name, text, of_what);
	*number = strtoll(text, NULL, 10);
	return true;
}

/* --- dimensions --- */

#define FORM "[{\"ClusterName\":\"c\"},{\"ServiceName\":\"s\"}]"

static bool add_dimension(struct reading *r, const char *name, const char *value)
{
	size_t before;

	if (*name == '\0' || value == NULL || *value == '\0')
		return refuse(r, "dimensions has a name or a value that is empty or no text; write " FORM);
	if (r->metric.dimensions == NULL)
		r->metric.dimensions = json_new_object();
	before = json_count(r->metric.dimensions);
	json_put_string(r->metric.dimensions, name, value);
	if (json_count(r->metric.dimensions) == before)
		return refuse(r, "dimensions has %.40s twice; remove one", name);
	if (before == METRIC_DIMENSIONS_MAX)
		return refuse(r, "dimensions has more than %d entries, which no metric has; remove some",
		              METRIC_DIMENSIONS_MAX);
	return true;
}

static bool add_member(void *arg, const char *name, struct json_object *value)
{
	return add_dimension(arg, name, json_string(value, ""));
}

static bool read_list(struct reading *r, const char *text)
{
	struct err err;
	struct json_object *list = json_parse_unique(text, strlen(text), &err);

	if (!json_is_array(list)) {
		json_free(list);
		return refuse(r, "dimensions is no JSON list; write " FORM);
	}
	for (size_t i = 0; i < json_count(list) && r->problem == NULL; i++)
		if (json_is_object(json_at(list, i)))
			json_each(json_at(list, i), add_member, r);
		else
			(void)refuse(r, "dimensions has an entry that is no object; write " FORM);
	json_free(list);
	return r->problem == NULL;
}

static bool read_dimensions(struct reading *r)
{
	const char *list, *name, *value;

	if (!read_text(r, "dimensions", &list) || !read_text(r, "dimensionsName", &name) ||
	    !read_text(r, "dimensionsValue", &value))
		return false;
	if ((name == NULL) != (value == NULL))
		return refuse(r, "has only one of dimensionsName and dimensionsValue; add the other, or remove it");
	if (list != NULL && name != NULL)
		return refuse(r, "has dimensions and dimensionsName; remove one of them");
	if (list != NULL)
		return read_list(r, list);
	return name == NULL || add_dimension(r, name, value);
}

/* --- the whole --- */

static bool read_period(struct reading *r)
{
	int64_t seconds;

	if (!read_count(r, "period", "seconds", &seconds))
		return false;
	r->metric.period_ms = seconds == 0 ? 300000 : seconds * 1000;
	return metric_is_cloudwatch_period(r->metric.period_ms) ||
	       refuse(r, "period %lld is none of CloudWatch's; use 1, 5, 10, 20, 30 or whole minutes, as 300",
	              (long long)seconds);
}

static bool read_stat(struct reading *r)
{
	const char *stat;

	if (!read_text(r, "stat", &stat))
		return false;
	if (stat != NULL && !config_is_statistic(stat))
		return refuse(r, "stat \"%.40s\" is no statistic of CloudWatch; use Average, Sum, Minimum, Maximum, "
		              "SampleCount, or one like p90", stat);
	r->metric.stat = mem_copy_string(stat == NULL ? "Average" : stat);
	return true;
}

static bool read_rest(struct reading *r)
{
	const char *unit;
	int64_t days;

	if (!read_text(r, "unit", &unit) || !read_count(r, "dateRange", "days", &days))
		return false;
	if (days > DAYS_MAX)
		return refuse(r, "dateRange %lld is longer than the %d days that CloudWatch keeps; use fewer",
		              (long long)days, DAYS_MAX);
	r->metric.unit = mem_copy_string(unit);
	return true;
}

bool metrics_item_read(struct metric *metric, struct json_object *item, char **problem)
{
	struct reading r = { .item = item, .metric = { .normal_below = NAN, .normal_above = NAN,
	                                               .anomaly_band = NAN } };

	if (read_needed(&r, KEY, &r.metric.title) && read_needed(&r, "namespace", &r.metric.namespace_) &&
	    read_needed(&r, "metricName", &r.metric.metric) && read_stat(&r) && read_period(&r) &&
	    read_dimensions(&r) && read_rest(&r)) {
		r.metric.id = metric_id_of(r.metric.title);
		r.metric.source = mem_copy_string(METRIC_SOURCE_CLOUDWATCH);
		*metric = r.metric;
		return true;
	}
	*problem = r.problem;
	metric_free(&r.metric);
	return false;
}
