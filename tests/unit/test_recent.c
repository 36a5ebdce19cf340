/* The newest changes of an alarm: by their own time, bounded, the same after saving. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/json.h"
#include "bot/recent.h"
#include "bot/str.h"

static void load(struct recent *recent, const char *text)
{
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	assert_non_null(json);
	recent_load(recent, json);
	json_free(json);
}

static void they_stand_by_time(void **state)
{
	struct recent r = { 0 };

	(void)state;
	recent_add(&r, 300, "ALARM");
	recent_add(&r, 100, "ALARM");
	recent_add(&r, 200, "OK");
	recent_add(&r, 200, "INSUFFICIENT_DATA");
	assert_int_equal(r.count, 4);
	for (size_t i = 1; i < r.count; i++)
		assert_true(r.changes[i - 1].at_ms <= r.changes[i].at_ms);
	assert_true(recent_has(&r, 200, "OK") && recent_has(&r, 200, "INSUFFICIENT_DATA"));
	assert_false(recent_has(&r, 200, "ALARM") || recent_has(&r, 150, "OK"));
	assert_true(recent_has_ok(&r, 100, 200));
	assert_false(recent_has_ok(&r, 200, 300) || recent_has_ok(&r, 100, 199));
}

static void the_oldest_goes(void **state)
{
	struct recent r = { 0 };

	(void)state;
	for (int64_t i = 0; i < 40; i++)
		recent_add(&r, i * 10, i % 2 != 0 ? "ALARM" : "OK");
	assert_int_equal(r.count, RECENT_MAX);
	assert_int_equal(r.changes[0].at_ms, 240);
	recent_add(&r, 5, "OK"); /* older than all that are kept */
	assert_int_equal(r.changes[0].at_ms, 240);
	recent_add(&r, 245, "OK");
	assert_int_equal(r.changes[0].at_ms, 245);
	recent_add(&r, 390, "OK");
	assert_int_equal(r.changes[RECENT_MAX - 1].at_ms, 390);
	assert_int_equal(r.changes[RECENT_MAX - 1].state, 'O');
	assert_int_equal(r.count, RECENT_MAX);
}

static void they_survive_saving(void **state)
{
	struct recent r = { 0 }, same;
	struct str text;

	(void)state;
	recent_add(&r, 1763780400000, "ALARM");
	recent_add(&r, -7, "OK");
	str_init(&text, 1000);
	recent_print(&r, &text);
	assert_string_equal(text.text, "[\"O-7\",\"A+1763780400007\"]");
	load(&same, text.text);
	assert_int_equal(same.count, 2);
	assert_true(recent_has(&same, -7, "OK") && recent_has(&same, 1763780400000, "ALARM"));
	str_free(&text);
}

static void the_older_forms_are_read(void **state)
{
	struct recent r;

	(void)state;
	load(&r, "[\"O100\",\"A200\",\"x+9\",\"O+5\"]"); /* x: by a later version */
	assert_int_equal(r.count, 3);
	assert_true(recent_has(&r, 100, "OK") && recent_has(&r, 200, "ALARM") && recent_has(&r, 214, "OK"));
	load(&r, "[{\"t\":100,\"s\":\"OK\"},{\"t\":200,\"s\":\"ALARM\"},7,{},\"\",\"x5\",null]");
	assert_int_equal(r.count, 2);
	assert_true(recent_has(&r, 100, "OK") && recent_has(&r, 200, "ALARM"));
	recent_load(&r, NULL);
	assert_int_equal(r.count, 0);
}

/* Times at both ends of what there is: damaged, or by an alarm that names no time of this world. */
static void far_times_survive_saving(void **state)
{
	struct recent r, same;
	struct str text;

	(void)state;
	load(&r, "[\"O9223372036854775807\",\"A+9223372036854775807\",\"O-9223372036854775808\"]");
	assert_int_equal(r.count, 3);
	str_init(&text, 1000);
	recent_print(&r, &text);
	load(&same, text.text);
	assert_int_equal(same.count, 3);
	assert_true(recent_has(&same, INT64_MAX, "OK") && recent_has(&same, -2, "ALARM"));
	assert_true(recent_has(&same, INT64_MIN, "OK"));
	str_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_stand_by_time),
		cmocka_unit_test(the_oldest_goes),
		cmocka_unit_test(they_survive_saving),
		cmocka_unit_test(the_older_forms_are_read),
		cmocka_unit_test(far_times_survive_saving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
