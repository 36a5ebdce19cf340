/* Answers to GetMetricData and items of the table: whatever comes, results that keep their promises. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/cloudwatch_page.h"
#include "adapters/aws/cloudwatch_plan.h"
#include "adapters/aws/cloudwatch_result.h"
#include "adapters/aws/metrics_item.h"
#include "bot/json.h"
#include "bot/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START INT64_C(1764100800000)
#define BUCKETS 12
#define ROOM 100

static char name[] = "m", formula[] = "SEARCH('x', 'Sum', 300)";

static void check(bool good)
{
	if (!good)
		__builtin_trap();
}

static void check_line(const char *text)
{
	check(text != NULL && *text != '\0' && str_utf8_valid(text, strlen(text)));
}

static void check_result(const struct metric_result *result)
{
	check((result->why == NULL) == (result->outcome == METRIC_COMPLETE));
	if (result->why != NULL)
		check_line(result->why);
	check((result->count > 0) == (result->outcome == METRIC_COMPLETE || result->outcome == METRIC_PARTIAL));
	check(result->count <= METRIC_SERIES_MAX);
	for (size_t i = 0; i < result->count; i++) {
		const struct metric_series *series = &result->series[i];
		check(series->series.start_ms == START && series->series.count == BUCKETS);
		check(series->label != NULL || result->count == 1);
		check(i == 0 || strcmp(result->series[i - 1].label, series->label) < 0);
		for (size_t n = 0; n < BUCKETS; n++)
			check(!isinf(series->series.values[n]));
	}
}

/* All pieces as if they were one metric's, on two pages. */
static void gather(struct cloudwatch_page *page, struct metric *metric, const struct err *err)
{
	struct metric_read read = { .metric = metric, .from_ms = START, .to_ms = START + BUCKETS * metric->period_ms };
	struct cloudwatch_plan plan;
	size_t room = ROOM;

	cloudwatch_plan_make(&plan, &read, 1, read.to_ms + metric->period_ms);
	check(plan.call_count == 1);
	for (unsigned n = 1; n <= 2; n++)
		for (size_t i = 0; i < page->count; i++)
			cloudwatch_result_add(&plan.queries[0], &page->pieces[i], n, &room);
	cloudwatch_result_note(&plan.queries[0], page->note);
	cloudwatch_result_end(&plan.queries[0], "us-east-1", err);
	check(room <= ROOM);
	check_result(&read.result);
	metric_result_free(&read.result);
	cloudwatch_plan_free(&plan);
}

static void read_item(const char *text, size_t size)
{
	struct err err;
	struct json_object *json = json_parse(text, size, &err);
	struct metric metric;
	char *problem = NULL;

	if (json != NULL && metrics_item_read(&metric, json, &problem)) {
		check(problem == NULL && metric.id[0] >= 'a' && metric.id[0] <= 'z');
		check(metric_is_cloudwatch_period(metric.period_ms));
		metric_free(&metric);
	} else if (json != NULL) {
		check_line(problem);
	}
	free(problem);
	json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct metric plain = { .id = name, .source = name, .namespace_ = name, .metric = name, .stat = name,
	                        .period_ms = 300000 };
	struct metric many = { .id = name, .source = name, .expression = formula, .period_ms = 300000 };
	const struct err broken = { .kind = ERR_RETRY, .text = "the line is cut" };
	struct cloudwatch_page page;
	struct err err;

	read_item((const char *)data, size);
	if (!cloudwatch_page_read(&page, (const char *)data, size, &err)) {
		check(err.kind == ERR_RETRY);
		cloudwatch_page_free(&page);
		return 0;
	}
	gather(&page, &plain, NULL);
	gather(&page, &many, NULL);
	gather(&page, &many, &broken);
	cloudwatch_page_free(&page);
	return 0;
}
