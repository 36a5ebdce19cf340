/* Reading from Prometheus' API: the request, logins, signatures, parts, turns, refusals, retries, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/prometheus/prometheus.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/worker.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/series_help.h"
#include "tests/unit/support/turn.h"

#define FROM_MS 1795721100000
#define STEP_MS 300000
#define EMPTY "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[]}}"
#define ONE(time) "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{}," \
                  "\"values\":[[" #time ",\"1.5\"]]}]}}"
#define READS_MAX 20

static struct prometheus *prometheus;
static struct config_prometheus entries[2];
static struct metric metrics[READS_MAX];
static struct metric_read reads[READS_MAX];
static struct aws_end end;
static size_t progress[READS_MAX], progressed;

static void start(void)
{
	(void)aws_world_start();
	if (entries[0].url == NULL) {
		char url[100];

		(void)snprintf(url, sizeof(url), "%s/prom/", aws_world_url());
		entries[0].url = mem_copy_string(url);
	}
	entries[1].url = mem_copy_string(entries[0].url);
	cloud.config.prometheus.items = entries;
	cloud.config.prometheus.count = 2;
	cloud.bot.worker = worker_new(cloud.loop);
	prometheus = prometheus_new(&cloud.bot);
}

static int setup(void **state)
{
	(void)aws_world_begin(state);
	progressed = 0;
	entries[0] = (struct config_prometheus){ .name = mem_copy_string("prom") };
	entries[1] = (struct config_prometheus){ .name = mem_copy_string("second") };
	for (size_t i = 0; i < READS_MAX; i++) {
		metrics[i] = (struct metric){ .id = mem_copy_string("m"), .source = mem_copy_string("prom"),
		                              .query = mem_copy_string("up"), .period_ms = STEP_MS };
		reads[i] = (struct metric_read){ .metric = &metrics[i], .from_ms = FROM_MS, .to_ms = FROM_MS + 5 * STEP_MS };
	}
	return 0;
}

static int teardown(void **state)
{
	prometheus_free(prometheus);
	prometheus = NULL;
	worker_free(cloud.bot.worker);
	cloud.config.prometheus.count = 0;
	for (size_t i = 0; i < READS_MAX; i++) {
		metric_free(&metrics[i]);
		metric_result_free(&reads[i].result);
	}
	for (size_t i = 0; i < 2; i++) {
		free(entries[i].name);
		free(entries[i].url);
		free(entries[i].user);
		free(entries[i].region);
		secret_free(&entries[i].password);
		secret_free(&entries[i].token);
	}
	return aws_world_end(state);
}

static void on_progress(void *arg, size_t finished, size_t count)
{
	assert_ptr_equal(arg, progress);
	assert_true(finished <= count);
	progress[progressed++] = finished;
}

static void begin(size_t count)
{
	memset(&end, 0, sizeof(end));
	for (size_t i = 0; i < READS_MAX; i++)
		metric_result_free(&reads[i].result);
	prometheus_read(prometheus, reads, count, on_progress, progress, aws_end_token(&end));
	assert_false(end.done);
}

static void read_all(size_t count)
{
	begin(count);
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
}

static void read_failing(const char *words)
{
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_FAILED);
	assert_int_equal(reads[0].result.count, 0);
	assert_string_equal(reads[0].result.why, words);
}

/* --- the request --- */

static void the_request(void **state)
{
	(void)state;
	start();
	mem_set_string(&metrics[0].query, "sum(rate(hits{a=\"b&c\"}[5m]))");
	aws_world_answer("POST /prom/api/v1/query_range HTTP/1.1", 200, NULL, ONE(1795721400));
	read_all(1);
	assert_string_equal(cloud.asked[0].body, "query=sum%28rate%28hits%7Ba%3D%22b%26c%22%7D%5B5m%5D%29%29&start=1795721100"
	                    "&end=1795722300&step=300&timeout=30");
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-www-form-urlencoded");
	assert_string_equal(aws_world_header(0, "Authorization"), "");
	assert_int_equal(reads[0].result.outcome, METRIC_COMPLETE);
	assert_int_equal(reads[0].result.series[0].series.count, 5);
	assert_true(reads[0].result.series[0].series.values[1] == 1.5);
	assert_true(isnan(reads[0].result.series[0].series.values[0]));
	assert_int_equal(metrics_value("tocsin_prometheus_queries_total", "outcome", "ok"), 1);
}

static void fractions_of_a_second(void **state)
{
	(void)state;
	start();
	metrics[0].period_ms = 1500;
	reads[0].from_ms = 1795721101500;
	reads[0].to_ms = reads[0].from_ms + 3000;
	aws_world_answer(NULL, 200, NULL, EMPTY);
	read_all(1);
	assert_string_equal(cloud.asked[0].body, "query=up&start=1795721101.500&end=1795721103&step=1.500&timeout=30");
	assert_int_equal(reads[0].result.outcome, METRIC_EMPTY);
}

static void logins(void **state)
{
	(void)state;
	entries[0].user = mem_copy_string("Aladdin");
	secret_set(&entries[0].password, "open sesame");
	secret_set(&entries[1].token, "a.b-c");
	mem_set_string(&metrics[1].source, "second");
	start();
	aws_world_answer(NULL, 200, NULL, EMPTY);
	aws_world_answer(NULL, 200, NULL, EMPTY);
	read_all(2);
	assert_string_equal(aws_world_header(0, "Authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	assert_string_equal(aws_world_header(1, "Authorization"), "Bearer a.b-c");
}

/* --- signatures --- */

static int64_t fixed_now(void)
{
	return 1440938160000; /* 20150830T123600Z */
}

static void managed(const char *token)
{
	char to[200];
	const char *const connect_to[] = { to, NULL };

	(void)snprintf(to, sizeof(to), "aps-workspaces.us-east-1.amazonaws.com:80:127.0.0.1:%d", aws_world_port());
	aws_world_client(connect_to);
	aws_world_env("AWS_ACCESS_KEY_ID", "AKIDTEST");
	aws_world_env("AWS_SECRET_ACCESS_KEY", "very-secret-key");
	if (token != NULL)
		aws_world_env("AWS_SESSION_TOKEN", token);
	entries[0].url = mem_copy_string("http://aps-workspaces.us-east-1.amazonaws.com/workspaces/ws-1/");
	entries[0].region = mem_copy_string("us-east-1");
	start();
}

/* The signature is what botocore's SigV4Auth makes of this request, these credentials and this time. */
static void a_signed_request_is_signed_as_botocore_does(void **state)
{
	(void)state;
	clock_replace(fixed_now);
	managed("a-token");
	reads[0].from_ms = 1440936000000;
	reads[0].to_ms = reads[0].from_ms + 7 * STEP_MS;
	aws_world_answer("POST /workspaces/ws-1/api/v1/query_range", 200, NULL, EMPTY);
	read_all(1);
	assert_string_equal(cloud.asked[0].body, "query=up&start=1440936000&end=1440937800&step=300&timeout=30");
	assert_string_equal(aws_world_header(0, "Host"), "aps-workspaces.us-east-1.amazonaws.com");
	assert_string_equal(aws_world_header(0, "X-Amz-Security-Token"), "a-token");
	assert_string_equal(aws_world_header(0, "Authorization"),
	                    "AWS4-HMAC-SHA256 Credential=AKIDTEST/20150830/us-east-1/aps/aws4_request, "
	                    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
	                    "Signature=e05d4d90ff745293a1975066d0050a59eef6137e2f93328032df6e48ead44d7b");
}

static void what_aws_refuses_is_said(void **state)
{
	(void)state;
	managed(NULL);
	aws_world_answer(NULL, 403, "x-amzn-ErrorType: AccessDeniedException\r\n", "{\"message\":\"User: x\"}");
	read_failing("prom: not allowed: IAM action aps:QueryMetrics; add it to the policy of tocsin's role "
	             "(AccessDeniedException)");
}

static void expired_credentials_are_renewed_once(void **state)
{
	(void)state;
	managed(NULL);
	aws_world_answer(NULL, 200, NULL, EMPTY);
	read_all(1);
	aws_world_env("AWS_ACCESS_KEY_ID", "AKIDNEWER");
	aws_world_answer(NULL, 403, "x-amzn-ErrorType: ExpiredTokenException\r\n", "{}");
	aws_world_answer(NULL, 200, NULL, EMPTY);
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_EMPTY);
	assert_non_null(strstr(aws_world_header(1, "Authorization"), "Credential=AKIDTEST/"));
	assert_non_null(strstr(aws_world_header(2, "Authorization"), "Credential=AKIDNEWER/"));
	aws_world_answer(NULL, 403, "x-amzn-ErrorType: ExpiredTokenException\r\n", "{}");
	aws_world_answer(NULL, 403, "x-amzn-ErrorType: ExpiredTokenException\r\n", "{}");
	read_failing("prom: AWS does not accept the signature (403 ExpiredTokenException); check the entry's region and the "
	             "credentials");
	assert_int_equal(cloud.count, 5);
}

static void without_credentials_nothing_is_sent(void **state)
{
	(void)state;
	managed(NULL);
	aws_free(cloud.bot.aws);
	aws_world_env("AWS_ACCESS_KEY_ID", "");
	aws_world_env("AWS_EC2_METADATA_DISABLED", "true");
	(void)aws_world_start();
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_FAILED);
	assert_non_null(strstr(reads[0].result.why, "prom: "));
	assert_int_equal(cloud.count, 0);
}

/* --- parts and turns --- */

static void a_long_range_is_asked_for_in_parts(void **state)
{
	(void)state;
	start();
	metrics[0].period_ms = 60000;
	reads[0].from_ms = 1795680000000;
	reads[0].to_ms = reads[0].from_ms + 22001 * INT64_C(60000);
	aws_world_answer("start=1795680000&end=1796339940&", 200, NULL, ONE(1796339940));
	aws_world_answer("start=1796340000&end=1796999940&", 200, NULL, ONE(1796340000));
	aws_world_answer("start=1797000000&end=1797000000&", 200, NULL, ONE(1797000000));
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_COMPLETE);
	assert_int_equal(series_known(&reads[0].result.series[0].series), 3);
	assert_true(reads[0].result.series[0].series.values[10999] == 1.5);
	assert_true(reads[0].result.series[0].series.values[22000] == 1.5);
	assert_int_equal(progressed, 1);
}

static void a_missing_part_makes_it_partial(void **state)
{
	(void)state;
	start();
	metrics[0].period_ms = 60000;
	reads[0].from_ms = 1795680000000;
	reads[0].to_ms = reads[0].from_ms + 11001 * INT64_C(60000);
	aws_world_answer("start=1796340000&", 422, NULL, "{\"status\":\"error\",\"error\":\"too many samples\"}");
	aws_world_answer("start=1795680000&", 200, NULL, ONE(1795680000));
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_PARTIAL);
	assert_string_equal(reads[0].result.why, "1 of 2 parts of the time are missing: prom answers 422: too many samples; "
	                    "change the query");
	assert_true(reads[0].result.unread);
	assert_int_equal(reads[0].result.count, 1);
}

static void four_at_once_for_each_entry(void **state)
{
	(void)state;
	start();
	for (size_t i = 0; i < 12; i++)
		aws_world_answer(i < 6 ? "query=up" : "query=down", AWS_WORLD_SILENT, NULL, NULL);
	for (size_t i = 0; i < 12; i++)
		mem_set_string(i % 2 == 0 ? &metrics[i].source : &metrics[i].query, i % 2 == 0 ? "second" : "down");
	begin(12);
	aws_world_until(2 * PROMETHEUS_AT_ONCE);
	turn_for(cloud.loop, 50);
	assert_int_equal(cloud.count, 2 * PROMETHEUS_AT_ONCE);
}

static void each_metric_has_its_own_end(void **state)
{
	(void)state;
	start();
	for (size_t i = 0; i < 10; i++)
		aws_world_answer(NULL, i == 3 ? 400 : 200, NULL, i == 3 ? "{\"error\":\"1:1: parse error\"}" : ONE(1795721100));
	mem_set_string(&metrics[10].source, "third");
	reads[11].to_ms = reads[11].from_ms;
	reads[12].to_ms = reads[12].from_ms + (SERIES_COUNT_MAX + 1) * (int64_t)STEP_MS;
	read_all(13);
	for (size_t i = 0, failed = 0; i < 10; i++) {
		failed += reads[i].result.outcome == METRIC_FAILED;
		assert_int_equal(reads[i].result.outcome == METRIC_COMPLETE, reads[i].result.count == 1);
		assert_true(i < 9 || failed == 1);
	}
	assert_string_equal(reads[10].result.why, "no entry of prometheus is named third; add it, or correct the metric's source");
	assert_string_equal(reads[11].result.why, "the time to read holds no whole period; read a longer one");
	assert_non_null(strstr(reads[12].result.why, "more than 200000 values"));
	assert_int_equal(progressed, 13);
	for (size_t i = 0; i < 13; i++)
		assert_int_equal(progress[i], i + 1);
	read_all(0);
}

/* --- refusals and retries --- */

static void refusals_say_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} all[] = {
		{ 400, "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:14: parse error: unexpected \\u001b[1mend\\n\"}",
		  "prom answers 400: 1:14: parse error: unexpected end ; correct the query" },
		{ 422, "{\"error\":\"many-to-many matching not allowed\"}",
		  "prom answers 422: many-to-many matching not allowed; change the query" },
		{ 401, "", "prom answers 401; check user and password, or token, of the entry" },
		{ 404, "<html>a page", "prom answers 404; its url must be what stands before api/v1/query_range" },
		{ 302, "", "prom answers 302; it redirects: give the address behind that as the url" },
		{ 200, "<html>", "prom: the answer is not that of Prometheus' API; check the url" },
	};

	(void)state;
	start();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		aws_world_answer(NULL, all[i].status, NULL, all[i].body);
		read_failing(all[i].words);
		assert_int_equal(cloud.count, i + 1);
	}
	assert_int_equal(metrics_value("tocsin_prometheus_queries_total", "outcome", "usage"), 2);
	assert_int_equal(metrics_value("tocsin_prometheus_queries_total", "outcome", "refused"), 4);
	assert_non_null(strstr(cloud.log.text, "prometheus.query_failed"));
}

static void what_passes_is_tried_three_times(void **state)
{
	(void)state;
	start();
	aws_world_answer(NULL, AWS_WORLD_CUT, NULL, NULL);
	aws_world_answer(NULL, 429, "Retry-After: 2\r\n", "");
	aws_world_answer(NULL, 200, NULL, ONE(1795721100));
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_COMPLETE);
	for (int i = 0; i < 3; i++)
		aws_world_answer(NULL, 503, NULL, "{\"errorType\":\"timeout\",\"error\":\"query timed out\"}");
	read_failing("prom answers 503: query timed out; it timed out or is overloaded: ask for fewer series or a longer period");
	assert_int_equal(cloud.count, 6);
	assert_int_equal(metrics_value("tocsin_prometheus_queries_total", "outcome", "retry"), 1);
}

static void nobody_listens(void **state)
{
	(void)state;
	entries[0].url = mem_copy_string("http://127.0.0.1:1/");
	start();
	read_all(1);
	assert_int_equal(reads[0].result.outcome, METRIC_FAILED);
	assert_non_null(strstr(reads[0].result.why, "prom: 127.0.0.1"));
	assert_non_null(strstr(reads[0].result.why, "; check its url and the network"));
}

static int64_t shift_ms;

static int64_t shifted_now(void)
{
	return 1795730000000 + shift_ms;
}

/* A server that never answers costs its metrics two minutes at most, however many they are. */
static void who_waits_too_long_for_a_turn_fails(void **state)
{
	(void)state;
	clock_replace(shifted_now);
	start();
	begin(READS_MAX);
	shift_ms += PROMETHEUS_READ_MS + 1; /* as if others had kept every turn until now */
	aws_end_wait(&end);
	assert_int_equal(cloud.count, 0);
	for (size_t i = 0; i < READS_MAX; i++)
		assert_string_equal(reads[i].result.why, "prom is too slow: the request waited more than 120 s for its turn; "
		                    "read fewer metrics at once");
}

/* --- the end --- */

static void freeing_cancels_in_every_state(void **state)
{
	(void)state;
	start();
	for (size_t i = 0; i < PROMETHEUS_AT_ONCE - 1; i++)
		aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	aws_world_answer(NULL, 200, NULL, ONE(1795721100));
	begin(READS_MAX);
	aws_world_until(PROMETHEUS_AT_ONCE);
	prometheus_free(prometheus);
	prometheus = NULL;
	assert_true(end.done);
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	assert_int_equal(end.times, 1);
	turn_for(cloud.loop, 20);
	assert_int_equal(end.times, 1);
}

static void freeing_before_anything_began(void **state)
{
	(void)state;
	managed(NULL);
	begin(2);
	prometheus_free(prometheus);
	prometheus = NULL;
	assert_int_equal(end.err.kind, ERR_CANCELLED);
	turn_for(cloud.loop, 20);
	assert_int_equal(cloud.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_request),
		TEST(fractions_of_a_second),
		TEST(logins),
		TEST(a_signed_request_is_signed_as_botocore_does),
		TEST(what_aws_refuses_is_said),
		TEST(expired_credentials_are_renewed_once),
		TEST(without_credentials_nothing_is_sent),
		TEST(a_long_range_is_asked_for_in_parts),
		TEST(a_missing_part_makes_it_partial),
		TEST(four_at_once_for_each_entry),
		TEST(each_metric_has_its_own_end),
		TEST(refusals_say_what_to_do),
		TEST(what_passes_is_tried_three_times),
		TEST(nobody_listens),
		TEST(who_waits_too_long_for_a_turn_fails),
		TEST(freeing_cancels_in_every_state),
		TEST(freeing_before_anything_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
