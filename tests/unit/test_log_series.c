/* Metrics from logs: what a query's rows come to, how little is asked for, and what is remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/aws/log_memory.h"
#include "adapters/aws/log_series.h"
#include "bot/clock.h"
#include "bot/log_query.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define NOW INT64_C(1764115200000) /* 2025-11-26T00:00:00Z */

static char id[] = "errors", source[] = "logs", group[] = "/shop/web", region[] = "eu-west-1";
static char *groups[] = { group, NULL };
static char counted[] = "filter level = 'error' | stats count(*) as errors by bin(1h)";

/* --- queries --- */

static void assert_query(const char *text, int64_t bin_ms, const char *time, const char *values, bool labelled)
{
	struct log_query query;
	struct err err;
	struct str said;

	if (!log_query_read(text, &query, &err))
		fail_msg("%s: %s", text, err.text);
	str_init(&said, 1000);
	for (size_t i = 0; i < query.value_count; i++)
		str_addf(&said, "%s%s%s", i == 0 ? "" : "; ", query.values[i].name, query.values[i].counts ? "!" : "");
	assert_string_equal(said.text, values);
	assert_string_equal(query.time, time);
	assert_int_equal(query.bin_ms, bin_ms);
	assert_int_equal(query.labelled, labelled);
	str_free(&said);
	log_query_free(&query);
}

static void queries_say_what_their_rows_have(void **state)
{
	(void)state;
	assert_query("stats count(*) as errors by bin(5m)", 5 * MINUTE, "bin(5m)", "errors!", false);
	assert_query("FIELDS @m | STATS sum(bytes),avg(a / b) AS mean , pct(t,99) BY status, BIN( 1h ) as t | sort t desc", HOUR, "t",
	             "sum(bytes)!; mean; pct(t,99)", true);
	assert_query("parse @message /(?<a>\\|x) by/ | filter x =~ /|/ | stats sum(a/b)/sum(c/d) as r, sum(x) by bin(1h)", HOUR, "bin(1h)",
	             "r; sum(x)!", false);
	assert_query("filter m like /stats | by/ # stats | x\n| stats count_distinct(ip)/count(*) as `odd as` by bin(300s)",
	             5 * MINUTE, "bin(300s)", "`odd as`", false);
	assert_query("stats count(*) by bin(1m) | stats max(c) as top, count(x) as n by bin(1d)", DAY, "bin(1d)", "top; n!", false);
	assert_true(log_query_is_column("count(*)", "count( * )") && log_query_is_column("odd as", "`odd as`"));
	assert_false(log_query_is_column("count", "count(*)") || log_query_is_column("", "a"));
}

static void assert_refused(const char *text, const char *part)
{
	struct log_query query;
	struct err err;

	assert_false(log_query_read(text, &query, &err));
	if (strstr(err.text, part) == NULL)
		fail_msg("%s: \"%s\" is not in \"%s\"", text, part, err.text);
}

static void queries_without_a_series_are_refused(void **state)
{
	assert_refused("stats count(*) as n by bin(1h) | sort n desc | limit 20", "limit");
	/* A bucket that a filter hides is no bucket without events. */
	assert_query("stats count(*) as n by bin(1h) | filter n > 5", HOUR, "bin(1h)", "n", false);
	assert_query("limit 9 | filter a > 5 | stats count(*) as n by bin(1h) | sort n", HOUR, "bin(1h)", "n!", false);
	(void)state;
	assert_refused("", "has no stats command");
	assert_refused("fields @message | filter x = 'stats count(*) by bin(5m)'", "has no stats command");
	assert_refused("stats count(*)", "does not group by time");
	assert_refused("stats count(*) by host", "does not group by time");
	assert_refused("stats count(*) by bin(soon)", "does not group by time");
	assert_refused("stats by bin(5m)", "without a value");
	assert_refused("stats a, b, c, d, e, f by bin(5m)", "more than 5 values");
}

/* --- reading --- */

static struct metric metric_of(char *query)
{
	return (struct metric){ .id = id, .source = source, .query = query, .region = region, .period_ms = HOUR,
		.log_groups = { groups, 1 }, .normal_below = NAN, .normal_above = NAN };
}

static int64_t later_ms, began_ms;

static int64_t real_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Of that day, and it goes on. */
static int64_t tell_time(void)
{
	return NOW + later_ms + real_ms() - began_ms;
}

static int setup(void **state)
{
	later_ms = 0;
	began_ms = real_ms();
	clock_replace(tell_time);
	aws_world_begin(state);
	(void)aws_world_start();
	return 0;
}

static int teardown(void **state)
{
	int result = aws_world_end(state);

	clock_replace(NULL);
	return result;
}

static struct metric_read read_of(const struct metric *metric, int64_t days, int64_t fresh_days, int64_t to_ms)
{
	return (struct metric_read){ .metric = metric, .from_ms = to_ms - days * DAY, .to_ms = to_ms,
		.fresh_from_ms = to_ms - fresh_days * DAY };
}

static struct err read_logs(struct metric_read *reads, size_t count)
{
	struct aws_end end = { 0 };

	log_series_read(cloud.bot.aws, reads, count, NULL, NULL, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end.err;
}

/* One whole query, which gives these rows. */
static void query(const char *rows, const char *scanned)
{
	struct mem mem = { 0 };

	aws_world_answer("StartQuery", 200, NULL, "{\"queryId\":\"q\"}");
	aws_world_answer("GetQueryResults", 200, NULL, mem_printf(&mem, "{\"status\":\"Complete\",\"results\":[%s],\"statistics\":"
	                 "{\"bytesScanned\":%s,\"recordsMatched\":1,\"recordsScanned\":1}}", rows, scanned));
	mem_free_all(&mem);
}

#define ROW(time, name, value) "[{\"field\":\"bin(1h)\",\"value\":\"" time "\"},{\"field\":\"" name "\",\"value\":\"" value "\"}]"
#define LABELLED(time, level, value) "[{\"field\":\"bin(1h)\",\"value\":\"" time "\"},{\"field\":\"level\",\"value\":\"" level \
	"\"},{\"field\":\"errors\",\"value\":\"" value "\"}]"

static size_t asked(const char *operation)
{
	size_t count = 0;

	for (size_t i = 0; i < cloud.count; i++)
		count += strstr(cloud.asked[i].head, operation) != NULL;
	return count;
}

static void a_count_without_a_row_is_zero(void **state)
{
	struct metric metric = metric_of(counted);
	struct metric_read read = read_of(&metric, 3, 1, NOW);

	(void)state;
	query(ROW("2025-11-25 03:00:00.000", "errors", "7"), "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_non_null(strstr(cloud.asked[0].body, "\"startTime\":1764028800,\"endTime\":1764115199,\"limit\":10000"));
	assert_int_equal(read.result.outcome, METRIC_COMPLETE);
	assert_int_equal(read.result.count, 1);
	assert_null(read.result.series[0].label);
	const struct series *series = &read.result.series[0].series;
	assert_int_equal(series->count, 72);
	assert_true(isnan(series->values[47]) && series->values[48] == 0 && series->values[51] == 7);
	metric_result_free(&read.result);
}

static void an_average_without_a_row_is_a_gap(void **state)
{
	static char average[] = "stats avg(ms) by bin(1h)";
	struct metric metric = metric_of(average);
	struct metric_read read = read_of(&metric, 1, 1, NOW);

	(void)state;
	query(ROW("2025-11-25 03:00:00.000", "avg(ms)", "7.5") "," ROW("2025-11-25 04:00:00.000", "avg(ms)", ""), "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	const struct series *series = &read.result.series[0].series;
	assert_true(isnan(series->values[2]) && series->values[3] == 7.5 && isnan(series->values[4]));
	metric_result_free(&read.result);
	read = read_of(&metric, 1, 1, NOW - 14 * DAY);
	query("", "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(read.result.outcome, METRIC_EMPTY);
	metric_result_free(&read.result);
}

static void labels_and_values_tell_series_apart(void **state)
{
	static char grouped[] = "stats count(*) as errors, max(ms) as slowest by bin(1h), level";
	struct metric metric = metric_of(grouped);
	struct metric_read read = read_of(&metric, 1, 1, NOW);

	(void)state;
	query("[{\"field\":\"bin(1h)\",\"value\":\"2025-11-25 03:00:00.000\"},{\"field\":\"level\",\"value\":\"w\\nx\"},{\"field\":"
	      "\"errors\",\"value\":\"2\"},{\"field\":\"slowest\",\"value\":\"9\"}]," LABELLED("2025-11-25 05:00:00.000", "e", "1") ","
	      LABELLED("soon", "e", "1"), "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(read.result.outcome, METRIC_PARTIAL); /* one row has no time */
	assert_int_equal(read.result.count, 3);
	assert_string_equal(read.result.series[0].label, "errors: level=e");
	assert_string_equal(read.result.series[1].label, "errors: level=w x");
	assert_string_equal(read.result.series[2].label, "slowest: level=w x");
	assert_true(read.result.series[0].series.values[3] == 0 && read.result.series[0].series.values[5] == 1);
	assert_true(read.result.series[2].series.values[3] == 9 && isnan(read.result.series[2].series.values[4]));
	metric_result_free(&read.result);
}

/* Labels that are alike for as far as they are kept are of different series all the same. */
static void long_labels_tell_series_apart(void **state)
{
	static char grouped[] = "stats count(*) as errors by bin(1h), level";
	char long_label[301], other[301], rows[4000];
	struct metric metric = metric_of(grouped);
	struct metric_read read = read_of(&metric, 1, 1, NOW);

	(void)state;
	memset(long_label, 'x', 300);
	long_label[300] = '\0';
	memcpy(other, long_label, sizeof(other));
	other[299] = 'y';
	(void)snprintf(rows, sizeof(rows), LABELLED("2025-11-25 05:00:00.000", "%s", "1") ","
	               LABELLED("2025-11-25 05:00:00.000", "%s", "7"), long_label, other);
	query(rows, "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(read.result.count, 2);
	assert_int_equal(read.result.series[0].series.values[5] + read.result.series[1].series.values[5], 8);
	metric_result_free(&read.result);
}

static void what_is_known_is_not_scanned_again(void **state)
{
	struct metric metric = metric_of(counted);
	struct metric_read read = read_of(&metric, 14, 2, NOW);

	(void)state;
	query(ROW("2025-11-25 03:00:00.000", "errors", "3"), "1000");
	query(ROW("2025-11-24 03:00:00.000", "errors", "2"), "1000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(asked("StartQuery"), 2);
	metric_result_free(&read.result);
	aws_world_forget();
	later_ms = DAY; /* the next morning */
	read = read_of(&metric, 14, 2, NOW + DAY);
	query(ROW("2025-11-26 03:00:00.000", "errors", "4"), "1000");
	query(ROW("2025-11-25 23:00:00.000", "errors", "9"), "1000"); /* the last hour, which was too young to be remembered */
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(asked("StartQuery"), 2);
	assert_non_null(strstr(cloud.asked[0].body, "\"startTime\":1764115200,\"endTime\":1764201599"));
	const struct series *series = &read.result.series[0].series;
	size_t end = series->count;
	assert_true(series->values[end - 21] == 4 && series->values[end - 25] == 9 && series->values[end - 45] == 3);
	assert_true(series->values[end - 69] == 2 && isnan(series->values[end - 73])); /* older than fresh_from, and known */
	metric_result_free(&read.result);
	aws_world_forget();
	read = read_of(&metric, 14, 2, NOW + DAY - 2 * HOUR); /* all of it is known */
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(cloud.count, 0);
	assert_int_equal(read.result.outcome, METRIC_COMPLETE);
	metric_result_free(&read.result);
}

static void what_scans_too_much_is_left_out(void **state)
{
	struct metric metric = metric_of(counted);
	struct metric_read read = read_of(&metric, 5, 5, NOW);

	(void)state;
	metric.max_scan = INT64_C(2) << 20;
	query(ROW("2025-11-25 03:00:00.000", "errors", "3"), "1500000");
	query("", "1500000");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(asked("StartQuery"), 2);
	assert_int_equal(read.result.outcome, METRIC_PARTIAL);
	assert_string_equal(read.result.why, "only since 2025-11-24T00:00Z: its queries scan more than the 2 MiB that max_scan "
	                    "allows; narrow its log groups, or raise max_scan");
	assert_true(isnan(read.result.series[0].series.values[71]) && read.result.series[0].series.values[72] == 0);
	metric_result_free(&read.result);
	aws_world_forget();
	read = read_of(&metric, 1, 1, NOW - 30 * DAY);
	aws_world_answer("StartQuery", 200, NULL, "{\"queryId\":\"q\"}");
	aws_world_answer("GetQueryResults", 200, NULL, "{\"status\":\"Running\",\"results\":[],\"statistics\":{\"bytesScanned\":9e9}}");
	aws_world_answer("StopQuery", 200, NULL, "{\"success\":true}");
	aws_world_answer("GetQueryResults", 200, NULL, "{\"status\":\"Cancelled\",\"results\":[],\"statistics\":{\"bytesScanned\":9e9}}");
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(read.result.outcome, METRIC_FAILED);
	assert_non_null(strstr(read.result.why, "its queries scan more than the 2 MiB"));
	metric_result_free(&read.result);
}

/* A query that fails has scanned, too, and that is charged: it is not tried until the bill is long. */
static void what_failed_has_scanned_too(void **state)
{
	struct metric metric = metric_of(counted);
	struct metric_read read = read_of(&metric, 5, 5, NOW);

	(void)state;
	metric.max_scan = INT64_C(2) << 20;
	for (int i = 0; i < 3; i++) {
		aws_world_answer("StartQuery", 200, NULL, "{\"queryId\":\"q\"}");
		aws_world_answer("GetQueryResults", 200, NULL, "{\"status\":\"Failed\",\"results\":[],\"statistics\":"
		                 "{\"bytesScanned\":1500000}}");
	}
	assert_int_equal(read_logs(&read, 1).kind, ERR_NONE);
	assert_int_equal(asked("StartQuery"), 2);
	assert_int_equal(read.result.outcome, METRIC_FAILED);
	assert_non_null(strstr(read.result.why, "its queries scan more than the 2 MiB"));
	metric_result_free(&read.result);
}

static void one_that_fails_does_not_cost_the_others(void **state)
{
	static char other[] = "stats count(*) by bin(1h)";
	struct metric metrics[] = { metric_of(counted), metric_of(other), metric_of(counted) };
	struct metric_read reads[] = { read_of(&metrics[0], 1, 1, NOW), read_of(&metrics[1], 1, 1, NOW),
		                       read_of(&metrics[2], 0, 0, NOW) };

	(void)state;
	aws_world_answer("level = 'error'", 400, NULL, "{\"__type\":\"MalformedQueryException\",\"message\":\"no\"}");
	query(ROW("2025-11-25 03:00:00.000", "count(*)", "3"), "1000");
	assert_int_equal(read_logs(reads, 3).kind, ERR_NONE);
	assert_int_equal(reads[0].result.outcome, METRIC_FAILED);
	assert_non_null(strstr(reads[0].result.why, "the query cannot be read: no"));
	assert_int_equal(reads[1].result.outcome, METRIC_COMPLETE);
	assert_int_equal(reads[2].result.outcome, METRIC_FAILED);
	for (size_t i = 0; i < 3; i++)
		metric_result_free(&reads[i].result);
	assert_int_equal(read_logs(reads, 0).kind, ERR_NONE);
}

static void the_end_of_aws_ends_it(void **state)
{
	struct metric metrics[] = { metric_of(counted), metric_of(counted), metric_of(counted) };
	struct metric_read reads[3];
	struct aws_end end = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		reads[i] = read_of(&metrics[i], 1, 1, NOW);
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	log_series_read(cloud.bot.aws, reads, 3, NULL, NULL, aws_end_token(&end));
	aws_world_until(2);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_int_equal(end.times, 1);
}

/* --- memory --- */

static void memory_is_bounded(void **state)
{
	struct log_memory *memory = mem_alloc(sizeof(*memory));
	struct metric_series series = { .label = NULL };
	struct mem mem = { 0 };

	(void)state;
	series.label = mem_copy_string("a");
	series_make_empty(&series.series, 0, MINUTE, 200000);
	for (int i = 0; i < 100; i++)
		log_memory_keep(memory, mem_printf(&mem, "%d", i), MINUTE, 200000 * MINUTE, &series, 1);
	assert_true(memory->values <= LOG_MEMORY_VALUES && memory->count == LOG_MEMORY_VALUES / 199999);
	assert_null(log_memory_find(memory, "0"));
	assert_non_null(log_memory_find(memory, "99"));
	for (int i = 0; i < 200; i++)
		log_memory_keep(memory, mem_printf(&mem, "%d", i), 0, 10 * MINUTE, &series, 1);
	assert_int_equal(memory->count, LOG_MEMORY_ENTRIES);
	log_memory_keep(memory, "199", 0, 0, &series, 1);
	assert_null(log_memory_find(memory, "199"));
	log_memory_free(memory);
	assert_int_equal(memory->values, 0);
	metric_series_free(&series);
	mem_free_all(&mem);
	free(memory);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_say_what_their_rows_have),
		cmocka_unit_test(queries_without_a_series_are_refused),
		T(a_count_without_a_row_is_zero),
		T(an_average_without_a_row_is_a_gap),
		T(labels_and_values_tell_series_apart),
		T(long_labels_tell_series_apart),
		T(what_is_known_is_not_scanned_again),
		T(what_scans_too_much_is_left_out),
		T(what_failed_has_scanned_too),
		T(one_that_fails_does_not_cost_the_others),
		T(the_end_of_aws_ends_it),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
