/* A dashboard of CloudWatch as configuration: what comes over, what is left out, and that all of it loads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/config.h"
#include "bot/json.h"
#include "bot/metric.h"
#include "bot/str.h"
#include "commands/import.h"

static const char base[] =
	"slack: { app_token: xapp-1-A0123456789-0123456789-abcdef, bot_token: xoxb-0123456789-abcdefgh, channel: "
	"C0123456789 }\nsns: { topics: [ \"arn:aws:sns:us-east-1:123456789012:alarms\" ] }\n";

static struct config *config;
static const struct config_dashboard *board;
static char *yaml;

static int forget(void **state)
{
	(void)state;
	config_free(config);
	free(yaml);
	config = NULL;
	yaml = NULL;
	return 0;
}

static char *write_yaml(const char *name, const char *body, struct err *err)
{
	const struct import_source source = { .name = name, .body = body, .length = strlen(body), .region = NULL,
		.account = "123456789012" };

	return import_yaml(&source, err);
}

/* Written, and loaded behind a configuration that lacks nothing else. */
static void load(const char *name, const char *body)
{
	struct str text, problems;
	struct err err;

	(void)forget(NULL);
	yaml = write_yaml(name, body, &err);
	if (yaml == NULL)
		fail_msg("%s", err.text);
	str_init(&text, (size_t)2 << 20);
	str_init(&problems, 1 << 16);
	str_add(&text, base);
	str_add(&text, yaml);
	config = config_parse(text.text, text.length, "t.yaml", false, &problems);
	if (config == NULL)
		fail_msg("%s\n%s", problems.text, yaml);
	board = &config->dashboards.items[0];
	str_free(&text);
	str_free(&problems);
}

static const struct metric *line(const char *id)
{
	for (size_t i = 0; i < board->metric_count; i++)
		if (strcmp(board->metrics[i].id, id) == 0)
			return &board->metrics[i];
	fail_msg("no line %s in:\n%s", id, yaml);
	return NULL;
}

static void says(const char *part)
{
	if (strstr(yaml, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, yaml);
}

#define BODY(widgets) "{\"widgets\":[" widgets "]}"
#define WIDGET(properties) "{\"type\":\"metric\",\"x\":0,\"width\":6,\"properties\":{" properties "}}"

/* --- metrics --- */

static void the_shorthand_is_written_out(void **state)
{
	(void)state;
	load("Shop-1", BODY(WIDGET("\"region\":\"eu-west-1\",\"stat\":\"p99\",\"period\":60,\"metrics\":["
	     "[\"AWS/ApplicationELB\",\"TargetResponseTime\",\"LoadBalancer\",\"app/a\",\"TargetGroup\",\"t1\"],"
	     "[\".\",\"RequestCount\",\".\",\".\",{\"stat\":\"Sum\",\"period\":300,\"label\":\"Requests\"}],"
	     "[\"...\",\"app/b\"],[\".\",\"HTTPCode_Target_5XX_Count\",\"...\"],[\"...\",{\"region\":\"us-east-1\"}],"
	     "[\"AWS/EC2\",\"CPUUtilization\",\"InstanceId\",\"i-1\",{\"accountId\":\"210987654321\"}],"
	     "[\"...\",\"i-2\",{\"accountId\":\"123456789012\"}]]")));
	assert_string_equal(board->name, "Shop-1");
	assert_int_equal(board->metric_count, 7);
	const struct metric *slow = line("target_response_time"), *requests = line("requests");
	assert_string_equal(slow->namespace_, "AWS/ApplicationELB");
	assert_string_equal(json_print(slow->dimensions), "{\"LoadBalancer\":\"app/a\",\"TargetGroup\":\"t1\"}");
	assert_string_equal(slow->stat, "p99");
	assert_string_equal(slow->region, "eu-west-1");
	assert_true(slow->period_ms == 60000 && slow->title == NULL && slow->account == NULL);
	assert_string_equal(json_print(requests->dimensions), "{\"LoadBalancer\":\"app/a\"}");
	assert_string_equal(requests->title, "Requests");
	assert_string_equal(requests->stat, "Sum");
	assert_int_equal(requests->period_ms, 300000);
	assert_string_equal(json_print(line("request_count")->dimensions), "{\"LoadBalancer\":\"app/b\"}");
	assert_string_equal(line("http_code_target_5xx_count")->metric, "HTTPCode_Target_5XX_Count");
	assert_string_equal(json_print(line("http_code_target_5xx_count")->dimensions), "{\"LoadBalancer\":\"app/b\"}");
	assert_string_equal(line("http_code_target_5xx_count_2")->region, "us-east-1");
	assert_string_equal(line("cpu_utilization")->account, "210987654321");
	assert_string_equal(json_print(line("cpu_utilization_2")->dimensions), "{\"InstanceId\":\"i-2\"}");
	assert_null(line("cpu_utilization_2")->account); /* our own */
}

static void widgets_have_defaults_and_titles(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"title\":\"Load\",\"metrics\":[[\"App\",\"Orders\"]]") ","
	               WIDGET("\"title\":\"Hosts\",\"period\":3000000,\"metrics\":[[\"App\",\"Load\",\"Host\",\"a\"],"
	                      "[\"...\",\"b\",{\"label\":\"B now ${LAST}\"}],[\"...\",\"c\",{\"label\":\"third\"}]]") ","
	               WIDGET("\"metrics\":[[\"App\",\"Odd\",{\"period\":\"x\",\"label\":\"\"}]]")));
	assert_string_equal(line("orders")->title, "Load");
	assert_string_equal(line("orders")->stat, "Average");
	assert_int_equal(line("orders")->period_ms, 300000);
	assert_null(line("orders")->region);
	assert_string_equal(line("load")->title, "Hosts: Load a");
	assert_string_equal(line("load_2")->title, "Hosts: Load b");
	assert_string_equal(line("third")->title, "Hosts: third");
	assert_int_equal(line("third")->period_ms, 86400000); /* at most a day */
	assert_int_equal(line("odd")->period_ms, 300000);
	assert_null(line("odd")->title);
}

static void a_metric_counts_once(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"metrics\":[[\"App\",\"Orders\",{\"id\":\"m1\",\"visible\":false}],[{\"expression\":\"m1*2\"}]]") ","
	               WIDGET("\"title\":\"Orders\",\"metrics\":[[\"App\",\"Orders\",{\"id\":\"x\"}],[{\"expression\":\"x * 2\"}],"
	                      "[{\"expression\":\"x*2\"}]]")));
	assert_int_equal(board->metric_count, 3);
	assert_false(line("orders")->hidden);
	assert_string_equal(line("formula")->expression, "orders*2");
	assert_string_equal(line("formula_2")->expression, "orders * 2");
}

/* --- formulas --- */

static void formulas_get_the_new_ids(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"period\":60,\"metrics\":[[{\"expression\":\"100*m1/m2\",\"id\":\"e1\",\"label\":\"Error rate\","
	                      "\"period\":300}],[\"App\",\"Errors\",{\"id\":\"m1\",\"visible\":false}],[\".\",\"Requests\","
	                      "{\"id\":\"m2\"}],[{\"expression\":\"AVG(e1)+SUM(METRICS())\",\"id\":\"e2\"}],"
	                      "[{\"expression\":\"SEARCH('{AWS/EC2,InstanceId} m1', 'Sum', 300)\"}],"
	                      "[{\"expression\":\"SELECT AVG(x)\\n FROM \\\"AWS/EC2\\\"\",\"period\":300}]]") ","
	               WIDGET("\"metrics\":[[\"Db\",\"Reads\",{\"id\":\"m1\"}],[{\"expression\":\"RATE(m1)\"}]]")));
	assert_string_equal(line("error_rate")->expression, "100*errors/requests");
	assert_int_equal(line("error_rate")->period_ms, 60000); /* of what it computes with */
	assert_null(line("error_rate")->stat);
	assert_true(line("errors")->hidden && !line("requests")->hidden);
	assert_string_equal(line("e2")->expression, "AVG(error_rate)+SUM([errors, requests])");
	assert_string_equal(line("formula")->expression, "SEARCH('{AWS/EC2,InstanceId} m1', 'Sum', 300)");
	assert_string_equal(line("formula_2")->expression, "SELECT AVG(x)\n FROM \"AWS/EC2\"");
	assert_int_equal(line("formula_2")->period_ms, 300000);
	assert_string_equal(line("formula_3")->expression, "RATE(reads)");
}

static void formulas_that_cannot_be_are_left_out(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"metrics\":[[\"App\",\"A\",{\"id\":\"m1\"}],[\".\",\"B\",{\"id\":\"m2\",\"period\":60}],"
	                      "[\".\",\"C\",{\"id\":\"m3\",\"region\":\"eu-west-1\"}],[\".\",\"D\",{\"visible\":false}],"
	                      "[{\"expression\":\"m1+m2\"}],[{\"expression\":\"m1+m3\",\"id\":\"e1\"}],[{\"expression\":\"e1*2\"}],"
	                      "[{\"expression\":\"m1+lost\"}],[{\"expression\":\"a+1\",\"id\":\"b\"}],[{\"expression\":\"b+1\","
	                      "\"id\":\"a\"}],[{\"expression\":\"SUM(METRICS('q'))\"}],[{\"expression\":\"\"}]]")));
	assert_int_equal(board->metric_count, 3);
	says("formula m1+m2: it computes with metrics of different periods");
	says("formula m1+m3: it computes with another region or account");
	says("formula e1*2: it computes with something that is left out");
	says("formula m1+lost: it names something that its widget does not have");
	says("formula a+1: it needs its own result");
	says("formula b+1: it needs its own result");
	says("formula SUM(METRICS('q')): it computes with metrics of different periods");
	says("widget 1, d: it is hidden there, and nothing computes with it");
}

static void bands_go_to_their_metrics(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"metrics\":[[{\"expression\":\"ANOMALY_DETECTION_BAND(m1, 3)\",\"id\":\"ad1\"}],"
	                      "[\"App\",\"Orders\",{\"id\":\"m1\"}],[{\"expression\":\"ANOMALY_DETECTION_BAND(e1)\"}],"
	                      "[{\"expression\":\"m1/2\",\"id\":\"e1\"}],[\".\",\"Late\",{\"id\":\"m2\"}],"
	                      "[{\"expression\":\"ad1*2\"}],[{\"expression\":\"ANOMALY_DETECTION_BAND(lost, 2)\"}]]") ","
	               WIDGET("\"metrics\":[[\"App\",\"Orders\",{\"id\":\"m9\"}],[{\"expression\":"
	                      "\"ANOMALY_DETECTION_BAND(m9, 2.5)\"}]]")));
	assert_int_equal(board->metric_count, 3);
	assert_true(fabs(line("orders")->anomaly_band - 2.5) < 1e-9); /* the narrower one */
	assert_true(fabs(line("e1")->anomaly_band - 2) < 1e-9);
	assert_true(isnan(line("late")->anomaly_band));
	says("formula ad1*2: it computes with something that is left out");
	says("formula ANOMALY_DETECTION_BAND(lost, 2): it names something that its widget does not have");
}

/* --- limits and alarms --- */

static void shaded_annotations_are_limits(void **state)
{
	(void)state;
	load("d", BODY(WIDGET("\"metrics\":[[\"App\",\"A\"],[\".\",\"B\",{\"yAxis\":\"right\"}],[\".\",\"H\",{\"visible\":false,\"id\":"
	                      "\"h\"}],[{\"expression\":\"h*2\",\"id\":\"e\"}]],\"annotations\":{\"horizontal\":["
	                      "{\"value\":0.5,\"label\":\"SLO # x\",\"fill\":\"above\"},{\"value\":0.7,\"fill\":\"above\"},"
	                      "{\"value\":0.1,\"fill\":\"below\",\"label\":\"floor\"},{\"value\":9,\"fill\":\"above\",\"yAxis\":"
	                      "\"right\",\"label\":\"top\"},{\"value\":3,\"label\":\"a line\"},{\"value\":4,\"fill\":\"below\","
	                      "\"visible\":false},[{\"value\":1},{\"value\":2}],{\"value\":8,\"fill\":\"below\"}]}")));
	assert_true(line("a")->normal_below == 0.5 && line("a")->normal_above == 0.1);
	assert_true(line("b")->normal_below == 9 && isnan(line("b")->normal_above));
	assert_true(isnan(line("h")->normal_below));
	assert_true(line("e")->normal_below == 0.5);
	says("normal: { below: 9 } # top");
	says("a line at 3: neither side of it is shaded");
	says("an annotation between two values");
}

static void alarms_are_named(void **state)
{
	(void)state;
	load("d", BODY("{\"type\":\"alarm\",\"properties\":{\"title\":\"All\",\"alarms\":["
	               "\"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop: \\\"slow\\\"\",\"arn:aws:cloudwatch:eu-west-1:"
	               "123456789012:alarm:b\",\"arn:aws:cloudwatch:us-east-1:123456789012:alarm:c\",\"nonsense\",7]}},"
	               WIDGET("\"annotations\":{\"alarms\":[\"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:b\"]}") ","
	               WIDGET("\"metrics\":[]")));
	assert_int_equal(board->metric_count, 0);
	assert_int_equal(board->alarms.count, 2);
	assert_string_equal(board->alarms.items[0], "shop: \"slow\"");
	assert_string_equal(board->alarms.items[1], "b");
	assert_string_equal(board->alarms_region, "eu-west-1");
	assert_null(board->alarms_account);
	says("# left out: widget 1, All: alarm c: it is of another region or account than the first one");
	says("an alarm that is none: nonsense");
	says("widget 3: it has no metrics");
	load("d", BODY("{\"type\":\"alarm\",\"properties\":{\"alarms\":[\"arn:aws:cloudwatch:eu-west-1:210987654321:alarm:x\"]}}"));
	assert_string_equal(board->alarms_account, "210987654321");
}

static void logs_with_a_series_come_over(void **state)
{
	(void)state;
	load("d", BODY("{\"type\":\"log\",\"properties\":{\"title\":\"Errors\",\"region\":\"eu-west-1\",\"query\":\"SOURCE '/shop/a' | "
	               "SOURCE \\\"/shop/b\\\" | filter m like /${x}/\\n| stats count(*) as n by bin(10m), level\"}},"
	               "{\"type\":\"log\",\"properties\":{\"query\":\"SOURCE '/a' | fields @message\"}},"
	               "{\"type\":\"log\",\"properties\":{\"query\":\"SOURCE logGroups(namePrefix: ['x']) | stats count(*) by bin(5m)\"}},"
	               "{\"type\":\"log\",\"properties\":{\"query\":\"SOURCE '/a' | stats count(*) by bin(30s)\"}},"
	               "{\"type\":\"log\",\"properties\":{\"query\":\"SOURCE '/a*' | stats count(*) by bin(5m)\"}},"
	               "{\"type\":\"log\"}"));
	assert_int_equal(board->metric_count, 1);
	const struct metric *errors = line("errors");
	assert_string_equal(errors->source, "logs");
	assert_string_equal(errors->query, "filter m like /${x}/\n| stats count(*) as n by bin(10m), level");
	assert_int_equal(errors->log_groups.count, 2);
	assert_string_equal(errors->log_groups.items[1], "/shop/b");
	assert_int_equal(errors->period_ms, 600000);
	assert_string_equal(errors->region, "eu-west-1");
	says("widget 2: its rows are no series");
	says("widget 3: its log groups are not named one by one");
	says("widget 4: its bin is no number of minutes");
	says("widget 5: its log groups are not named one by one");
	says("widget 6: it has no query that can be read");
}

/* --- what is left out, and what is hostile --- */

static void other_widgets_are_comments(void **state)
{
	(void)state;
	load("d", BODY("{\"type\":\"text\",\"properties\":{\"markdown\":\"# hi\"}},{\"type\":\"explorer\",\"properties\":{\"title\":"
	               "\"x\\ny\"}},{},7," WIDGET("\"metrics\":[[\"App\"],[\"App\",\"A\",\"B\"],[\".\",\".\",\".\",\".\",\".\",\".\"],7,"
	               "[{},\"App\"],[\"App\",\"A\",\"\",\"x\"],[\"App\",\"A\",\"D\",\"x\",\"D\",\"y\"],[\"App\",\"A\\u0001\"],"
	               "[\"App\",\"A\",{\"stat\":\"best\"}],[\"App\",\"A\",{\"region\":\"x\"}],[\"App\",\"A\",{\"accountId\":\"1\"}],"
	               "[\"App\",\"Good\"]],\"stat\":\"Sum\"")));
	assert_int_equal(board->metric_count, 1);
	says("# left out: widget 1: type text has no metrics that can be judged");
	says("# left out: widget 2, x y: type explorer");
	says("# left out: widget 3: it has no type");
	says("# left out: widget 4: it has no type");
	says("App: it names no metric");
	says("a row repeats something that the one above it does not have");
	says("a row is no list");
	says("A: its dimensions are none");
	says("A: its statistic is not known");
	says("A: it is of a region that is none");
	says("A: it is of an account that is none");
}

static void no_text_breaks_out(void **state)
{
	static const char hostile[] = "\\\"\\\\: - # ${HOME} $${X} \\u2028\\u0085\\ufeff *a &b !c %d @e `f {g} [h] | > ' \\u00e4";
	struct str body;

	(void)state;
	str_init(&body, 10000);
	str_addf(&body, BODY(WIDGET("\"title\":\"%s\",\"metrics\":[[\"%s\",\"%s\",\"%s\",\"%s\",{\"label\":\"x\"}]]")
	                     ",{\"type\":\"%s\",\"properties\":{\"title\":\"\\u2028slack: {}\\nslack: {}\"}}"), hostile, hostile,
	         hostile, hostile, hostile, hostile);
	load("4 \"shop\"\nslack: x, which is far longer than a name may be here", body.text);
	str_free(&body);
	assert_string_equal(board->name, "d-4__shop__slack__x__which_is_far_longer");
	assert_int_equal(board->metric_count, 1);
	const char *clear = "\"\\: - # ${HOME} $${X} \xe2\x80\xa8\xc2\x85\xef\xbb\xbf *a &b !c %d @e `f {g} [h] | > ' \xc3\xa4";
	assert_string_equal(board->metrics[0].namespace_, clear);
	assert_string_equal(board->metrics[0].metric, clear);
	assert_non_null(strstr(board->metrics[0].title, "${HOME}"));
}

static void sizes_are_bounded(void **state)
{
	struct str body;
	struct err err;

	(void)state;
	str_init(&body, (size_t)4 << 20);
	str_add(&body, "{\"widgets\":[{\"type\":\"metric\",\"properties\":{\"metrics\":[[\"App\",\"M\",\"D\",\"0\"]");
	for (int i = 1; i < 2000; i++)
		str_addf(&body, ",[\"...\",\"%d\"]", i);
	str_add(&body, "]}}]}");
	load("d", body.text);
	assert_int_equal(board->metric_count, 300);
	says("1700 of its rows: there are 300 lines already");
	str_clear(&body);
	str_add(&body, "{\"widgets\":[");
	for (int i = 0; i < 300; i++)
		str_addf(&body, "%s{\"type\":\"text\"}", i == 0 ? "" : ",");
	str_add(&body, "," WIDGET("\"metrics\":[[\"App\",\"M\"]]") "]}");
	load("d", body.text);
	says("# left out: 200 more");
	str_clear(&body);
	str_add(&body, "{\"widgets\":[{\"type\":\"metric\",\"properties\":{\"metrics\":[[\"App\",\"M\"");
	for (int i = 0; i < 29; i++)
		str_addf(&body, ",\"D%d\",\"%01000d\"", i, 7);
	str_add(&body, ",\"Last\",\"0\"]");
	for (int i = 1; i < 100; i++)
		str_addf(&body, ",[\"...\",\"%d\"]", i);
	str_add(&body, "]}}]}");
	load("d", body.text);
	assert_in_range(board->metric_count, 10, 14); /* 30 KB each */
	says("there is too much else");
	assert_true(strlen(yaml) < (size_t)1 << 20);
	str_free(&body);
	assert_null(write_yaml("d", "[]", &err));
	assert_int_equal(err.kind, ERR_RETRY);
	assert_null(write_yaml("d", "{\"widgets\":", &err));
	assert_int_equal(err.kind, ERR_RETRY);
	assert_null(write_yaml("d", BODY("{\"type\":\"text\"}"), &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, "dashboard d shows nothing that can be judged: widget 1: type text has no metrics that "
	                    "can be judged");
}

/* A row of a megabyte of repetitions is looked at once, not once for each of them. */
static void long_rows_take_no_time(void **state)
{
	struct str body;
	struct err err;

	(void)state;
	str_init(&body, (size_t)4 << 20);
	str_add(&body, "{\"widgets\":[{\"type\":\"metric\",\"properties\":{\"metrics\":[[\"...\"");
	for (int i = 0; i < 150000; i++)
		str_add(&body, ",\"...\"");
	str_add(&body, "]]}}]}");
	assert_null(write_yaml("d", body.text, &err));
	assert_non_null(strstr(err.text, "more dimensions"));
	str_free(&body);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, forget, forget)
	const struct CMUnitTest tests[] = {
		T(the_shorthand_is_written_out),
		T(long_rows_take_no_time),
		T(widgets_have_defaults_and_titles),
		T(a_metric_counts_once),
		T(formulas_get_the_new_ids),
		T(formulas_that_cannot_be_are_left_out),
		T(bands_go_to_their_metrics),
		T(shaded_annotations_are_limits),
		T(alarms_are_named),
		T(logs_with_a_series_come_over),
		T(other_widgets_are_comments),
		T(no_text_breaks_out),
		T(sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
