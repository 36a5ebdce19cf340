/* JSON values: what is built, what is kept of what was parsed, many members, printing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

static struct json_object *parsed(const char *text)
{
	char *exact = mem_copy_bytes(text, strlen(text)); /* so that ASan sees each byte read beyond it */
	struct err err;
	struct json_object *json = json_parse(exact, strlen(text), &err);

	free(exact);
	assert_non_null(json);
	return json;
}

/* Bit by bit what strtod says, on its short way and where that does not reach. */
static void numbers_are_exact(void **state)
{
	static const char *const edges[] = { "0", "0.1", "-12.75", "9007199254740992", "9007199254740993", "0.3",
		                             "900719925474099.3", "1e300", "1.5E-7", "123456789012345678", "1234567890123456789",
		                             "0.000000000000000001", "0.12345678901234567", "27.310000000000002", "1795750000.123" };
	uint64_t seed = 1;

	(void)state;
	for (size_t n = 0; n < 20000; n++) {
		char text[64], array[80];
		struct json_object *json;
		double got, wanted;

		seed = seed * 6364136223846793005U + 1442695040888963407U;
		if (n < sizeof(edges) / sizeof(edges[0]))
			(void)snprintf(text, sizeof(text), "%s", edges[n]);
		else
			(void)snprintf(text, sizeof(text), "%.*g", 1 + (int)(seed >> 60), (double)(seed >> 20) / 1e9);
		(void)snprintf(array, sizeof(array), "[%s]", text);
		json = parsed(array);
		got = json_number(json, "[0]", 7);
		wanted = strtod(text, NULL);
		if (memcmp(&got, &wanted, sizeof(got)) != 0)
			fail_msg("%s is read as %.17g", text, got);
		json_free(json);
	}
}

static void a_part_keeps_the_whole(void **state)
{
	struct json_object *json = parsed("{\"a\":{\"b\":[1,\"two\"]},\"c\":true}"), *part = json_keep(json_get(json, "a.b"));

	(void)state;
	json_free(json);
	assert_string_equal(json_print(part), "[1,\"two\"]");
	json_free(part);
}

static void a_copy_is_its_own(void **state)
{
	struct json_object *json = parsed("{\"a\":{\"b\":[1,\"t\\u0000o\",null,1e3]}}"), *copy = json_copy(json_get(json, "a"));

	(void)state;
	json_free(json);
	assert_string_equal(json_print(copy), "{\"b\":[1,\"t\\u0000o\",null,1e3]}");
	assert_int_equal(json_string_length(copy, "b[1]"), 3);
	json_free(copy);
	assert_null(json_copy(NULL));
}

static void values_of_several_texts_mix(void **state)
{
	struct json_object *one = parsed("{\"x\":[1],\"y\":2}"), *two = parsed("[{\"z\":3}]"), *built = json_new_object();

	(void)state;
	json_put(built, "two", two);
	json_put(built, "part", json_keep(json_get(one, "x")));
	json_append(json_get(one, "x"), json_new_string("more"));
	json_append(json_get(one, "x"), json_keep(json_get(one, "y"))); /* its own part */
	json_put(json_get(two, "[0]"), "w", NULL);
	json_free(one);
	assert_string_equal(json_print(built), "{\"two\":[{\"z\":3,\"w\":null}],\"part\":[1,\"more\",2]}");
	json_free(built);
}

static void a_put_replaces(void **state)
{
	struct json_object *object = json_new_object(), *value = json_new_string("old");

	(void)state;
	json_put(object, "a", json_keep(value));
	json_put_int(object, "b", -7);
	json_put_string(object, "a", "new");
	json_put_string(object, "c", NULL); /* left out */
	json_put_number(object, "b", 0.5);
	json_put_bool(object, "", true);
	assert_string_equal(json_print(object), "{\"a\":\"new\",\"b\":0.5,\"\":true}");
	assert_string_equal(json_string(value, ""), "old"); /* ours is left */
	json_free(value);
	json_free(object);
}

static void many_members_are_found(void **state)
{
	struct json_object *built = json_new_object(), *read;
	struct str text;
	char name[24];

	(void)state;
	str_init(&text, 1u << 20);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		json_put_int(built, name, -1);
		json_put_int(built, name, i);
	}
	json_add(&text, built);
	read = parsed(text.text);
	assert_int_equal(json_count(built), 2000);
	assert_int_equal(json_count(read), 2000);
	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(json_int(built, name, -1), i);
		assert_int_equal(json_int(read, name, -1), i);
	}
	assert_false(json_has(read, "n2000"));
	json_free(built);
	json_free(read);
	str_free(&text);
}

/* Also among so many that they are hashed, and when the last of two comes much later. */
static void a_second_name_is_seen(void **state)
{
	struct str text;
	struct err err;
	struct json_object *json;

	(void)state;
	str_init(&text, 1u << 20);
	str_add(&text, "{\"n7\":\"first\"");
	for (int i = 0; i < 500; i++)
		str_addf(&text, ",\"n%d\":%d", i == 7 ? 1000 : i, i);
	str_add(&text, ",\"n\\u0037\":\"last\"}");
	assert_null(json_parse_unique(text.text, text.length, &err));
	json = parsed(text.text);
	assert_int_equal(json_count(json), 501);
	assert_string_equal(json_string(json, "n7"), "last");
	json_free(json);
	str_free(&text);
}

static void numbers_keep_their_digits(void **state)
{
	struct json_object *json = parsed("[1.50,18446744073709551615,-0,1E2,-12]"), *top = parsed("12345");

	(void)state;
	assert_string_equal(json_text(json, "[0]"), "1.50");
	assert_true(json_number(json, "[0]", 0) > 1.49);
	assert_string_equal(json_text(json, "[1]"), "18446744073709551615");
	assert_int_equal(json_int(json, "[1]", 5), 5); /* it does not fit */
	assert_string_equal(json_text(json, "[2]"), "0");
	assert_int_equal(json_int(json, "[3]", 5), 5); /* not whole by its form */
	assert_true(json_number(json, "[4]", 0) < -11.9);
	assert_int_equal(json_int(top, "", 0), 12345);
	json_free(json);
	json_free(top);
	assert_null(json_new_number(1.0 / 0.0 * 0.0));
}

static void people_get_it_indented(void **state)
{
	struct json_object *json = parsed("{\"a\":[1,{}],\"b\":{\"c\":null},\"d\":[]}");

	(void)state;
	assert_string_equal(json_print_pretty(json), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": null\n  },\n"
	                                             "  \"d\": []\n}");
	assert_string_equal(json_print(NULL), "null");
	json_free(json);
}

static void runs_end_at_what_is_escaped(void **state)
{
	static const char stops[] = { '"', '\\', '\n', '\0', '\x1f' };
	char text[40];

	(void)state;
	for (size_t s = 0; s < sizeof(stops); s++) {
		for (size_t at = 0; at < sizeof(text); at++) {
			memset(text, at % 2 == 0 ? '\xff' : ' ', sizeof(text));
			text[at] = stops[s];
			assert_int_equal(str_json_run(text, sizeof(text)), at);
			assert_int_equal(str_json_run(text, at), at);
		}
	}
	memset(text, '!', sizeof(text)); /* one above the space, one below the quote */
	assert_int_equal(str_json_run(text, sizeof(text)), sizeof(text));
}

static void a_hash_is_of_all_that_is_in_a_value(void **state)
{
	static const char *const others[] = { "{}", "[]", "[null]", "[1]", "[\"1\"]", "[true]", "[1,2]", "[12]", "[[1],2]",
		                              "[[1,2]]", "{\"a\":1}", "{\"a\":null}", "{\"a\":\"\"}", "{\"b\":1}",
		                              "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}" };
	uint64_t hashes[sizeof(others) / sizeof(others[0])];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct json_object *json = parsed(others[i]), *copy = json_copy(json);

		hashes[i] = json_hash(3, json);
		assert_int_equal(json_hash(3, copy), hashes[i]);
		assert_int_not_equal(json_hash(4, json), hashes[i]);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(hashes[k], hashes[i]);
		json_free(copy);
		json_free(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(a_part_keeps_the_whole),
		cmocka_unit_test(a_copy_is_its_own),
		cmocka_unit_test(values_of_several_texts_mix),
		cmocka_unit_test(a_put_replaces),
		cmocka_unit_test(many_members_are_found),
		cmocka_unit_test(a_second_name_is_seen),
		cmocka_unit_test(numbers_keep_their_digits),
		cmocka_unit_test(people_get_it_indented),
		cmocka_unit_test(a_hash_is_of_all_that_is_in_a_value),
		cmocka_unit_test(runs_end_at_what_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
