/* Mail through an SNS topic: the subject that SNS takes, the size of the body, where it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/mail/mail.h"
#include "bot/mem.h"
#include "tests/unit/support/aws_world.h"

#define TOPIC "arn:aws:sns:eu-west-1:123456789012:team"
#define IDENTITY "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>" \
	"<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

static void subjects_are_what_sns_takes(void **state)
{
	static const struct {
		const char *text, *subject;
	} cases[] = {
		{ "ALARM cpu-high", "ALARM cpu-high" },
		{ "", "tocsin" },
		{ " \t\n ", "tocsin" },
		{ "\xF0\x9F\x94\xA5", "tocsin" },
		{ "\xF0\x9F\x94\xA5 fire", "fire" },
		{ "a\r\nBcc: x\x01\x7F" "y", "a Bcc: x y" },
		{ "  [x]   y  ", "[x] y" },
		{ "Gr\xC3\xB6\xC3\x9F" "e \xE2\x80\x93 d\xC3\xA9j\xC3\xA0 \xE2\x89\xA5 5 \xC2\xB5s\xE2\x80\xA6", "Groesse - deja >= 5 us..." },
		{ "\xE6\x97\xA5\xE6\x9C\xAC", "??" },
		{ "\xE2\x9A\xA0\xEF\xB8\x8F disk", "disk" },
		{ "bad \xFF\xC3", "bad ??" },
		{ "OK \xE2\x86\x92 ALARM", "OK -> ALARM" },
	};
	char subject[MAIL_SUBJECT_SIZE], text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mail_subject(cases[i].text, subject);
		assert_string_equal(subject, cases[i].subject);
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[98] = ' ';
	mail_subject(text, subject);
	assert_int_equal(strlen(subject), 98); /* no space at the end either */
	text[98] = 'x';
	mail_subject(text, subject);
	assert_int_equal(strlen(subject), 99);
}

static void whatever_comes_in_the_subject_is_plain(void **state)
{
	char text[40], subject[MAIL_SUBJECT_SIZE];
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		for (size_t i = 0; i + 1 < sizeof(text); i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = (char)(seed >> 16);
		}
		text[sizeof(text) - 1] = '\0';
		mail_subject(text, subject);
		assert_in_range(strlen(subject), 1, 99);
		assert_true(subject[0] > ' ');
		for (const char *c = subject; *c != '\0'; c++)
			assert_true(*c >= ' ' && *c <= '~');
	}
}

static struct aws_end send_mail(const char *topic, const char *subject, const char *body)
{
	struct aws_end end = { 0 };

	mail_send(cloud.bot.aws, topic, subject, body, aws_end_token(&end));
	assert_false(end.done);
	aws_end_wait(&end);
	return end;
}

static void mails_are_published_where_the_topic_is(void **state)
{
	(void)state;
	(void)aws_world_start();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("Publish", 200, NULL, "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
	                 "</PublishResponse>");
	assert_int_equal(send_mail(TOPIC, "a b", "x=1&y\xC3\xA4\n").err.kind, ERR_NONE);
	assert_string_equal(cloud.asked[1].body, "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A"
	                    "123456789012%3Ateam&Subject=a%20b&Message=x%3D1%26y%C3%A4%0A");
	assert_non_null(strstr(aws_world_header(1, "Authorization"), "/eu-west-1/sns/aws4_request"));
}

static void large_bodies_are_cut_with_a_note(void **state)
{
	const size_t max = (size_t)256 << 10;
	char *body = mem_alloc(max + 100);
	const char *sent;

	(void)state;
	(void)aws_world_start();
	memset(body, 'a', max);
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("Publish", 200, NULL, "<PublishResponse/>");
	assert_int_equal(send_mail(TOPIC, "s", body).err.kind, ERR_NONE);
	sent = strstr(cloud.asked[1].body, "&Message=") + 9;
	assert_int_equal(strlen(sent), max);
	memset(body, 'a', max - 200);
	for (size_t i = max - 200; i < max + 98; i += 2)
		memcpy(body + i, "\xC3\xA4", 2);
	aws_world_answer("Publish", 200, NULL, "<PublishResponse/>");
	assert_int_equal(send_mail(TOPIC, "s", body).err.kind, ERR_NONE);
	sent = strstr(cloud.asked[2].body, "&Message=") + 9;
	assert_non_null(strstr(sent, "%C3%A4%0A%0A%28cut%20here%3A%20SNS%20takes%20no%20more%20than%20256%20KiB%29%0A"));
	free(body);
}

static void doubt_is_not_repeated(void **state)
{
	(void)state;
	(void)aws_world_start();
	aws_world_answer("GetCallerIdentity", 200, NULL, IDENTITY);
	aws_world_answer("Publish", AWS_WORLD_CUT, NULL, NULL);
	assert_int_equal(send_mail(TOPIC, "s", "b").err.kind, ERR_UNKNOWN);
	aws_world_answer("Publish", 400, NULL, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>");
	aws_world_answer("Publish", 200, NULL, "<PublishResponse/>");
	assert_int_equal(send_mail(TOPIC, "s", "b").err.kind, ERR_NONE);
	aws_world_answer("Publish", 403, NULL, "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>");
	assert_non_null(strstr(send_mail(TOPIC, "s", "b").err.text, "IAM action sns:Publish in account 123456789012"));
	assert_int_equal(cloud.count, 5);
}

static void what_is_no_topic_goes_nowhere(void **state)
{
	static const char *const bad[] = { "", "team", "arn:aws:sns:evil.example/:123456789012:x", "arn:aws:sns::123456789012:x",
		"arn:aws:sns:eu-west-1::x", "arn:aws:sqs:eu-west-1:123456789012:x" };

	(void)state;
	(void)aws_world_start();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(send_mail(bad[i], "s", "b").err.kind, ERR_REFUSED);
	assert_non_null(strstr(send_mail("team", "s", "b").err.text, "correct mail.topic"));
	assert_int_equal(cloud.count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, aws_world_begin, aws_world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects_are_what_sns_takes),
		cmocka_unit_test(whatever_comes_in_the_subject_is_plain),
		T(mails_are_published_where_the_topic_is),
		T(large_bodies_are_cut_with_a_note),
		T(doubt_is_not_repeated),
		T(what_is_no_topic_goes_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
