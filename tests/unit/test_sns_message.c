/* SNS bodies: what is a message, what SNS signed, and who is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rsa.h>

#include "adapters/sns/key.h"
#include "adapters/sns/message.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/sns_sender.h"
#include "tests/unit/support/vectors.h"

#define NOTIFICATION_MEMBERS                                                                        \
	"\"MessageId\":\"m-1\",\"TopicArn\":\"arn:aws:sns:us-west-2:1:t\",\"Message\":\"hi\","          \
	"\"Timestamp\":\"2026-03-06T20:00:26.893Z\",\"SignatureVersion\":\"1\",\"Signature\":\"AAAA\"," \
	"\"SigningCertURL\":\"https://x\""
#define NOTIFICATION "{\"Type\":\"Notification\"," NOTIFICATION_MEMBERS "}"

static void collect(void *arg, const void *bytes, size_t length)
{
	str_add_bytes(arg, bytes, length);
}

static void assert_signed_text(const char *body, const char *expected, size_t length)
{
	struct sns_message message;
	struct err err = { 0 };
	struct str text;

	str_init(&text, 4096);
	if (!sns_message_parse(&message, body, strlen(body), &err))
		fail_msg("%s", err.text);
	sns_message_signed_text(&message, collect, &text);
	assert_int_equal(text.length, length);
	assert_memory_equal(text.text, expected, length);
	str_free(&text);
	sns_message_free(&message);
}

static void signs_raw_values_in_order(void **state)
{
	static const char plain[] = "Message\nhi\nMessageId\nm-1\nTimestamp\n2026-03-06T20:00:26.893Z\n"
	                            "TopicArn\narn:aws:sns:us-west-2:1:t\nType\nNotification\n";
	static const char body[] =
		"{\"Type\":\"Notification\",\"MessageId\":\"m-1\",\"TopicArn\":\"arn:aws:sns:us-west-2:1:t\","
		"\"Subject\":\"\",\"Message\":\"a\\n\\\"\\u00e9\\ud83d\\ude00\\u0000b\\/\",\"MessageAttributes\":"
		"{\"Type\":{\"Type\":\"String\",\"Value\":\"x:y\"}},\"Timestamp\":\"2026-03-06T20:00:26.893Z\","
		"\"SignatureVersion\":\"2\",\"Signature\":\"AAAA\",\"SigningCertURL\":\"https://x\"}";
	static const char text[] =
		"Message\na\n\"\xC3\xA9\xF0\x9F\x98\x80\0b/\nMessageId\nm-1\nSubject\n\n"
		"Timestamp\n2026-03-06T20:00:26.893Z\nTopicArn\n"
		"arn:aws:sns:us-west-2:1:t\nType\nNotification\n";

	(void)state;
	assert_signed_text(NOTIFICATION, plain, sizeof(plain) - 1);
	assert_signed_text(body, text, sizeof(text) - 1);
}

static void signs_confirmations_with_token_and_url(void **state)
{
	static const char *const types[] = { "SubscriptionConfirmation", "UnsubscribeConfirmation" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char body[1024], text[1024];

		(void)snprintf(
			body, sizeof(body),
			"{\"Type\":\"%s\",\"Token\":\"tk\",\"SubscribeURL\":\"https://s\"," NOTIFICATION_MEMBERS
			"}",
			types[i]);
		(void)snprintf(
			text, sizeof(text),
			"Message\nhi\nMessageId\nm-1\nSubscribeURL\nhttps://s\nTimestamp\n"
			"2026-03-06T20:00:26.893Z\nToken\ntk\nTopicArn\narn:aws:sns:us-west-2:1:t\nType\n%s\n",
			types[i]);
		assert_signed_text(body, text, strlen(text));
	}
}

static void assert_refused(const char *body, size_t length, const char *because)
{
	struct sns_message message = { .id = "untouched" };
	struct err err = { 0 };

	if (sns_message_parse(&message, body, length, &err))
		fail_msg("taken for a message: %s", body);
	assert_int_equal(err.kind, ERR_USAGE);
	if (strstr(err.text, because) == NULL)
		fail_msg("\"%s\" for %s", err.text, body);
	assert_string_equal(message.id, "untouched");
}

/* NOTIFICATION with one piece exchanged. */
static void assert_refused_with(const char *old, const char *now, const char *because)
{
	const char *at = strstr(NOTIFICATION, old);
	struct str body;

	assert_non_null(at);
	str_init(&body, 1u << 20);
	str_add_bytes(&body, NOTIFICATION, (size_t)(at - NOTIFICATION));
	str_add(&body, now);
	str_add(&body, at + strlen(old));
	assert_refused(body.text, body.length, because);
	str_free(&body);
}

static void refuses_what_is_malformed(void **state)
{
	(void)state;
	assert_refused("", 0, "not JSON");
	assert_refused("[]", 2, "object");
	assert_refused("\"x\"", 3, "object");
	assert_refused("{}", 2, "Type");
	assert_refused("null", 4, "null");
	assert_refused(NOTIFICATION "x", sizeof(NOTIFICATION), "not JSON");
	assert_refused("{\"Type\":\"Notification\"", 22, "not JSON");
	assert_refused("{\"Message\":\"\xff\"}", 16, "not JSON");
	assert_refused_with("\"Notification\"", "\"notification\"", "Type");
	assert_refused_with("\"Notification\"", "7", "Type");
	assert_refused_with("\"m-1\"", "\"m 1\"", "MessageId");
	assert_refused_with("\"m-1\"", "\"\"", "MessageId");
	assert_refused_with("\"m-1\"", "\"m\\u0000\"", "MessageId");
	assert_refused_with("\"hi\"", "null", "Message");
	assert_refused_with("\"hi\"", "{\"a\":1}", "Message");
	assert_refused_with("2026-03-06T", "2026-13-06T", "Timestamp");
	assert_refused_with("\"1\"", "1", "SignatureVersion");
	assert_refused_with("\"AAAA\"", "null", "Signature");
	assert_refused_with("arn:aws:sns:us-west-2:1:t", "arn:aws:sns:us-west-2:1:t\\n", "TopicArn");
	assert_refused_with("Notification", "SubscriptionConfirmation", "Token");
}

static void refuses_two_readings(void **state)
{
	static const char *const twice[] = {
		",\"Message\":\"other\"}", ",\"Message\":\"hi\"}", ",\"\\u004dessage\":\"other\"}",
		",\"a\":{\"Message\":\"fine\"},\"a\":1}",
	};
	static const char *const spelled[] = {
		",\"SigningCertUrl\":\"https://y\"}", ",\"message\":\"x\"}", ",\"TOPICARN\":\"x\"}",
		",\"UnsubscribeUrl\":\"x\"}", ",\"subject\":\"x\"}",
	};
	char body[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		(void)snprintf(body, sizeof(body), "%.*s%s", (int)sizeof(NOTIFICATION) - 2, NOTIFICATION,
		               twice[i]);
		assert_refused(body, strlen(body), "twice");
	}
	for (size_t i = 0; i < sizeof(spelled) / sizeof(spelled[0]); i++) {
		(void)snprintf(body, sizeof(body), "%.*s%s", (int)sizeof(NOTIFICATION) - 2, NOTIFICATION,
		               spelled[i]);
		assert_refused(body, strlen(body), "another case");
	}
}

static void keeps_unknown_members_and_odd_versions(void **state)
{
	static const char body[] =
		"{\"New\":{\"a\":[1,{\"b\":2}],\"c\":\"}:{\\\"\"},\"Type\":\"Notification\"," NOTIFICATION_MEMBERS
		"}";
	struct sns_message message;
	struct err err;

	(void)state;
	assert_true(sns_message_parse(&message, body, sizeof(body) - 1, &err));
	assert_int_equal(message.version, 1);
	assert_int_equal(message.type, SNS_NOTIFICATION);
	assert_string_equal(message.text, "hi");
	assert_int_equal(message.text_length, 2);
	assert_null(message.subject);
	assert_null(message.token);
	assert_true(message.sent_ms == 1772827226893LL);
	sns_message_free(&message);
	assert_null(message.json);
}

static struct sns_key *good_key(void)
{
	char *pem = sender_good_certificate(SENDER_SENT_MS);
	struct err err = { 0 };
	struct sns_key *key =
		sns_key_from_pem(pem, strlen(pem), "sns.amazonaws.com", SENDER_SENT_MS, &err);

	if (key == NULL)
		fail_msg("%s", err.text);
	free(pem);
	return key;
}

static bool verifies(struct sns_key *key, const char *body)
{
	struct sns_message message;
	struct err err = { 0 };
	bool good;

	if (!sns_message_parse(&message, body, strlen(body), &err))
		fail_msg("%s: %s", err.text, body);
	good = sns_key_verify(key, &message, &err);
	assert_int_equal(err.kind, good ? ERR_NONE : ERR_REFUSED);
	sns_message_free(&message);
	return good;
}

static void verifies_both_versions_of_all_types(void **state)
{
	static const char *const types[] = {
		"Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation",
	};
	struct sns_key *key = good_key();

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char *body = sender_body(&(struct sender_message){
			.type = types[i / 2], .version = i % 2 == 0 ? "1" : "2", .subject = "s",
			.text = "line\nquote\" back\\ \xE2\x82\xAC \x01",
		});

		assert_true(verifies(key, body));
		free(body);
	}
	sns_key_free(key);
}

/* Each signed value changed by one character must not verify. */
static void refuses_every_change(struct sns_key *key, const char *body)
{
	static const char *const members[] = {
		"Message",  "MessageId",    "Subject",   "Timestamp",        "Token",
		"TopicArn", "SubscribeURL", "Signature", "SignatureVersion",
	};
	int tried = 0;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		char *changed = mem_copy_string(body), name[40], *at;

		(void)snprintf(name, sizeof(name), "\"%s\"", members[i]);
		at = strstr(changed, name);
		if (at != NULL) {
			at = strchr(at + strlen(name), '"') + 1;
			at += strcmp(members[i], "Timestamp") == 0 ? 3 : 0;
			*at = *at == '1' ? '2' : '1';
			assert_false(verifies(key, changed));
			tried++;
		}
		free(changed);
	}
	assert_true(tried >= 6);
}

static void refuses_what_was_altered(void **state)
{
	struct sns_key *key = good_key();
	EVP_PKEY *other = EVP_RSA_gen(2048);
	char *body = sender_body(&(struct sender_message){ .subject = "subject" });
	char *token = sender_body(&(struct sender_message){ .type = "SubscriptionConfirmation" });
	char *foreign = sender_body(&(struct sender_message){ .key = other });
	char *cut = mem_copy_string(body);
	char *at = strstr(cut, "\"Subject\"");

	(void)state;
	refuses_every_change(key, body);
	refuses_every_change(key, token);
	assert_false(verifies(key, foreign));
	memcpy(at, "\"Sxbject\"", 9); /* a Subject left out or added is a change too */
	assert_false(verifies(key, cut));
	free(cut);
	free(foreign);
	free(token);
	free(body);
	EVP_PKEY_free(other);
	sns_key_free(key);
}

/* What OpenSSL's own reader would take for the same signature. */
static void refuses_a_true_signature_with_something_around_it(void **state)
{
	static const char *const around[][2] = {
		{ "    ", "" }, { "\\n\\n\\n\\n", "" }, { "", "    " }, { "", "\\n\\n\\n\\n" }, { "", "----" }, { "", "====" },
	};
	struct sns_key *key = good_key();
	char *body = sender_body(&(struct sender_message){ .text = "x" });
	char *begin = strstr(body, "\"Signature\""), *end;

	(void)state;
	begin = strchr(begin + strlen("\"Signature\""), '"') + 1;
	end = strchr(begin, '"');
	assert_true(verifies(key, body));
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		struct mem mem = { 0 };

		assert_false(verifies(key, mem_printf(&mem, "%.*s%s%.*s%s%s", (int)(begin - body), body, around[i][0],
		                                      (int)(end - begin), begin, around[i][1], end)));
		mem_free_all(&mem);
	}
	free(body);
	sns_key_free(key);
}

static void refuses_odd_signatures(void **state)
{
	static const char *const odd[] = { "A",    "AAA",      "AAAA", "====",  "A===",
		                               "AA=A", "AA==AAAA", " AAA", "AAA\\n" };
	struct sns_key *key = good_key();

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		char body[1024];

		(void)snprintf(body, sizeof(body),
		               "{\"Signature\":\"%s\",\"Type\":\"Notification\",\"MessageId\":\"m\","
		               "\"TopicArn\":\"t\",\"Message\":\"\",\"Timestamp\":\"2026-03-06T20:00:26Z\","
		               "\"SignatureVersion\":\"2\",\"SigningCertURL\":\"u\"}",
		               odd[i]);
		assert_false(verifies(key, body));
	}
	sns_key_free(key);
}

#define REAL_FOLDER "sns/java-v2/"
#define REAL_CERTIFICATE                                                                           \
	REAL_FOLDER "SimpleNotificationService-7506a1e35b36ef5a444dd1a8e7cc3ed8.pem"

static struct sns_key *real_key;
static int real_seen;

static void check_real(const char *name, const char *text, size_t length)
{
	struct sns_message message;
	struct err err = { 0 };

	if (!sns_message_parse(&message, text, length, &err) ||
	    !sns_key_verify(real_key, &message, &err))
		fail_msg("%s: %s", name, err.text);
	assert_string_equal(message.topic, "arn:aws:sns:us-west-2:131990247566:dongie-standard-topic");
	assert_int_equal(message.version,
	                 strstr(name, "v2") != NULL || strstr(name, "unsub") != NULL ? 2 : 1);
	assert_int_equal(message.subject != NULL, strstr(name, "with-subject") != NULL);
	assert_int_equal(message.token != NULL, strstr(name, "confirmation") != NULL);
	sns_message_free(&message);
	refuses_every_change(real_key, text);
	real_seen++;
}

static void verifies_what_sns_signed(void **state)
{
	size_t length;
	char *pem = vector_read(REAL_CERTIFICATE, &length);
	struct err err = { 0 };

	(void)state;
	if (pem == NULL)
		skip();
	assert_null(
		sns_key_from_pem(pem, length, "sns.amazonaws.com", 1795000000000LL, &err)); /* Nov 2026 */
	assert_non_null(strstr(err.text, "expired"));
	real_key = sns_key_from_pem(pem, length, "sns.amazonaws.com", SENDER_SENT_MS, &err);
	assert_non_null(real_key);
	assert_int_equal(vector_each("sns/java-v2", check_real), 5);
	assert_int_equal(real_seen, 5);
	sns_key_free(real_key);
	free(pem);
}

static void check_example(const char *name, const char *text, size_t length)
{
	struct sns_message message;
	struct err err = { 0 };

	if (!sns_message_parse(&message, text, length, &err))
		fail_msg("%s: %s", name, err.text);
	assert_false(sns_key_verify(real_key, &message, &err));
	sns_message_free(&message);
	real_seen++;
}

static void refuses_the_manuals_examples(void **state)
{
	(void)state;
	real_key = good_key();
	real_seen = 0;
	(void)vector_each("sns/docs-message-formats", check_example);
	sns_key_free(real_key);
	if (real_seen == 0)
		skip();
	assert_int_equal(real_seen, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_raw_values_in_order),
		cmocka_unit_test(signs_confirmations_with_token_and_url),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(refuses_two_readings),
		cmocka_unit_test(keeps_unknown_members_and_odd_versions),
		cmocka_unit_test(verifies_both_versions_of_all_types),
		cmocka_unit_test(refuses_what_was_altered),
		cmocka_unit_test(refuses_a_true_signature_with_something_around_it),
		cmocka_unit_test(refuses_odd_signatures),
		cmocka_unit_test(verifies_what_sns_signed),
		cmocka_unit_test(refuses_the_manuals_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
