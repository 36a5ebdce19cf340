/* cron lines: what each form means, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/cron.h"

static struct cron parse(const char *text)
{
	struct cron cron;
	struct err err;

	if (!cron_parse(text, &cron, &err))
		fail_msg("\"%s\" %s", text, err.text);
	return cron;
}

static void a_weekday_morning(void **state)
{
	struct cron cron = parse("0 9 * * 1-5");

	(void)state;
	assert_int_equal(cron.minutes, 1);
	assert_int_equal(cron.hours, 1 << 9);
	assert_int_equal(cron.days, 0xfffffffe);
	assert_int_equal(cron.months, 0x1ffe);
	assert_int_equal(cron.weekdays, 0x3e);
}

static void lists_ranges_steps_and_names(void **state)
{
	struct cron cron = parse("  */15 8-18/5,20 1,15 jan-Mar,DEC sat,sun ");

	(void)state;
	assert_int_equal(cron.minutes, UINT64_C(1) | UINT64_C(1) << 15 | UINT64_C(1) << 30 | UINT64_C(1) << 45);
	assert_int_equal(cron.hours, 1 << 8 | 1 << 13 | 1 << 18 | 1 << 20);
	assert_int_equal(cron.days, 1 << 1 | 1 << 15);
	assert_int_equal(cron.months, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 12);
	assert_int_equal(cron.weekdays, 1 << 6 | 1);
}

static void sunday_has_two_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse("0 0 * * 7").weekdays, 1);
	assert_int_equal(parse("0 0 * * 0").weekdays, 1);
	assert_int_equal(parse("0 0 * * 5-7").weekdays, 1 << 5 | 1 << 6 | 1);
	assert_int_equal(parse("0 0 * * *").weekdays, 127);
	assert_int_equal(parse("59 23 31 12 6").minutes, UINT64_C(1) << 59);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct { const char *text, *says; } cases[] = {
		{ "", "fewer than five" }, { "0 9 * *", "fewer than five" }, { "0 9 * * * *", "more than five" },
		{ "60 9 * * *", "wrong minute" }, { "0 24 * * *", "wrong hour" }, { "0 9 0 * *", "wrong day of month" },
		{ "0 9 * 13 *", "wrong month" }, { "0 9 * * 8", "wrong day of week" }, { "0 9 * * 5-1", "wrong day of week" },
		{ "*/0 9 * * *", "wrong minute" }, { "1, 9 * * *", "wrong minute" }, { "-1 9 * * *", "wrong minute" },
		{ "1-2-3 9 * * *", "wrong minute" }, { "0 9 * foo *", "wrong month" }, { "@daily", "wrong minute" },
		{ "99999999999999999999 9 * * *", "wrong minute" }, { "*/99999999999999999999 9 * * *", "wrong minute" },
	};
	struct cron cron;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cron_parse(cases[i].text, &cron, &err) || strstr(err.text, cases[i].says) == NULL)
			fail_msg("\"%s\" should be refused with \"%s\"", cases[i].text, cases[i].says);
		assert_int_equal(err.kind, ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weekday_morning),
		cmocka_unit_test(lists_ranges_steps_and_names),
		cmocka_unit_test(sunday_has_two_numbers),
		cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
