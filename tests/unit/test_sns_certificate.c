/* Signing certificates: which are believed, and that a flood of questions is none of downloads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/sns/certificate.h"
#include "adapters/sns/confirm.h"
#include "adapters/sns/key.h"
#include "adapters/sns/signer.h"
#include "bot/loop.h"
#include "bot/str.h"
#include "tests/unit/support/sns_sender.h"
#include "tests/unit/support/sns_world.h"
#include "tests/unit/support/turn.h"
#include "tests/unit/support/vectors.h"

#define NOW SENDER_SENT_MS
#define DAY 86400000LL
#define HEX32 "0123456789abcdef0123456789abcdef"

static void believes_one_url_a_region_only(void **state)
{
	static const char *const bad[] = {
		"http://" SENDER_HOST SENDER_PATH,
		"https://" SENDER_HOST ":443" SENDER_PATH,
		"https://" SENDER_HOST ":8443" SENDER_PATH,
		"https://user@" SENDER_HOST SENDER_PATH,
		"https://sns.us-west-2.amazonaws.com@evil.example" SENDER_PATH,
		"https://sns.us-east-1.amazonaws.com" SENDER_PATH,
		"https://sns.us-west-2.amazonaws.com.evil.example" SENDER_PATH,
		"https://sns.us-west-2.amazonaws.com.cn" SENDER_PATH,
		"https://evil.example/" SENDER_HOST SENDER_PATH,
		"https://s3.us-west-2.amazonaws.com" SENDER_PATH,
		"https://SNS.us-west-2.amazonaws.com" SENDER_PATH,
		"HTTPS://" SENDER_HOST SENDER_PATH,
		" " SENDER_URL,
		SENDER_URL " ",
		SENDER_URL "?a=b",
		SENDER_URL "#.pem",
		SENDER_URL "/../x.pem",
		"https://" SENDER_HOST "//SimpleNotificationService-" HEX32 ".pem",
		"https://" SENDER_HOST "/a/SimpleNotificationService-" HEX32 ".pem",
		"https://" SENDER_HOST "/SimpleNotificationService-" HEX32,
		"https://" SENDER_HOST "/SimpleNotificationService-" HEX32 "0.pem",
		"https://" SENDER_HOST "/SimpleNotificationService-0123456789ABCDEF0123456789abcdef.pem",
		"https://" SENDER_HOST "/SimpleNotificationService-0123456789abcdef.pem",
		"https://" SENDER_HOST "/?Action=x&y=SimpleNotificationService-" HEX32 ".pem",
		"",
	};

	(void)state;
	assert_true(sns_signer_url_is_good(SENDER_URL, "us-west-2"));
	assert_true(sns_signer_url_is_good("https://sns.cn-north-1.amazonaws.com.cn" SENDER_PATH,
	                                   "cn-north-1"));
	assert_true(sns_signer_url_is_good("https://sns.eusc-de-east-1.amazonaws.eu" SENDER_PATH,
	                                   "eusc-de-east-1"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sns_signer_url_is_good(bad[i], "us-west-2"))
			fail_msg("believed: %s", bad[i]);
	assert_false(sns_signer_url_is_good(SENDER_URL, ""));
}

static void knows_the_signers_names(void **state)
{
	static const char *const names[][2] = {
		{ "us-east-1", "sns.amazonaws.com" },
		{ "ap-southeast-2", "sns.amazonaws.com" },
		{ "ap-southeast-3", "sns-signing.ap-southeast-3.amazonaws.com" },
		{ "af-south-1", "sns-signing.af-south-1.amazonaws.com" },
		{ "mx-central-1", "sns-signing.mx-central-1.amazonaws.com" },
		{ "ap-east-2", "sns-signing.ap-east-2.amazonaws.com" },
		{ "cn-north-1", "sns-cn-north-1.amazonaws.com.cn" },
		{ "cn-northwest-1", "sns-cn-northwest-1.amazonaws.com.cn" },
		{ "us-gov-east-1", "sns-us-gov-west-1.amazonaws.com" },
		{ "us-gov-west-1", "sns-us-gov-west-1.amazonaws.com" },
		{ "us-iso-west-1", "sns-us-iso-east-1.c2s.ic.gov" },
		{ "us-isob-east-1", "sns-us-isob-east-1.sc2s.sgov.gov" },
		{ "us-isof-south-1", "sns-signing.us-isof-south-1.csp.hci.ic.gov" },
		{ "eu-isoe-west-1", "sns-signing.eu-isoe-west-1.cloud.adc-e.uk" },
		{ "eusc-de-east-1", "sns-signing.eusc-de-east-1.amazonaws.eu" },
	};
	char name[SNS_SIGNER_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(sns_signer_name(names[i][0], name));
		assert_string_equal(name, names[i][1]);
	}
	assert_false(sns_signer_name("", name));
}

static void assert_no_key(const char *pem, size_t length, enum err_kind kind, const char *because)
{
	struct err err = { 0 };
	struct sns_key *key = sns_key_from_pem(pem, length, "sns.amazonaws.com", NOW, &err);

	if (key != NULL)
		fail_msg("believed although: %s", because);
	assert_int_equal(err.kind, kind);
	if (strstr(err.text, because) == NULL)
		fail_msg("\"%s\" is not \"%s\"", err.text, because);
}

static void assert_certificate(const struct sender_certificate *options, enum err_kind kind,
                               const char *because)
{
	char *pem = sender_certificate(options);

	assert_no_key(pem, strlen(pem), kind, because);
	free(pem);
}

static void believes_exactly_one_good_certificate(void **state)
{
	char *good = sender_good_certificate(NOW), *two;
	struct err err;
	struct sns_key *key = sns_key_from_pem(good, strlen(good), "sns.amazonaws.com", NOW, &err);

	(void)state;
	assert_non_null(key);
	assert_true(sns_key_is_valid(key, NOW));
	assert_false(sns_key_is_valid(key, NOW - 2 * DAY));
	assert_false(sns_key_is_valid(key, NOW + 2 * DAY));
	sns_key_free(key);
	assert_no_key("", 0, ERR_RETRY, "no certificate");
	assert_no_key("<html>", 6, ERR_RETRY, "no certificate");
	assert_no_key(good, strlen(good) / 2, ERR_RETRY, "no certificate");
	assert_int_not_equal(asprintf(&two, "%s%s", good, good), -1);
	assert_no_key(two, strlen(two), ERR_REFUSED, "exactly one");
	free(two);
	free(good);
	sns_key_free(NULL);
}

static void refuses_wrong_names_and_dates(void **state)
{
	(void)state;
	assert_certificate(&(struct sender_certificate){ .from_ms = NOW - DAY, .until_ms = NOW + DAY },
	                   ERR_REFUSED,
	                   "not for sns.amazonaws.com"); /* the common name does not count */
	assert_certificate(&(struct sender_certificate){ .san = "DNS:*.amazonaws.com",
	                                                 .from_ms = NOW - DAY,
	                                                 .until_ms = NOW + DAY },
	                   ERR_REFUSED, "not for");
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.us-west-2.amazonaws.com",
	                   .from_ms = NOW - DAY, .until_ms = NOW + DAY }, ERR_REFUSED, "not for");
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                 .from_ms = NOW - 2 * DAY,
	                                                 .until_ms = NOW - DAY },
	                   ERR_REFUSED, "expired");
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                 .from_ms = NOW + DAY,
	                                                 .until_ms = NOW + 2 * DAY },
	                   ERR_RETRY, "not valid yet");
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                 .from_ms = NOW + DAY,
	                                                 .until_ms = NOW - DAY },
	                   ERR_REFUSED, "expired");
}

static void refuses_weak_and_other_keys(void **state)
{
	EVP_PKEY *weak = EVP_RSA_gen(1024), *curve = EVP_EC_gen("P-256");

	(void)state;
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                 .from_ms = NOW - DAY,
	                                                 .until_ms = NOW + DAY,
	                                                 .key = weak },
	                   ERR_REFUSED, "not RSA of 2048");
	assert_certificate(&(struct sender_certificate){ .san = "DNS:sns.amazonaws.com",
	                                                 .from_ms = NOW - DAY,
	                                                 .until_ms = NOW + DAY,
	                                                 .key = curve },
	                   ERR_REFUSED, "not RSA of 2048");
	EVP_PKEY_free(weak);
	EVP_PKEY_free(curve);
}

static void refuses_the_synthetic_certificates(void **state)
{
	static const char *const files[] = {
		"sns/java-v2/expired-cert.pem",
		"sns/java-v2/valid-cert.pem",
		"sns/java-v2/valid-in-future-cert.pem",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t length;
		char *pem = vector_read(files[i], &length);

		if (pem == NULL)
			skip();
		assert_no_key(pem, length, ERR_REFUSED,
		              "not for sns.amazonaws.com"); /* a name in CN only */
		free(pem);
	}
}

struct wait {
	unsigned ended, good;
	enum err_kind kind;
};

static void ended(void *arg, const struct err *err)
{
	struct wait *wait = arg;

	wait->ended++;
	wait->good += err == NULL;
	wait->kind = err == NULL ? ERR_NONE : err->kind;
}

static const char *url_number(unsigned number)
{
	static char url[160];

	(void)snprintf(url, sizeof(url), "https://" SENDER_HOST "/SimpleNotificationService-%032x.pem",
	               number);
	return url;
}

static bool fetch(struct sns_certificates *c, const char *url, struct wait *wait, struct err *err)
{
	return sns_certificates_fetch(c, url, "us-west-2", (struct done){ ended, wait }, err);
}

static void downloads_once_for_all(void **state)
{
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	struct err err;

	(void)state;
	assert_null(sns_certificates_find(c, SENDER_URL));
	world.hold = true;
	for (int i = 0; i < 20; i++)
		assert_true(fetch(c, SENDER_URL, &wait, &err));
	assert_int_equal(wait.ended, 0);
	sns_world_until(&world.downloads, 1);
	assert_null(sns_certificates_find(c, SENDER_URL));
	sns_world_release();
	sns_world_until(&wait.ended, 20);
	assert_int_equal(wait.good, 20);
	assert_int_equal(world.downloads, 1);
	assert_non_null(sns_certificates_find(c, SENDER_URL));
	world_now_ms += 2 * DAY; /* the certificate ends: the key is gone */
	assert_null(sns_certificates_find(c, SENDER_URL));
	sns_certificates_free(c);
	sns_certificates_free(NULL);
}

static void lets_a_failure_rest(void **state)
{
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	struct err err;

	(void)state;
	world.certificate_status = 404;
	assert_true(fetch(c, SENDER_URL, &wait, &err));
	sns_world_until(&wait.ended, 1);
	assert_int_equal(wait.kind, ERR_RETRY);
	for (int i = 0; i < 10; i++)
		assert_false(fetch(c, SENDER_URL, &wait, &err));
	assert_int_equal(err.kind, ERR_RETRY);
	world_now_ms += 4999;
	assert_false(fetch(c, SENDER_URL, &wait, &err));
	assert_int_equal(world.downloads, 1);
	world_now_ms += 1;
	world.certificate_status = 200;
	assert_true(fetch(c, SENDER_URL, &wait, &err));
	sns_world_until(&wait.ended, 2);
	assert_int_equal(wait.kind, ERR_NONE);
	assert_non_null(sns_certificates_find(c, SENDER_URL));
	assert_int_equal(world.downloads, 2);
	sns_certificates_free(c);
}

static void remembers_why_a_file_is_no_good(void **state)
{
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	struct err err;

	(void)state;
	world.certificate = "no certificate";
	assert_true(fetch(c, SENDER_URL, &wait, &err));
	sns_world_until(&wait.ended, 1);
	assert_int_equal(wait.kind, ERR_RETRY);
	assert_false(fetch(c, SENDER_URL, &wait, &err));
	assert_int_equal(err.kind, ERR_RETRY);
	assert_null(sns_certificates_find(c, SENDER_URL));
	sns_certificates_free(c);
}

static void takes_no_large_file(void **state)
{
	static char large[20000];
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	struct err err;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	world.certificate = large;
	assert_true(fetch(c, SENDER_URL, &wait, &err));
	sns_world_until(&wait.ended, 1);
	assert_int_equal(wait.kind, ERR_RETRY);
	sns_certificates_free(c);
}

/* Forged messages, each with another well-formed URL. */
static void survives_a_flood_of_urls(void **state)
{
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	unsigned started = 1;
	struct err err;

	(void)state;
	assert_true(fetch(c, SENDER_URL, &wait, &err));
	sns_world_until(&wait.ended, 1);
	world.certificate_status = 404;
	for (unsigned i = 0; i < 1000; i++)
		started += fetch(c, url_number(i), &wait, &err);
	assert_int_equal(started, 10); /* the pace's burst, one of it spent above */
	sns_world_until(&wait.ended, started);
	for (unsigned second = 0; second < 100; second++) {
		unsigned before = started;

		world_now_ms += 1000;
		for (unsigned i = 0; i < 5; i++)
			started += fetch(c, url_number(10000 + second * 5 + i), &wait, &err);
		assert_int_equal(started, before + 1);
		sns_world_until(&wait.ended, started);
	}
	assert_int_equal(world.downloads, started);
	assert_non_null(sns_certificates_find(c, SENDER_URL)); /* never pushed out */
	sns_certificates_free(c);
}

static void counts_those_who_wait(void **state)
{
	struct sns_certificates *c = sns_certificates_new(world.client);
	struct wait wait = { 0 };
	unsigned waiting = 0;
	struct err err;

	(void)state;
	world.hold = true;
	while (waiting < 5000 && fetch(c, SENDER_URL, &wait, &err))
		waiting++;
	assert_int_equal(waiting, 1024);
	assert_int_equal(err.kind, ERR_RETRY);
	sns_world_until(&world.downloads, 1);
	sns_world_release();
	sns_world_until(&wait.ended, waiting);
	assert_true(fetch(c, url_number(1), &wait, &err)); /* the count goes down again */
	sns_certificates_free(c); /* in the middle of a download */
	assert_int_equal(wait.ended, waiting + 1);
	assert_int_equal(wait.kind, ERR_CANCELLED);
	turn_for(world.loop, 50); /* its end finds nobody and is harmless */
}

static void confirms_by_a_form(void **state)
{
	struct sns_confirmations *c = sns_confirmations_new(world.client);
	struct wait wait = { 0 };
	struct done done = { ended, &wait };
	struct err err;

	(void)state;
	world.hold = true;
	assert_true(sns_confirm(c, SENDER_TOPIC, "to&ken", done, &err));
	assert_true(sns_confirm(c, SENDER_TOPIC, "to&ken", done, &err));
	assert_true(sns_confirm(c, SENDER_TOPIC, "other", done, &err));
	sns_world_until(&world.confirmations, 2);
	assert_int_equal(wait.ended, 0);
	sns_world_release();
	sns_world_until(&wait.ended, 3);
	assert_int_equal(wait.good, 3);
	assert_int_equal(world.confirmations, 2);
	assert_true(sns_confirm(c, SENDER_TOPIC, "to&ken", done, &err)); /* again: harmless */
	sns_world_until(&wait.ended, 4);
	assert_string_equal(world.last_form,
	                    "Action=ConfirmSubscription&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns"
	                    "%3Aus-west-2%3A123456789012%3Aalarms&Token=to%26ken");
	sns_confirmations_free(c);
	sns_confirmations_free(NULL);
}

static enum err_kind confirm_with(int status, const char *xml)
{
	struct sns_confirmations *c = sns_confirmations_new(world.client);
	struct wait wait = { 0 };
	struct err err;

	world.confirm_status = status;
	world.confirm_xml = xml;
	assert_true(sns_confirm(c, SENDER_TOPIC, "t", (struct done){ ended, &wait }, &err));
	sns_world_until(&wait.ended, 1);
	sns_confirmations_free(c);
	return wait.kind;
}

static void tells_no_from_later(void **state)
{
	(void)state;
	assert_int_equal(confirm_with(200, WORLD_CONFIRMED_XML), ERR_NONE);
	assert_int_equal(confirm_with(200, "<html>hello</html>"), ERR_RETRY);
	assert_int_equal(confirm_with(200, "<SubscriptionArn>pending confirmation</SubscriptionArn>"),
	                 ERR_RETRY);
	assert_int_equal(confirm_with(400, "<Error><Code>InvalidParameter</Code></Error>"),
	                 ERR_REFUSED);
	assert_int_equal(confirm_with(403, "<Error><Code>AuthorizationError</Code></Error>"),
	                 ERR_REFUSED);
	assert_int_equal(confirm_with(400, "<Error><Code>Throttling</Code></Error>"), ERR_RETRY);
	assert_int_equal(confirm_with(302, ""), ERR_RETRY);
}

static void reads_the_answer_strictly(void **state)
{
	static const char *const bad[] = {
		"",
		"<SubscriptionArn>",
		"<SubscriptionArn></SubscriptionArn>",
		"</SubscriptionArn><SubscriptionArn>",
		"<SubscriptionArn>arn:aws:sqs:us-east-1:1:q</SubscriptionArn>",
		"<SubscriptionArn>arn:aws:sns:us-east-1:1:<b>t</b></SubscriptionArn>",
		("<SubscriptionArn>arn:aws:sns:us-east-1:1:t</SubscriptionArn>"
		 "<SubscriptionArn>arn:aws:sns:us-east-1:1:u</SubscriptionArn>"),
	};
	static const char good[] =
		"<a><SubscriptionArn>arn:aws:sns:us-east-1:1:t:x</SubscriptionArn></a>";
	char *arn = sns_confirm_read_answer(good, sizeof(good) - 1);

	(void)state;
	assert_string_equal(arn, "arn:aws:sns:us-east-1:1:t:x");
	free(arn);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(sns_confirm_read_answer(bad[i], strlen(bad[i])));
}

static void ends_confirmations_with_itself(void **state)
{
	struct sns_confirmations *c = sns_confirmations_new(world.client);
	struct wait wait = { 0 };
	unsigned running = 0;
	char token[16];
	struct err err;

	(void)state;
	world.hold = true;
	do {
		(void)snprintf(token, sizeof(token), "t%u", running);
	} while (running < 100 &&
	         sns_confirm(c, SENDER_TOPIC, token, (struct done){ ended, &wait }, &err) &&
	         ++running > 0);
	assert_int_equal(running, 16);
	assert_int_equal(err.kind, ERR_RETRY);
	sns_confirmations_free(c);
	assert_int_equal(wait.ended, 16);
	assert_int_equal(wait.kind, ERR_CANCELLED);
	turn_for(world.loop, 50);
	sns_world_release();
	turn_for(world.loop, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_one_url_a_region_only),
		cmocka_unit_test(knows_the_signers_names),
		cmocka_unit_test(believes_exactly_one_good_certificate),
		cmocka_unit_test(refuses_wrong_names_and_dates),
		cmocka_unit_test(refuses_weak_and_other_keys),
		cmocka_unit_test(refuses_the_synthetic_certificates),
		cmocka_unit_test_setup(downloads_once_for_all, sns_world_reset),
		cmocka_unit_test_setup(lets_a_failure_rest, sns_world_reset),
		cmocka_unit_test_setup(remembers_why_a_file_is_no_good, sns_world_reset),
		cmocka_unit_test_setup(takes_no_large_file, sns_world_reset),
		cmocka_unit_test_setup(survives_a_flood_of_urls, sns_world_reset),
		cmocka_unit_test_setup(counts_those_who_wait, sns_world_reset),
		cmocka_unit_test_setup(confirms_by_a_form, sns_world_reset),
		cmocka_unit_test_setup(tells_no_from_later, sns_world_reset),
		cmocka_unit_test(reads_the_answer_strictly),
		cmocka_unit_test_setup(ends_confirmations_with_itself, sns_world_reset),
	};

	return cmocka_run_group_tests(tests, sns_world_start, sns_world_stop);
}
