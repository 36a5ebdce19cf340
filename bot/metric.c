#include "bot/metric.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define TITLE_MAX 200
#define WHY_MAX 1000
#define PERIOD_MAX_S INT64_C(604800) /* no alarm looks back further */

/* --- metrics --- */

static bool add_dimension(void *title, const char *name, struct json_object *value)
{
	const char *text = json_string(value, "");

	(void)name;
	str_addf(title, " %s", text == NULL ? "?" : text);
	return true;
}

static char *taken(struct str *title)
{
	str_utf8_mend(title->text);
	return str_take(title);
}

char *metric_title(const struct metric *metric)
{
	struct str title;

	str_init(&title, TITLE_MAX);
	if (metric->title != NULL) {
		str_add(&title, metric->title);
	} else if (metric->metric != NULL) {
		str_add(&title, metric->metric);
		if (metric->dimensions != NULL)
			json_each(metric->dimensions, add_dimension, &title);
		if (metric->stat != NULL)
			str_addf(&title, " (%s)", metric->stat);
	} else {
		str_add(&title, metric->query != NULL ? metric->query :
		                metric->expression != NULL ? metric->expression : metric->id);
	}
	return taken(&title);
}

struct lookup {
	struct json_object *others;
	const char *name, *value; /* that is looked for */
	bool found, all;
};

static bool is_wanted(void *arg, const char *name, struct json_object *value)
{
	struct lookup *lookup = arg;
	const char *text = json_string(value, "");

	lookup->found = strcmp(name, lookup->name) == 0 && text != NULL && lookup->value != NULL &&
	                strcmp(text, lookup->value) == 0;
	return !lookup->found;
}

/* Not by a path of json.h: names may hold dots. */
static bool is_among(void *arg, const char *name, struct json_object *value)
{
	struct lookup *lookup = arg;

	lookup->name = name;
	lookup->value = json_string(value, "");
	lookup->found = false;
	json_each(lookup->others, is_wanted, lookup);
	lookup->all = lookup->found;
	return lookup->all;
}

bool metric_same_dimensions(struct json_object *a, struct json_object *b)
{
	struct lookup lookup = { .others = b, .all = true };

	if (json_count(a) != json_count(b))
		return false;
	if (json_count(a) > 0)
		json_each(a, is_among, &lookup);
	return lookup.all;
}

char *metric_id_of(const char *name)
{
	struct str id;

	str_init(&id, METRIC_ID_MAX);
	if (!isalpha((unsigned char)name[0]))
		str_add(&id, "m_");
	for (size_t i = 0; name[i] != '\0'; i++)
		str_add_char(&id, isalnum((unsigned char)name[i]) ? name[i] : '_');
	id.text[0] = (char)tolower((unsigned char)id.text[0]);
	return str_take(&id);
}

void metric_copy(struct metric *to, const struct metric *from)
{
	*to = *from;
	to->id = mem_copy_string(from->id);
	to->title = mem_copy_string(from->title);
	to->source = mem_copy_string(from->source);
	to->query = mem_copy_string(from->query);
	to->namespace_ = mem_copy_string(from->namespace_);
	to->metric = mem_copy_string(from->metric);
	to->stat = mem_copy_string(from->stat);
	to->expression = mem_copy_string(from->expression);
	to->dimensions = json_copy(from->dimensions);
	to->account = mem_copy_string(from->account);
	to->region = mem_copy_string(from->region);
	to->unit = mem_copy_string(from->unit);
	to->about = mem_copy_string(from->about);
	to->log_groups = (struct config_list){ .items = mem_alloc((from->log_groups.count + 1) * sizeof(char *)) };
	for (size_t i = 0; i < from->log_groups.count; i++)
		to->log_groups.items[to->log_groups.count++] = mem_copy_string(from->log_groups.items[i]);
}

void metric_free(struct metric *metric)
{
	free(metric->id);
	free(metric->title);
	free(metric->source);
	free(metric->query);
	free(metric->namespace_);
	free(metric->metric);
	free(metric->stat);
	free(metric->expression);
	json_free(metric->dimensions);
	free(metric->account);
	free(metric->region);
	free(metric->unit);
	free(metric->about);
	for (size_t i = 0; i < metric->log_groups.count; i++)
		free(metric->log_groups.items[i]);
	free(metric->log_groups.items);
	*metric = (struct metric){ 0 };
}

/* --- ranges --- */

bool metric_is_cloudwatch_period(int64_t period_ms)
{
	static const int64_t fine[] = { 1000, 5000, 10000, 20000, 30000 };

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (period_ms == fine[i])
			return true;
	return period_ms >= 60000 && period_ms <= 86400000 && period_ms % 60000 == 0;
}

/* Of metrics in high resolution CloudWatch keeps periods below a minute, for three hours. */
int64_t metric_fit_period_ms(int64_t period_s)
{
	if (period_s > PERIOD_MAX_S)
		return PERIOD_MAX_S * 1000;
	if (period_s > 0 && metric_is_cloudwatch_period(period_s * 1000))
		return period_s * 1000;
	return period_s <= 60 ? 60000 : (period_s + 59) / 60 * 60000;
}

/* The multiple of step at or below; both are positive times of our own. */
static int64_t round_down(int64_t ms, int64_t step)
{
	return ms - ms % step;
}

void metric_range(const struct metric *metric, int64_t from_ms, int64_t until_ms, int64_t now_ms,
                  int64_t settle_ms, struct metric_read *read)
{
	int64_t complete_ms = now_ms - settle_ms;
	int64_t end_ms = until_ms < complete_ms ? until_ms : complete_ms;

	*read = (struct metric_read){ .metric = metric };
	read->from_ms = round_down(from_ms, metric->period_ms);
	read->to_ms = round_down(end_ms, metric->period_ms);
	if (read->to_ms < read->from_ms)
		read->to_ms = read->from_ms;
}

/* --- results --- */

void metric_series_free(struct metric_series *series)
{
	free(series->label);
	series_free(&series->series);
}

void metric_result_free(struct metric_result *result)
{
	for (size_t i = 0; i < result->count; i++)
		metric_series_free(&result->series[i]);
	free(result->series);
	series_free(&result->band_low);
	series_free(&result->band_high);
	free(result->no_band);
	free(result->why);
	*result = (struct metric_result){ 0 };
}

void metric_result_fail(struct metric_result *result, const char *format, ...)
{
	struct str why;
	char text[WHY_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_init(&why, WHY_MAX);
	str_add(&why, text);
	metric_result_free(result);
	result->outcome = METRIC_FAILED;
	result->why = taken(&why);
}
