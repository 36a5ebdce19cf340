/* POST /sns from the socket to the answer, against an SNS endpoint of our own behind TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/sns/intake.h"
#include "bot/http_client.h"
#include "bot/http_server.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "tests/unit/support/sns_sender.h"
#include "tests/unit/support/sns_world.h"
#include "tests/unit/support/turn.h"
#include "tests/unit/support/vectors.h"

#define OTHER_TOPIC "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic"
#define HOUR 3600000LL
#define MAX_KEPT 64
#define BIG 1900000 /* nearly as much as one body may have */

static struct http_server *server;
static struct sns_intake *intake;

/* What the intake gave us, and when we say it is durable. */
static struct {
	unsigned delivered, noticed, kept;
	bool keep; /* else durable at once (by a deferred call) */
	bool late;
	enum err_kind outcome;
	char last_text[512], last_subject[64], last_topic[256], last_id[64];
	struct done durable[MAX_KEPT];
} app;

static void finish(struct done done)
{
	struct err err;

	(void)err_set(&err, app.outcome, "as the test wants");
	done.fn(done.arg, app.outcome == ERR_NONE ? NULL : &err);
}

static void finish_kept(void *arg)
{
	unsigned count = app.kept;

	(void)arg;
	app.kept = 0;
	for (unsigned i = 0; i < count; i++)
		finish(app.durable[i]);
}

static void keep(const struct sns_message *message, struct done durable)
{
	(void)snprintf(app.last_text, sizeof(app.last_text), "%s", message->text);
	(void)snprintf(app.last_subject, sizeof(app.last_subject), "%s",
	               message->subject ? message->subject : "-");
	(void)snprintf(app.last_topic, sizeof(app.last_topic), "%s", message->topic);
	(void)snprintf(app.last_id, sizeof(app.last_id), "%s", message->id);
	assert_true(app.kept < MAX_KEPT);
	app.durable[app.kept++] = durable;
	if (!app.keep)
		loop_defer(world.loop, finish_kept, NULL);
}

static void deliver(void *arg, const struct sns_message *message, bool late, struct done durable)
{
	(void)arg;
	app.delivered++;
	app.late = late;
	keep(message, durable);
}

static void notice(void *arg, const struct sns_message *message, struct done durable)
{
	(void)arg;
	app.noticed++;
	keep(message, durable);
}

static void handle(void *arg, const struct http_request_in *request, struct http_exchange *exchange)
{
	(void)arg;
	sns_intake_handle(intake, request, exchange);
}

static void new_intake(void)
{
	static char sender[] = SENDER_TOPIC, other[] = OTHER_TOPIC;
	char *items[] = { sender, other, NULL };
	const struct config_list topics = { items, 2 };

	intake = sns_intake_new(&(struct sns_intake_options){
		.client = world.client,
		.topics = &topics,
		.max_age_ms = HOUR,
		.deliver = deliver,
		.notice = notice,
	});
}

static int start(void **state)
{
	struct err err = { 0 };

	(void)sns_world_start(state);
	server = http_server_new(world.loop, &(struct http_server_options){ .address = "127.0.0.1" },
	                         handle, NULL, &err);
	if (server == NULL)
		fail_msg("%s", err.text);
	return 0;
}

static int stop(void **state)
{
	http_server_free(server);
	return sns_world_stop(state);
}

static int setup(void **state)
{
	memset(&app, 0, sizeof(app));
	(void)sns_world_reset(state);
	new_intake();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sns_intake_free(intake);
	intake = NULL;
	return 0;
}

struct posted {
	unsigned answered;
	int status; /* of the last answer */
	unsigned ok;
};

static void answered(void *arg, const struct http_answer *answer, const struct err *err)
{
	struct posted *posted = arg;

	posted->answered++;
	posted->status = answer != NULL ? answer->status : -(int)err->kind;
	posted->ok += posted->status == 200;
}

static void post_with(struct posted *posted, const char *method, const char *body,
                      const struct http_header *headers)
{
	char url[64];

	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/sns", http_server_port(server));
	(void)http_client_send(world.client, &(struct http_request_out){
		.method = method, .url = url, .headers = headers, .body = body,
		.body_length = body != NULL ? strlen(body) : 0, .timeout_ms = 60000, .metric = "test",
	}, answered, posted);
}

/* Posts and gives the status. */
static int post(const char *body)
{
	struct posted posted = { 0 };

	post_with(&posted, "POST", body, NULL);
	sns_world_until(&posted.answered, 1);
	return posted.status;
}

static int post_message(const struct sender_message *message)
{
	char *body = sender_body(message);
	int status = post(body);

	free(body);
	return status;
}

static void assert_counted(const char *reason)
{
	if (metrics_value("tocsin_sns_refused_total", "reason", reason) != 1)
		fail_msg("not counted as %s", reason);
	assert_non_null(strstr(world.log.text, reason));
}

static void answers_after_it_is_durable(void **state)
{
	struct posted posted = { 0 };
	char *body = sender_body(
		&(struct sender_message){ .text = "{\"a\":1}", .subject = "hello", .version = "2" });

	(void)state;
	app.keep = true;
	post_with(&posted, "POST", body, NULL);
	sns_world_until(&app.delivered, 1);
	turn_for(world.loop, 30);
	assert_int_equal(posted.answered, 0);
	assert_string_equal(app.last_text, "{\"a\":1}");
	assert_string_equal(app.last_subject, "hello");
	assert_string_equal(app.last_topic, SENDER_TOPIC);
	assert_false(app.late);
	finish_kept(NULL);
	sns_world_until(&posted.answered, 1);
	assert_int_equal(posted.status, 200);
	assert_int_equal(metrics_value("tocsin_sns_received_total", "type", "notification"), 1);
	free(body);
}

static void says_200_to_a_duplicate_and_503_to_a_bad_disk(void **state)
{
	(void)state;
	app.outcome = ERR_CONFLICT;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 200);
	app.outcome = ERR_LOCAL;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 503);
	assert_int_equal(metrics_value("tocsin_sns_postponed_total", "reason", "journal"), 1);
	app.outcome = ERR_NONE;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 200);
	assert_int_equal(app.delivered, 3);
	assert_int_equal(world.downloads, 1);
}

static void tells_late_ones(void **state)
{
	(void)state;
	assert_int_equal(post_message(&(struct sender_message){ .sent_ms = world_now_ms - HOUR }), 200);
	assert_false(app.late);
	assert_int_equal(post_message(&(struct sender_message){ .sent_ms = world_now_ms - HOUR - 1 }),
	                 200);
	assert_true(app.late);
	assert_int_equal(app.delivered, 2);
}

static void refuses_before_any_download(void **state)
{
	static const struct {
		struct sender_message message;
		const char *reason;
	} cases[] = {
		{ { .topic = "arn:aws:sns:us-west-2:123456789012:other" }, "topic" },
		{ { .topic = "arn:aws:sns:us-east-1:123456789012:alarms" }, "topic" },
		{ { .version = "3" }, "version" },
		{ { .version = "1 " }, "version" },
		{ { .url = "https://sns.us-east-1.amazonaws.com" SENDER_PATH }, "certificate-url" },
		{ { .url = "https://evil.example" SENDER_PATH }, "certificate-url" },
		{ { .url = "http://169.254.169.254/" }, "certificate-url" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		metrics_reset();
		assert_int_equal(post_message(&cases[i].message), 403);
		assert_counted(cases[i].reason);
	}
	metrics_reset();
	assert_int_equal(post("{}"), 400);
	assert_counted("malformed");
	assert_int_equal(app.delivered + world.downloads + world.confirmations, 0);
}

static void refuses_other_methods_and_raw_delivery(void **state)
{
	const struct http_header raw[] = { { "X-Amz-Sns-Rawdelivery", "true" }, { NULL, NULL } };
	struct posted posted = { 0 };

	(void)state;
	post_with(&posted, "GET", NULL, NULL);
	sns_world_until(&posted.answered, 1);
	assert_int_equal(posted.status, 405);
	assert_counted("method");
	post_with(&posted, "POST", "ALARM: bare text", raw);
	sns_world_until(&posted.answered, 2);
	assert_int_equal(posted.status, 403);
	assert_counted("raw-delivery");
	assert_non_null(strstr(world.log.text, "disable raw message delivery"));
}

static void wants_headers_to_agree(void **state)
{
	struct http_header headers[] = {
		{ "x-amz-sns-message-type", "Notification" },
		{ "x-amz-sns-message-id", "9d2c5580-b61d-550c-8583-37a582870907" },
		{ "x-amz-sns-topic-arn", SENDER_TOPIC },
		{ NULL, NULL },
	};
	char *body = sender_body(&(struct sender_message){ 0 });
	struct posted posted = { 0 };

	(void)state;
	post_with(&posted, "POST", body, headers);
	sns_world_until(&posted.answered, 1);
	assert_int_equal(posted.status, 200);
	for (unsigned i = 0; i < 3; i++) {
		const char *good = headers[i].value;

		headers[i].value = "SubscriptionConfirmation";
		post_with(&posted, "POST", body, headers);
		sns_world_until(&posted.answered, 2 + i);
		assert_int_equal(posted.status, 403);
		headers[i].value = good;
	}
	assert_int_equal(metrics_value("tocsin_sns_refused_total", "reason", "headers"), 3);
	assert_int_equal(app.delivered, 1);
	free(body);
}

static void refuses_forgeries(void **state)
{
	char *body = sender_body(&(struct sender_message){ .text = "ALARM" });
	char *at = strstr(body, "ALARM");

	(void)state;
	assert_int_equal(post(body), 200);
	*at = 'B';
	assert_int_equal(post(body), 403);
	assert_counted("signature");
	assert_int_equal(app.delivered, 1);
	free(body);
}

static void refuses_certificates_of_others(void **state)
{
	char *expired =
		sender_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                     .from_ms = SENDER_SENT_MS - 2 * 24 * HOUR,
	                                                     .until_ms = SENDER_SENT_MS });

	(void)state;
	world.certificate = expired;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 403);
	assert_counted("certificate");
	assert_int_equal(app.delivered, 0);
	free(expired);
}

static void asks_sns_to_repeat_when_the_certificate_is_not_to_be_had(void **state)
{
	(void)state;
	world.certificate_status = 503;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 503);
	world.certificate_status = 200;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 503); /* resting */
	assert_int_equal(metrics_value("tocsin_sns_postponed_total", "reason", "certificate"), 2);
	assert_int_equal(world.downloads, 1);
	world_now_ms += 5000;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 200);
	assert_int_equal(app.delivered, 1);
}

static void shares_one_download(void **state)
{
	char *body = sender_body(&(struct sender_message){ 0 });
	struct posted posted = { 0 };

	(void)state;
	world.hold = true;
	for (int i = 0; i < 20; i++)
		post_with(&posted, "POST", body, NULL);
	sns_world_until(&world.downloads, 1);
	turn_for(world.loop, 30);
	assert_int_equal(posted.answered, 0);
	sns_world_release();
	sns_world_until(&posted.answered, 20);
	assert_int_equal(posted.ok, 20);
	assert_int_equal(world.downloads, 1);
	assert_int_equal(app.delivered, 20);
	free(body);
}

/* Anybody may send what looks like a message and waits for a certificate: SNS sends its own again. */
static void keeps_few_bytes_while_certificates_are_fetched(void **state)
{
	char *text = mem_alloc(BIG + 1), *body;
	struct posted posted = { 0 };

	(void)state;
	memset(text, 'x', BIG);
	body = sender_body(&(struct sender_message){ .text = text });
	world.hold = true;
	for (int i = 0; i < 5; i++)
		post_with(&posted, "POST", body, NULL);
	sns_world_until(&posted.answered, 1);
	assert_int_equal(posted.status, 503);
	assert_int_equal(metrics_value("tocsin_sns_postponed_total", "reason", "certificate"), 1);
	sns_world_until(&world.downloads, 1);
	sns_world_release();
	sns_world_until(&posted.answered, 5);
	assert_int_equal(posted.ok, 4);
	assert_int_equal(post(body), 200); /* there is room again */
	free(text);
	free(body);
}

static void confirms_subscriptions(void **state)
{
	const struct sender_message message = { .type = "SubscriptionConfirmation", .token = "cafe" };

	(void)state;
	assert_int_equal(post_message(&message), 200);
	assert_int_equal(post_message(&message), 200);
	assert_int_equal(world.confirmations, 2);
	assert_non_null(strstr(world.last_form, "&Token=cafe"));
	assert_null(strstr(world.log.text, "cafe"));
	assert_int_equal(metrics_value("tocsin_sns_received_total", "type", "subscription"), 2);
	assert_int_equal(app.delivered + app.noticed, 0);
}

static void confirms_nothing_old_foreign_or_refused(void **state)
{
	(void)state;
	assert_int_equal(post_message(&(struct sender_message){ .type = "SubscriptionConfirmation",
	                 .topic = "arn:aws:sns:us-west-2:666666666666:evil" }), 403);
	assert_int_equal(post_message(&(struct sender_message){ .type = "SubscriptionConfirmation",
	                 .sent_ms = world_now_ms - HOUR - 1 }), 403);
	assert_counted("age");
	assert_int_equal(world.confirmations, 0);
	world.confirm_status = 400;
	world.confirm_xml = "<Error><Code>InvalidParameter</Code></Error>";
	assert_int_equal(post_message(&(struct sender_message){ .type = "SubscriptionConfirmation" }),
	                 403);
	assert_counted("confirmation");
	world.confirm_xml = "<Error><Code>Throttling</Code></Error>";
	assert_int_equal(post_message(&(struct sender_message){ .type = "SubscriptionConfirmation" }),
	                 503);
	assert_int_equal(metrics_value("tocsin_sns_postponed_total", "reason", "confirmation"), 1);
}

static void tells_of_a_cut_feed(void **state)
{
	(void)state;
	assert_int_equal(post_message(&(struct sender_message){ .type = "UnsubscribeConfirmation",
	                 .sent_ms = world_now_ms - 10 * HOUR }), 200);
	assert_int_equal(app.noticed, 1);
	assert_int_equal(app.delivered + world.confirmations, 0);
	assert_string_equal(app.last_topic, SENDER_TOPIC);
	app.outcome = ERR_LOCAL;
	assert_int_equal(post_message(&(struct sender_message){ .type = "UnsubscribeConfirmation" }),
	                 503);
	assert_null(strstr(world.log.text, "Action="));
}

static void takes_another_list_of_topics(void **state)
{
	char new[] = "arn:aws:sns:us-west-2:123456789012:new", wrong[] = "not an ARN";
	char *items[] = { new, wrong, NULL };
	const struct config_list topics = { items, 2 };

	(void)state;
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 200);
	sns_intake_set_topics(intake, &topics, HOUR);
	assert_int_equal(post_message(&(struct sender_message){ 0 }), 403);
	assert_int_equal(post_message(&(struct sender_message){ .topic = new }), 200);
}

static void answers_everybody_when_it_ends(void **state)
{
	char *body = sender_body(&(struct sender_message){ 0 });
	char *confirm = sender_body(&(struct sender_message){ .type = "SubscriptionConfirmation" });
	struct posted posted = { 0 };

	(void)state;
	assert_int_equal(post(body), 200);
	app.keep = true;
	post_with(&posted, "POST", body, NULL);
	sns_world_until(&app.delivered, 2);
	world.hold = true;
	post_with(&posted, "POST", confirm, NULL);
	sns_world_until(&world.confirmations, 1);
	sns_intake_free(intake);
	intake = NULL;
	sns_world_until(&posted.answered, 2);
	assert_int_equal(posted.status, 503);
	assert_int_equal(posted.ok, 0);
	finish_kept(NULL); /* the journal ends later: harmless */
	sns_world_release();
	turn_for(world.loop, 30);
	free(confirm);
	free(body);
}

static unsigned real_messages;

static void post_real(const char *name, const char *text, size_t length)
{
	int status = post(text);

	(void)length;
	if (status != 200)
		fail_msg("%s: %d\n%s", name, status, world.log.text);
	real_messages++;
}

static void takes_what_sns_itself_signed(void **state)
{
	size_t length;
	char *pem = vector_read(
		"sns/java-v2/SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem", &length);

	(void)state;
	if (pem == NULL)
		skip();
	world.certificate = pem;
	world_now_ms = 1772827200000LL + 5 * 60000; /* 2026-03-06T20:05Z */
	assert_int_equal(vector_each("sns/java-v2", post_real), 5);
	assert_int_equal(app.delivered, 3);
	assert_int_equal(app.noticed, 1);
	assert_int_equal(world.confirmations, 1);
	assert_int_equal(world.downloads, 1);
	assert_non_null(
		strstr(world.last_form, "Token=2336412f37fb687f5d51e6e2425929f52e8e353134fe72d5"));
	assert_null(strstr(world.log.text, "2336412f37fb687f"));
	free(pem);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_after_it_is_durable),
		TEST(says_200_to_a_duplicate_and_503_to_a_bad_disk),
		TEST(tells_late_ones),
		TEST(refuses_before_any_download),
		TEST(refuses_other_methods_and_raw_delivery),
		TEST(wants_headers_to_agree),
		TEST(refuses_forgeries),
		TEST(refuses_certificates_of_others),
		TEST(asks_sns_to_repeat_when_the_certificate_is_not_to_be_had),
		TEST(shares_one_download),
		TEST(keeps_few_bytes_while_certificates_are_fetched),
		TEST(confirms_subscriptions),
		TEST(confirms_nothing_old_foreign_or_refused),
		TEST(tells_of_a_cut_feed),
		TEST(takes_another_list_of_topics),
		TEST(answers_everybody_when_it_ends),
		TEST(takes_what_sns_itself_signed),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
