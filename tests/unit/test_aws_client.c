/* One call of AWS against a peer that throttles, fails, lies about the time, dies, or stays silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/xml.h"
#include "bot/clock.h"
#include "bot/http_client.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"

static const struct aws_service json_service = { "ssm", "ssm", "ssm", AWS_JSON_1_1, "AmazonSSM", false };
static const struct aws_service old_service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0, "G20100801", true };
static const struct aws_service query_service = { "sts", "sts", "sts", AWS_QUERY, "2011-06-15", false };

struct outcome {
	struct aws_end end;
	char code[96];
	char text[128]; /* the member "a", or the element <a> */
	bool sending;
};

static void answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct outcome *o = arg;
	const char *text = NULL;

	assert_false(o->sending);
	o->end.done = true;
	o->end.times++;
	if (err != NULL)
		o->end.err = *err;
	if (answer == NULL)
		return;
	if (answer->fault != NULL)
		(void)snprintf(o->code, sizeof(o->code), "%s", answer->fault->code);
	if (answer->json != NULL)
		text = json_string(answer->json, "a");
	if (answer->xml != NULL)
		text = xml_text(answer->xml, "a");
	(void)snprintf(o->text, sizeof(o->text), "%s", text == NULL ? "" : text);
	if (answer->body != NULL)
		(void)snprintf(o->text, sizeof(o->text), "%.*s", (int)answer->body_length, answer->body);
	free(answer->body);
}

static void begin(struct aws *aws, struct aws_request request, struct outcome *o)
{
	if (request.service == NULL)
		request.service = &json_service;
	if (request.operation == NULL)
		request.operation = "DoIt";
	if (request.body == NULL)
		request.body = request.service == &query_service ? "" : "{}";
	o->sending = true;
	aws_call(aws, &request, answered, o);
	o->sending = false;
	assert_false(o->end.done);
}

static struct outcome run(struct aws_request request)
{
	struct outcome o = { 0 };

	begin(cloud.bot.aws, request, &o);
	aws_end_wait(&o.end);
	return o;
}
#define RUN(...) run((struct aws_request){ __VA_ARGS__ })

#define GOOD "{\"a\":\"b\"}"

static void requests_have_their_protocols_form(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, GOOD);
	o = RUN(.body = "{\"x\":1}");
	assert_int_equal(o.end.err.kind, ERR_NONE);
	assert_string_equal(o.text, "b");
	assert_ptr_equal(strstr(cloud.asked[0].head, "POST / HTTP/1.1\r\n"), cloud.asked[0].head);
	assert_string_equal(aws_world_header(0, "Host"), aws_world_url() + 7);
	assert_string_equal(aws_world_header(0, "Content-Type"), "application/x-amz-json-1.1");
	assert_string_equal(aws_world_header(0, "X-Amz-Target"), "AmazonSSM.DoIt");
	assert_string_equal(aws_world_header(0, "amz-sdk-request"), "attempt=1; max=3");
	assert_int_equal(strlen(aws_world_header(0, "amz-sdk-invocation-id")), 36);
	assert_string_equal(aws_world_header(0, "X-Amz-Security-Token"), "");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), "/us-east-1/ssm/aws4_request, SignedHeaders="
	                       "amz-sdk-invocation-id;amz-sdk-request;content-type;host;x-amz-date;x-amz-target, "));
	assert_string_equal(cloud.asked[0].body, "{\"x\":1}");
	aws_world_answer(NULL, 200, NULL, "");
	o = RUN(.service = &old_service, .target = { NULL, "cn-north-1" });
	assert_int_equal(o.end.err.kind, ERR_NONE);
	assert_string_equal(aws_world_header(1, "Content-Type"), "application/x-amz-json-1.0");
	assert_non_null(strstr(aws_world_header(1, "Authorization"), "/cn-north-1/monitoring/aws4_request"));
	assert_string_equal(aws_world_header(1, "X-Amzn-Query-Mode"), "true");
	assert_string_equal(aws_world_header(0, "X-Amzn-Query-Mode"), "");
	aws_world_answer(NULL, 200, NULL, "<DoItResponse><a>c</a></DoItResponse>");
	o = RUN(.service = &query_service, .body = "&X=1", .unsigned_ = true);
	assert_string_equal(o.text, "c");
	assert_string_equal(aws_world_header(2, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
	assert_string_equal(aws_world_header(2, "Authorization"), "");
	assert_string_equal(cloud.asked[2].body, "Action=DoIt&Version=2011-06-15&X=1");
	assert_int_equal(metrics_value("tocsin_aws_calls_total", "service", "ssm"), 1);
}

/* The actions of IAM, and people, name a service otherwise than its signature does. */
static void refusals_name_the_action(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 400, "x-amzn-query-error: AccessDenied;Sender\r\n",
	                 "{\"__type\":\"com.amazon#AccessDeniedException\",\"Message\":\"User: arn:aws:sts::123456789012:x\"}");
	o = RUN(.service = &old_service);
	assert_non_null(strstr(o.end.err.text, "IAM action cloudwatch:DoIt in account 123456789012, us-east-1"));
	assert_string_equal(o.code, "AccessDenied");
}

static void long_answers_are_handed_over_unread(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, "no json");
	o = RUN(.raw = true);
	assert_int_equal(o.end.err.kind, ERR_NONE);
	assert_string_equal(o.text, "no json");
}

static void told(void *arg)
{
	(*(unsigned *)arg)++;
}

static void guards_are_told_of_the_end_once(void **state)
{
	unsigned first = 0, second = 0, third = 0;
	struct aws_guard guards[3] = { { .gone = told, .arg = &first }, { .gone = told, .arg = &second },
	                               { .gone = told, .arg = &third } };
	struct aws *aws = aws_world_start();

	(void)state;
	for (size_t i = 0; i < 3; i++)
		aws_guard_add(aws, &guards[i]);
	aws_guard_remove(aws, &guards[1]);
	aws_free(aws);
	cloud.bot.aws = NULL;
	assert_true(first == 1 && second == 0 && third == 1);
}

static void session_tokens_are_sent_and_signed(void **state)
{
	(void)state;
	aws_world_env("AWS_SESSION_TOKEN", "token/very+secret==");
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, GOOD);
	(void)RUN(0);
	assert_string_equal(aws_world_header(0, "X-Amz-Security-Token"), "token/very+secret==");
	assert_non_null(strstr(aws_world_header(0, "Authorization"), ";x-amz-date;x-amz-security-token;x-amz-target,"));
}

static void endpoints_may_have_a_path(void **state)
{
	char url[128];

	(void)state;
	(void)aws_world_start();
	(void)snprintf(url, sizeof(url), "%s/aws/ssm/", aws_world_url());
	aws_world_env("AWS_ENDPOINT_URL_SSM", url);
	aws_world_answer("POST /aws/ssm/ HTTP", 200, NULL, GOOD);
	assert_int_equal(RUN(0).end.err.kind, ERR_NONE);
}

static void throttling_is_waited_out(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ThrottlingException\"}");
	aws_world_answer(NULL, 503, NULL, "{\"__type\":\"x#SlowDown\"}");
	aws_world_answer(NULL, 200, NULL, GOOD);
	o = RUN(.idempotent = false);
	assert_int_equal(o.end.err.kind, ERR_NONE);
	assert_int_equal(cloud.count, 3);
	assert_string_equal(aws_world_header(2, "amz-sdk-request"), "attempt=3; max=3");
	assert_string_equal(aws_world_header(0, "amz-sdk-invocation-id"), aws_world_header(2, "amz-sdk-invocation-id"));
	assert_int_equal(metrics_value("tocsin_aws_throttled_total", "service", "ssm"), 2);
	assert_int_equal(metrics_value("tocsin_aws_retries_total", "service", "ssm"), 2);
	for (int i = 0; i < 3; i++)
		aws_world_answer(NULL, 400, "x-amz-retry-after: 2500\r\n", "{\"__type\":\"ThrottlingException\"}");
	o = RUN(.idempotent = false);
	assert_int_equal(o.end.err.kind, ERR_RETRY);
	assert_int_equal(o.end.err.retry_after_ms, 2500);
	assert_string_equal(o.code, "ThrottlingException");
	assert_int_equal(cloud.count, 6);
}

/* A fault whose outcome is not known is repeated only where that does no harm. */
static void doubt_is_not_repeated(void **state)
{
	static const int statuses[] = { 500, 502, 503, 504, AWS_WORLD_CUT };
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		size_t before = cloud.count;

		aws_world_answer(NULL, statuses[i], NULL, "{}");
		o = RUN(.idempotent = false);
		assert_int_equal(o.end.err.kind, ERR_UNKNOWN);
		assert_int_equal(cloud.count, before + 1);
		aws_world_answer(NULL, statuses[i], NULL, "{}");
		aws_world_answer(NULL, 200, NULL, GOOD);
		o = RUN(.idempotent = true);
		assert_int_equal(o.end.err.kind, ERR_NONE);
		assert_int_equal(cloud.count, before + 3);
		for (int n = 0; n < 3; n++)
			aws_world_answer(NULL, statuses[i], NULL, "{}");
		o = RUN(.idempotent = true);
		assert_int_equal(o.end.err.kind, ERR_RETRY);
		assert_int_equal(cloud.count, before + 6);
	}
}

static void broken_answers_are_doubtful_too(void **state)
{
	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, "<html>");
	assert_int_equal(RUN(.idempotent = false).end.err.kind, ERR_UNKNOWN);
	aws_world_answer(NULL, 200, NULL, "{\"a\":");
	aws_world_answer(NULL, 200, NULL, GOOD);
	assert_string_equal(RUN(.idempotent = true).text, "b");
	aws_world_answer(NULL, 200, NULL, "<!DOCTYPE x><x/>");
	assert_int_equal(RUN(.service = &query_service).end.err.kind, ERR_UNKNOWN);
	aws_world_answer(NULL, 200, NULL, "<html><body>a proxy's page, in good XML</body></html>");
	assert_int_equal(RUN(.service = &query_service).end.err.kind, ERR_UNKNOWN);
}

static void nothing_sent_is_certain(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_env("AWS_ENDPOINT_URL_SSM", "http://127.0.0.1:1");
	o = RUN(.idempotent = false);
	assert_int_equal(o.end.err.kind, ERR_RETRY);
	assert_int_equal(metrics_value("tocsin_aws_retries_total", "service", "ssm"), 2);
	assert_non_null(strstr(o.end.err.text, "ssm:DoIt: 127.0.0.1"));
}

static void refusals_are_final_and_say_what_to_do(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} cases[] = {
		{ 400, "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:sts::210987654321:assumed-role/x is "
		       "not authorized\"}", "IAM action ssm:DoIt in account 210987654321, us-east-1" },
		{ 400, "{\"__type\":\"AccessDeniedException\"}", "IAM action ssm:DoIt in account of our own" },
		{ 400, "{\"__type\":\"ValidationException\",\"message\":\"bad\"}",
		  "ssm:DoIt in us-east-1: AWS answers 400 ValidationException: bad" },
		{ 403, "{\"__type\":\"SignatureDoesNotMatch\"}", "come from the environment: SignatureDoesNotMatch" },
		{ 404, "", "AWS answers 404 no error code" },
		{ 302, "", "AWS answers 302" },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome o;

		aws_world_answer(NULL, cases[i].status, "x-amzn-RequestId: rid-1\r\n", cases[i].body);
		o = RUN(.idempotent = true);
		assert_int_equal(o.end.err.kind, ERR_REFUSED);
		if (strstr(o.end.err.text, cases[i].words) == NULL)
			fail_msg("%s", o.end.err.text);
		assert_int_equal(cloud.count, i + 1);
	}
	assert_non_null(strstr(cloud.log.text, "aws.call_failed"));
	assert_non_null(strstr(cloud.log.text, "service=ssm operation=DoIt account=own region=us-east-1 "
	                       "code=AccessDeniedException request=rid-1 tries=1"));
	assert_null(strstr(cloud.log.text, "very-secret-key"));
}

static void expected_errors_are_not_logged(void **state)
{
	(void)state;
	(void)aws_world_start();
	str_clear(&cloud.log);
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"NotYet\"}");
	assert_string_equal(RUN(.expected_code = "NotYet").code, "NotYet");
	assert_null(strstr(cloud.log.text, "aws.call_failed"));
}

/* --- clock and credentials --- */

static void date_header(int64_t ms, char *out, size_t size)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	assert_true(strftime(out, size, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm) > 0);
}

static int64_t signed_at_ms(size_t nth)
{
	char text[40];
	int64_t ms;
	const char *date = aws_world_header(nth, "X-Amz-Date");

	(void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", date, date + 4, date + 6, date + 9,
	               date + 11, date + 13);
	assert_true(clock_parse_iso(text, &ms));
	return ms;
}

static void a_wrong_clock_is_corrected(void **state)
{
	static const char *const codes[] = { "InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired" };
	const int64_t ahead_ms = 3600 * 1000;
	char date[64];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char body[80];
		size_t before = cloud.count;

		aws_free(cloud.bot.aws);
		(void)aws_world_start();
		(void)snprintf(body, sizeof(body), "{\"__type\":\"%s\"}", codes[i]);
		date_header(clock_wall_ms() + ahead_ms, date, sizeof(date));
		aws_world_answer(NULL, 403, date, body);
		aws_world_answer(NULL, 200, date, GOOD);
		assert_int_equal(RUN(.idempotent = false).end.err.kind, ERR_NONE);
		assert_in_range(signed_at_ms(before + 1), clock_wall_ms() + ahead_ms - 30000, clock_wall_ms() + ahead_ms + 30000);
		aws_world_answer(NULL, 200, date, GOOD); /* learnt for all calls */
		(void)RUN(0);
		assert_in_range(signed_at_ms(before + 2), clock_wall_ms() + ahead_ms - 30000, clock_wall_ms() + ahead_ms + 30000);
		assert_true(aws_now_ms(cloud.bot.aws) > clock_wall_ms() + ahead_ms / 2);
	}
	assert_non_null(strstr(cloud.log.text, "aws.clock_skew"));
}

/* What AWS said is not added to what Slack says later. */
static void a_wrong_clock_is_corrected_once(void **state)
{
	const int64_t ahead_ms = 3600 * 1000, right_ms = clock_wall_ms() + ahead_ms;
	char date[64];

	(void)state;
	(void)aws_world_start();
	date_header(right_ms, date, sizeof(date));
	aws_world_answer(NULL, 403, date, "{\"__type\":\"RequestTimeTooSkewed\"}");
	aws_world_answer(NULL, 200, date, GOOD);
	(void)RUN(.idempotent = true);
	clock_heard(right_ms);
	assert_in_range(aws_now_ms(cloud.bot.aws), right_ms - 30000, right_ms + 30000);
	clock_heard(clock_wall_ms()); /* somebody has set our clock, or rather the other way round */
	assert_in_range(aws_now_ms(cloud.bot.aws), right_ms - 30000, right_ms + 30000);
	clock_replace(NULL);
}

static void a_right_clock_is_left_alone(void **state)
{
	struct outcome o;
	char date[64];

	(void)state;
	(void)aws_world_start();
	date_header(clock_wall_ms() + 60 * 1000, date, sizeof(date));
	aws_world_answer(NULL, 403, date, "{\"__type\":\"InvalidSignatureException\"}");
	o = RUN(0);
	assert_int_equal(o.end.err.kind, ERR_REFUSED);
	assert_int_equal(cloud.count, 1);
	date_header(clock_wall_ms() - 3600 * 1000, date, sizeof(date));
	for (int i = 0; i < 2; i++) /* corrected once a call, not for ever */
		aws_world_answer(NULL, 403, date, "{\"__type\":\"InvalidSignatureException\"}");
	assert_int_equal(RUN(0).end.err.kind, ERR_REFUSED);
	assert_int_equal(cloud.count, 3);
}

static void expired_credentials_are_renewed_once(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, 200, NULL, GOOD);
	(void)RUN(0);
	aws_world_env("AWS_ACCESS_KEY_ID", "AKIDNEWER");
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ExpiredTokenException\"}");
	aws_world_answer(NULL, 200, NULL, GOOD);
	o = RUN(.idempotent = false);
	assert_int_equal(o.end.err.kind, ERR_NONE);
	assert_non_null(strstr(aws_world_header(1, "Authorization"), "Credential=AKIDTEST/"));
	assert_non_null(strstr(aws_world_header(2, "Authorization"), "Credential=AKIDNEWER/"));
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ExpiredTokenException\"}");
	aws_world_answer(NULL, 400, NULL, "{\"__type\":\"ExpiredTokenException\"}");
	o = RUN(.idempotent = true);
	assert_int_equal(o.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(o.end.err.text, "does not accept our credentials, which come from the environment"));
	assert_int_equal(cloud.count, 5);
}

/* --- bounds --- */

static void calls_end_at_their_deadline(void **state)
{
	struct outcome o;

	(void)state;
	(void)aws_world_start();
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	o = RUN(.timeout_ms = 4000, .idempotent = false);
	assert_int_equal(o.end.err.kind, ERR_UNKNOWN);
	assert_int_equal(cloud.count, 1);
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	aws_world_answer(NULL, 200, NULL, GOOD);
	o = RUN(.timeout_ms = 6000, .idempotent = true); /* the second try comes in time */
	assert_int_equal(o.end.err.kind, ERR_NONE);
	clock_set_scale(1.0);
	for (int i = 0; i < 3; i++)
		aws_world_answer(NULL, 500, NULL, "{}");
	o = RUN(.timeout_ms = 1, .idempotent = true);
	assert_int_equal(o.end.err.kind, ERR_RETRY);
}

static void many_calls_take_turns(void **state)
{
	enum { CALLS = 40 };
	struct outcome o[CALLS] = { 0 };

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < 16; i++)
		aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	for (int i = 0; i < CALLS; i++) {
		aws_world_answer(NULL, 200, NULL, GOOD);
		begin(cloud.bot.aws, (struct aws_request){ .timeout_ms = i < 16 ? 5000 : 60000 }, &o[i]);
	}
	aws_world_until(16);
	turn_for(cloud.loop, 50);
	assert_int_equal(cloud.count, 16); /* the others wait for theirs */
	for (int i = 0; i < CALLS; i++)
		aws_end_wait(&o[i].end);
	for (int i = 0; i < 16; i++)
		assert_int_equal(o[i].end.err.kind, ERR_UNKNOWN);
	for (int i = 16; i < CALLS; i++)
		assert_int_equal(o[i].end.err.kind, ERR_NONE);
}

static void too_many_calls_are_turned_away(void **state)
{
	enum { CALLS = 600 };
	struct outcome *o = mem_alloc(CALLS * sizeof(*o));
	unsigned turned_away = 0;

	(void)state;
	(void)aws_world_start();
	for (int i = 0; i < CALLS; i++)
		begin(cloud.bot.aws, (struct aws_request){ 0 }, &o[i]);
	aws_end_wait(&o[CALLS - 1].end);
	assert_int_equal(o[CALLS - 1].end.err.kind, ERR_RETRY);
	assert_non_null(strstr(o[CALLS - 1].end.err.text, "too many"));
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	for (int i = 0; i < CALLS; i++) {
		assert_int_equal(o[i].end.times, 1);
		turned_away += o[i].end.err.kind == ERR_RETRY;
	}
	assert_in_range(turned_away, 80, 100);
	free(o);
}

static void impossible_targets_reach_no_host(void **state)
{
	static const struct aws_target bad[] = {
		{ NULL, "evil.example/" }, { NULL, "" }, { NULL, "us-east-1.evil" }, { "123", NULL }, { "12345678901x", NULL },
	};

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(RUN(.target = bad[i]).end.err.kind, ERR_REFUSED);
	assert_int_equal(cloud.count, 0);
}

static void the_end_completes_everything(void **state)
{
	struct outcome sent = { 0 }, asking = { 0 }, paused = { 0 };
	struct aws *aws = aws_world_start();

	(void)state;
	clock_set_scale(1.0);
	aws_world_answer(NULL, AWS_WORLD_SILENT, NULL, NULL);
	begin(aws, (struct aws_request){ 0 }, &sent);
	aws_world_until(1);
	for (int i = 0; i < 3; i++)
		aws_world_answer(NULL, 500, "x-amz-retry-after: 5000\r\n", "{}");
	begin(aws, (struct aws_request){ .idempotent = true }, &paused);
	aws_world_until(2);
	begin(aws, (struct aws_request){ 0 }, &asking);
	aws_free(aws);
	cloud.bot.aws = NULL;
	assert_int_equal(sent.end.err.kind, ERR_CANCELLED);
	assert_int_equal(paused.end.err.kind, ERR_CANCELLED);
	assert_int_equal(asking.end.err.kind, ERR_CANCELLED);
	turn_for(cloud.loop, 50);
	assert_int_equal(sent.end.times, 1);
}

static void who_we_are_is_asked_of_sts(void **state)
{
	struct aws_end end = { 0 };
	char *arn = NULL;

	(void)state;
	(void)aws_world_start();
	aws_world_answer("Action=GetCallerIdentity&Version=2011-06-15", 200, NULL,
	                 "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>"
	                 "<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>");
	aws_whoami(cloud.bot.aws, &(struct aws_target){ 0 }, &arn, aws_end_token(&end));
	aws_end_wait(&end);
	assert_int_equal(end.err.kind, ERR_NONE);
	assert_string_equal(arn, "arn:aws:iam::123456789012:user/a");
	free(arn);
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(requests_have_their_protocols_form),
		T(refusals_name_the_action),
		T(long_answers_are_handed_over_unread),
		T(guards_are_told_of_the_end_once),
		T(session_tokens_are_sent_and_signed),
		T(endpoints_may_have_a_path),
		T(throttling_is_waited_out),
		T(doubt_is_not_repeated),
		T(broken_answers_are_doubtful_too),
		T(nothing_sent_is_certain),
		T(refusals_are_final_and_say_what_to_do),
		T(expected_errors_are_not_logged),
		T(a_wrong_clock_is_corrected),
		T(a_wrong_clock_is_corrected_once),
		T(a_right_clock_is_left_alone),
		T(expired_credentials_are_renewed_once),
		T(calls_end_at_their_deadline),
		T(many_calls_take_turns),
		T(too_many_calls_are_turned_away),
		T(impossible_targets_reach_no_host),
		T(the_end_completes_everything),
		T(who_we_are_is_asked_of_sts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
