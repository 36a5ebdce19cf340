/* The cache of credentials on virtual time, and whose credentials a call to another account gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/credentials.h"
#include "bot/clock.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/secret.h"
#include "bot/str.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/turn.h"

#define MINUTE 60000LL
#define START_MS 1800000000000LL

static int64_t now_ms, ahead_ms;

static int64_t virtual_now(void)
{
	return now_ms;
}

/* A source that answers when the test lets it. */
static struct {
	unsigned asked;
	aws_credentials_fn *done;
	void *arg;
} source;

static void ask(void *arg, aws_credentials_fn *done, void *done_arg)
{
	(void)arg;
	assert_null(source.done); /* one question at a time */
	source.asked++;
	source.done = done;
	source.arg = done_arg;
}

static void give(const char *id, int64_t lifetime_ms)
{
	aws_credentials_fn *done = source.done;
	struct aws_credentials *credentials = aws_credentials_new(id, "secret", NULL,
	                                                          lifetime_ms == 0 ? 0 : now_ms + lifetime_ms, "test");

	assert_non_null(done);
	source.done = NULL;
	done(source.arg, credentials, NULL);
	aws_credentials_drop(credentials);
}

static void fail_source(void)
{
	aws_credentials_fn *done = source.done;
	struct err err;

	assert_non_null(done);
	source.done = NULL;
	(void)err_set(&err, ERR_RETRY, "source is down");
	done(source.arg, NULL, &err);
}

static struct aws_credentials_cache *cache;

static int cache_begin(void **state)
{
	(void)aws_world_begin(state);
	now_ms = START_MS;
	ahead_ms = 0;
	clock_replace(virtual_now);
	clock_set_scale(1.0);
	memset(&source, 0, sizeof(source));
	cache = aws_credentials_cache_new(cloud.loop, &ahead_ms, ask, NULL);
	return 0;
}

static int cache_end(void **state)
{
	aws_credentials_cache_free(cache);
	return aws_world_end(state);
}

static void get(struct aws_given *given)
{
	*given = (struct aws_given){ 0 };
	aws_credentials_cache_get(cache, aws_given_take, given);
	assert_false(given->end.done);
}

/* What is handed out without asking the source. */
static void assert_at_hand(const char *id)
{
	struct aws_given given;

	get(&given);
	aws_end_wait(&given.end);
	assert_non_null(given.credentials);
	assert_string_equal(given.credentials->key_id, id);
	aws_given_drop(&given);
}

static void many_wait_for_one_question(void **state)
{
	struct aws_given given[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		get(&given[i]);
	assert_int_equal(source.asked, 1);
	give("A", 60 * MINUTE);
	for (int i = 0; i < 20; i++) {
		aws_end_wait(&given[i].end);
		assert_string_equal(given[i].credentials->key_id, "A");
		aws_given_drop(&given[i]);
	}
	assert_at_hand("A");
	assert_int_equal(source.asked, 1);
}

static void an_hour_is_renewed_ahead(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	give("A", 60 * MINUTE);
	aws_given_drop(&given);
	now_ms += 44 * MINUTE;
	assert_at_hand("A");
	assert_int_equal(source.asked, 1);
	now_ms += 2 * MINUTE; /* 14 left: in the background */
	assert_at_hand("A");
	assert_at_hand("A");
	assert_int_equal(source.asked, 2);
	give("B", 60 * MINUTE);
	assert_at_hand("B");
	now_ms += 53 * MINUTE; /* 7 left: waited for */
	get(&given);
	assert_int_equal(source.asked, 3);
	turn_for(cloud.loop, 20);
	assert_false(given.end.done);
	give("C", 60 * MINUTE);
	aws_end_wait(&given.end);
	assert_string_equal(given.credentials->key_id, "C");
	aws_given_drop(&given);
}

/* A quarter of an hour must not be renewed all the time. */
static void short_lives_have_short_windows(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	give("A", 15 * MINUTE);
	aws_given_drop(&given);
	now_ms += 11 * MINUTE;
	assert_at_hand("A");
	assert_int_equal(source.asked, 1);
	now_ms += MINUTE / 2; /* 3.5 of 3.75 left */
	assert_at_hand("A");
	assert_int_equal(source.asked, 2);
	give("B", 15 * MINUTE);
}

static void long_term_keys_are_never_renewed(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	give("A", 0);
	aws_given_drop(&given);
	now_ms += 365 * 24 * 60 * MINUTE;
	assert_at_hand("A");
	assert_int_equal(source.asked, 1);
}

static void failures_are_remembered_briefly(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	fail_source();
	aws_end_wait(&given.end);
	assert_string_equal(given.end.err.text, "source is down");
	now_ms += 4000;
	get(&given);
	aws_end_wait(&given.end);
	assert_int_equal(given.end.err.kind, ERR_RETRY);
	assert_int_equal(source.asked, 1);
	now_ms += 2000;
	get(&given);
	assert_int_equal(source.asked, 2);
	give("A", 60 * MINUTE);
	aws_end_wait(&given.end);
	aws_given_drop(&given);
}

static void what_has_not_ended_bridges_a_failure(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	give("A", 60 * MINUTE);
	aws_given_drop(&given);
	now_ms += 55 * MINUTE;
	get(&given);
	fail_source();
	aws_end_wait(&given.end);
	assert_string_equal(given.credentials->key_id, "A");
	aws_given_drop(&given);
	assert_at_hand("A");
	assert_int_equal(source.asked, 2);
	now_ms += 6 * MINUTE; /* over */
	get(&given);
	fail_source();
	aws_end_wait(&given.end);
	assert_null(given.credentials);
}

static void refused_credentials_are_asked_for_anew(void **state)
{
	struct aws_given first, given;

	(void)state;
	get(&first);
	give("A", 60 * MINUTE);
	aws_credentials_cache_refused(cache, first.credentials);
	get(&given);
	assert_int_equal(source.asked, 2);
	give("B", 60 * MINUTE);
	aws_end_wait(&given.end);
	assert_string_equal(given.credentials->key_id, "B");
	aws_given_drop(&given);
	aws_credentials_cache_refused(cache, first.credentials); /* old news */
	assert_at_hand("B");
	assert_int_equal(source.asked, 2);
	aws_given_drop(&first);
}

static void credentials_that_are_over_are_no_answer(void **state)
{
	struct aws_given given;

	(void)state;
	get(&given);
	give("A", -MINUTE);
	aws_end_wait(&given.end);
	assert_int_equal(given.end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(given.end.err.text, "expired"));
}

/* Our clock is two hours ahead: a session of an hour is good all the same, and ends when AWS says so. */
static void a_wrong_clock_does_not_end_credentials(void **state)
{
	struct aws_given given;

	(void)state;
	ahead_ms = -120 * MINUTE;
	get(&given);
	give("A", -60 * MINUTE);
	aws_end_wait(&given.end);
	assert_int_equal(given.end.err.kind, ERR_NONE);
	aws_given_drop(&given);
	assert_at_hand("A");
	assert_int_equal(source.asked, 1);
	now_ms += 61 * MINUTE;
	get(&given);
	assert_int_equal(source.asked, 2);
	give("B", -60 * MINUTE);
	aws_end_wait(&given.end);
	aws_given_drop(&given);
}

static void the_end_tells_who_waits(void **state)
{
	struct aws_given waiting, ready;

	(void)state;
	get(&ready);
	give("A", 60 * MINUTE);
	aws_given_drop(&ready);
	get(&ready);
	now_ms += 59 * MINUTE;
	get(&waiting);
	aws_credentials_cache_free(cache);
	cache = NULL;
	assert_int_equal(waiting.end.err.kind, ERR_CANCELLED);
	assert_int_equal(waiting.end.times, 1);
	assert_non_null(ready.credentials);
	aws_given_drop(&ready);
}

/* Hourly credentials must not fill the log's filter, nor drop out of it while they are in use. */
static void secrets_are_filtered_as_long_as_they_live(void **state)
{
	struct aws_credentials *kept = aws_credentials_new("A", "secret-number-one", "token-number-one", 0, "t"), *other;
	char line[] = "x secret-number-one token-number-one y";

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char key[40];

		(void)snprintf(key, sizeof(key), "passing-secret-%d", i);
		other = aws_credentials_new("B", key, "token-number-one", 0, "t");
		aws_credentials_drop(other);
	}
	secret_filter(line);
	assert_string_equal(line, "x ***************** **************** y");
	aws_credentials_drop(kept);
	(void)snprintf(line, sizeof(line), "secret-number-one");
	secret_filter(line);
	assert_string_equal(line, "secret-number-one");
}

/* --- accounts --- */

static const struct aws_service service = { "ssm", "ssm", "ssm", AWS_JSON_1_1, "AmazonSSM", false };

static void answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct aws_end *end = arg;

	(void)answer;
	end->done = true;
	end->times++;
	if (err != NULL)
		end->err = *err;
}

static void begin_in(const char *account, struct aws_end *end)
{
	aws_call(cloud.bot.aws, &(struct aws_request){
		.service = &service, .operation = "DoIt", .target = { account, NULL }, .body = "{}", .idempotent = true,
	}, answered, end);
}

static struct aws_end call_in(const char *account)
{
	struct aws_end end = { 0 };

	begin_in(account, &end);
	aws_end_wait(&end);
	return end;
}

static char role_arn[] = "arn:aws:iam::222222222222:role/tocsin";
static char role_id[] = "222222222222", plain_id[] = "333333333333", own_role_id[] = "111111111111";

static void configure_accounts(void)
{
	cloud.config.aws.accounts = mem_alloc(3 * sizeof(*cloud.config.aws.accounts));
	cloud.config.aws.accounts[0] = (struct config_account){ .id = role_id, .role_arn = role_arn };
	cloud.config.aws.accounts[1] = (struct config_account){ .id = plain_id };
	cloud.config.aws.accounts[2] = (struct config_account){ .id = own_role_id, .role_arn = role_arn };
	cloud.config.aws.account_count = 3;
	(void)aws_world_start();
}

#define IDENTITY "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/a</Arn>" \
	"<Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
#define ASSUMED "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>" \
	"<SecretAccessKey>secret-of-role</SecretAccessKey><SessionToken>token-of-role</SessionToken>" \
	"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"

static size_t requests_with(const char *text)
{
	size_t count = 0;

	for (size_t i = 0; i < cloud.count; i++)
		count += strstr(cloud.asked[i].head, text) != NULL || strstr(cloud.asked[i].body, text) != NULL;
	return count;
}

static void roles_are_assumed_once(void **state)
{
	struct aws_end ends[8] = { 0 };

	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("AssumeRole", 200, NULL, ASSUMED);
	for (int i = 0; i < 8; i++) {
		aws_world_answer("DoIt", 200, NULL, "{}");
		begin_in(role_id, &ends[i]);
	}
	for (int i = 0; i < 8; i++) {
		aws_end_wait(&ends[i]);
		assert_int_equal(ends[i].err.kind, ERR_NONE);
	}
	assert_int_equal(requests_with("GetCallerIdentity"), 1);
	assert_int_equal(requests_with("Action=AssumeRole&"), 1);
	assert_int_equal(requests_with("RoleSessionName=tocsin"), 1);
	assert_int_equal(requests_with("Credential=ASIAROLE/"), 8);
	assert_int_equal(requests_with("Credential=AKIDTEST/"), 2);
}

/* An alarm storm at the start: more calls than may run at once, and all wait for the one that learns our account. */
static void many_first_calls_do_not_wait_for_themselves(void **state)
{
	struct aws_end ends[40] = { 0 };

	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	for (int i = 0; i < 40; i++) {
		aws_world_answer("DoIt", 200, NULL, "{}");
		begin_in("111111111111", &ends[i]);
	}
	for (int i = 0; i < 40; i++) {
		aws_end_wait(&ends[i]);
		assert_int_equal(ends[i].err.kind, ERR_NONE);
	}
	assert_int_equal(requests_with("GetCallerIdentity"), 1);
}

static void our_own_account_needs_no_role(void **state)
{
	(void)state;
	configure_accounts();
	aws_world_answer("DoIt", 200, NULL, "{}");
	assert_int_equal(call_in(NULL).err.kind, ERR_NONE);
	aws_world_answer("DoIt", 200, NULL, "{}");
	assert_int_equal(call_in(plain_id).err.kind, ERR_NONE); /* listed without a role */
	assert_int_equal(requests_with("GetCallerIdentity"), 0);
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("DoIt", 200, NULL, "{}");
	aws_world_answer("DoIt", 200, NULL, "{}");
	assert_int_equal(call_in("111111111111").err.kind, ERR_NONE);
	assert_int_equal(call_in("111111111111").err.kind, ERR_NONE);
	assert_int_equal(requests_with("GetCallerIdentity"), 1);
	assert_int_equal(requests_with("AssumeRole"), 0);
}

static void strange_accounts_are_refused(void **state)
{
	struct aws_end end;

	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 500, NULL, "");
	aws_world_answer("GetCallerIdentity", 500, NULL, "");
	aws_world_answer("GetCallerIdentity", 500, NULL, "");
	end = call_in("999999999999");
	assert_int_equal(end.err.kind, ERR_RETRY);
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	end = call_in("999999999999");
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "account 999999999999 is not ours (111111111111)"));
	assert_non_null(strstr(end.err.text, "add { id: \"999999999999\", role_arn: "));
	assert_non_null(strstr(end.err.text, "to aws.accounts"));
	assert_int_equal(call_in("999999999999").err.kind, ERR_REFUSED);
	assert_int_equal(requests_with("DoIt"), 0);
}

static void a_role_that_is_refused_is_said(void **state)
{
	struct aws_end end;

	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("AssumeRole", 403, NULL, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: "
	                 "arn:aws:iam::111111111111:user/a</Message></Error></ErrorResponse>");
	end = call_in(role_id);
	assert_int_equal(end.err.kind, ERR_REFUSED);
	assert_non_null(strstr(end.err.text, "role/tocsin cannot be assumed"));
	assert_non_null(strstr(end.err.text, "IAM action sts:AssumeRole in account 111111111111"));
}

static void an_expired_session_is_renewed(void **state)
{
	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("AssumeRole", 200, NULL, ASSUMED);
	aws_world_answer("AssumeRole", 200, NULL, ASSUMED);
	aws_world_answer("DoIt", 400, NULL, "{\"__type\":\"ExpiredTokenException\"}");
	aws_world_answer("DoIt", 200, NULL, "{}");
	assert_int_equal(call_in(role_id).err.kind, ERR_NONE);
	assert_int_equal(requests_with("Action=AssumeRole&"), 2);
}

/* Our own end while a role is assumed: the next question begins with new ones. */
static void own_credentials_that_expired_are_renewed_for_a_role(void **state)
{
	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("AssumeRole", 403, NULL, "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>");
	assert_int_equal(call_in(role_id).err.kind, ERR_REFUSED);
	turn_for(cloud.loop, 20); /* the failure is kept for 5 s, here 5 ms */
	aws_world_env("AWS_ACCESS_KEY_ID", "AKIDNEWER");
	aws_world_answer("AssumeRole", 200, NULL, ASSUMED);
	aws_world_answer("DoIt", 200, NULL, "{}");
	assert_int_equal(call_in(role_id).err.kind, ERR_NONE);
	assert_int_equal(requests_with("Credential=AKIDNEWER/"), 1);
}

static void the_end_ends_questions_too(void **state)
{
	struct aws_end ends[3] = { 0 };

	(void)state;
	configure_accounts();
	aws_world_answer("GetCallerIdentity", AWS_WORLD_SILENT, NULL, NULL);
	for (int i = 0; i < 3; i++)
		begin_in(i == 0 ? role_id : "999999999999", &ends[i]);
	aws_world_until(1);
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ends[i].times, 1);
		assert_int_equal(ends[i].err.kind, ERR_CANCELLED);
	}
}

#define C(name) cmocka_unit_test_setup_teardown(name, cache_begin, cache_end)
#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		C(many_wait_for_one_question),
		C(an_hour_is_renewed_ahead),
		C(short_lives_have_short_windows),
		C(long_term_keys_are_never_renewed),
		C(failures_are_remembered_briefly),
		C(what_has_not_ended_bridges_a_failure),
		C(refused_credentials_are_asked_for_anew),
		C(credentials_that_are_over_are_no_answer),
		C(a_wrong_clock_does_not_end_credentials),
		C(the_end_tells_who_waits),
		cmocka_unit_test(secrets_are_filtered_as_long_as_they_live),
		T(roles_are_assumed_once),
		T(many_first_calls_do_not_wait_for_themselves),
		T(our_own_account_needs_no_role),
		T(strange_accounts_are_refused),
		T(a_role_that_is_refused_is_said),
		T(an_expired_session_is_renewed),
		T(own_credentials_that_expired_are_renewed_for_a_role),
		T(the_end_ends_questions_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
