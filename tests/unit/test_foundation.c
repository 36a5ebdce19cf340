/* The ground everything stands on: strings, JSON paths, field tables, clock, secrets, log, loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <math.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "bot/clock.h"
#include "bot/fields.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/secret.h"
#include "bot/str.h"

static void str_stops_at_its_ceiling(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 5);
	str_addf(&s, "%s", "abc");
	assert_false(s.cut);
	str_add(&s, "defgh");
	assert_string_equal(s.text, "abcde");
	assert_true(s.cut);
	str_free(&s);
}

static void str_quotes_for_json(void **state)
{
	struct str s;
	struct json_object *json;
	struct err err;
	const char nasty[] = "a\"b\\c\n\x01/\xc3\xa9";

	(void)state;
	str_init(&s, 1000);
	str_add_json(&s, nasty, sizeof(nasty) - 1);
	json = json_parse(s.text, s.length, &err);
	assert_non_null(json);
	assert_string_equal(json_string(json, ""), nasty);
	json_free(json);
	str_free(&s);
}

static void glob_matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "checkout-*", "checkout-api", true }, { "checkout-*", "checkou-", false },
		{ "*", "", true }, { "", "", true }, { "", "a", false }, { "a?c", "abc", true },
		{ "a?c", "ac", false }, { "a?c", "a\xc3\xa9""c", true }, { "??", "\xf0\x9f\x94\x94", false },
		{ "*?c", "\xe5\xae\x8c\xe4\xba\x86""c", true }, { "*???c", "\xe5\xae\x8c\xe4\xba\x86""c", false },
		{ "*\xba\x86", "\xe5\xae\x8c\xe4\xba\x86", false }, { "a?", "a\xc3", true }, { "*a*b", "xxaxxb", true }, { "*a*b", "xxbxxa", false },
		{ "a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(str_glob(cases[i].pattern, cases[i].text), cases[i].matches);
}

static void utf8_is_checked_and_cut_whole(void **state)
{
	(void)state;
	assert_true(str_utf8_valid("\xf0\x9f\x94\x94", 4));
	assert_false(str_utf8_valid("\xf0\x9f\x94", 3));
	assert_false(str_utf8_valid("\xc0\x80", 2));         /* overlong NUL */
	assert_false(str_utf8_valid("\xed\xa0\x80", 3));     /* surrogate */
	assert_false(str_utf8_valid("\xf4\x90\x80\x80", 4)); /* beyond U+10FFFF */
	assert_int_equal(str_utf8_prefix("a\xc3\xa9", 3, 2), 1);
	assert_int_equal(str_utf8_prefix("a\xc3\xa9", 3, 3), 3);
}

/* A saved error with half a character could not be read again after a restart. */
static void a_cut_leaves_no_half_character(void **state)
{
	char broken[] = "a\xc3 \xe5\xae, \x80\xf0\x9f\x94\x94\xe5";
	struct err err;
	struct str s;

	(void)state;
	str_utf8_mend(broken);
	assert_string_equal(broken, "a? ?, ?\xf0\x9f\x94\x94?");
	(void)err_set(&err, ERR_REFUSED, "\"%.4s\"%300s", "\xe5\xae\x8c\xe4\xba\x86", "\xc3\xa9");
	assert_true(str_utf8_valid(err.text, strlen(err.text)));
	str_init(&s, 4);
	str_add(&s, "abc\xc3\xa9");
	assert_true(s.cut);
	assert_string_equal(s.text, "abc");
	str_free(&s);
}

static void json_paths_never_fail_loudly(void **state)
{
	const char *text = "{\"a\":{\"b\":[{\"c\":\"x\"},7,null]},\"t\":true,\"n\":1.5}";
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	(void)state;
	assert_non_null(json);
	assert_string_equal(json_string(json, "a.b[0].c"), "x");
	assert_null(json_string(json, "a.b[1]"));
	assert_string_equal(json_text(json, "a.b[1]"), "7");
	assert_int_equal(json_int(json, "a.b[1]", -1), 7);
	assert_int_equal(json_int(json, "a.b[9]", -1), -1);
	assert_int_equal(json_int(json, "a.b[x]", -1), -1);
	assert_int_equal(json_int(json, "a.b.c.d", -1), -1);
	assert_true(json_has(json, "a.b[2]"));
	assert_null(json_get(json, "a.b[2]"));
	assert_false(json_has(json, "a.z"));
	assert_true(json_flag(json, "t", false));
	assert_true(json_number(json, "n", 0) > 1.4);
	assert_null(json_string(NULL, "a"));
	assert_string_equal(json_print(json), text);
	json_free(json);
}

static void json_reads_to_the_letter(void **state)
{
	static const struct {
		const char *text, *printed;
	} cases[] = {
		{ "\"\\u0041\\u00e9\\ud83d\\ude00\"", "\"A\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "\"\\ud83dx\\ud83d\\u0041\\udc00\"", "\"\xef\xbf\xbdx\xef\xbf\xbd" "A\xef\xbf\xbd\"" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\"", "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0000\"" },
		{ "[ 9223372036854775807 , -9223372036854775808 ]", "[9223372036854775807,-9223372036854775808]" },
		{ "[18446744073709551615,18446744073709551616,-9223372036854775809,1.50,-0]",
		  "[18446744073709551615,18446744073709551616,-9223372036854775809,1.50,0]" },
		{ "{\"a\":{},\"a\":[null,true,false]}", "{\"a\":[null,true,false]}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err;
		struct json_object *json = json_parse(cases[i].text, strlen(cases[i].text), &err), *same;
		struct str s;

		assert_non_null(json);
		assert_string_equal(json_print(json), cases[i].printed);
		str_init(&s, 1000);
		json_add(&s, json);
		same = json_parse(s.text, s.length, &err);
		assert_non_null(same);
		assert_string_equal(json_print(same), cases[i].printed);
		str_free(&s);
		json_free(same);
		json_free(json);
	}
}

static void json_refuses_what_is_not_json(void **state)
{
	static const char *const bad[] = { "", "{", "{'a':1}", "[1,]", "{\"a\":1}x", "// c\n1", "NaN",
		                           "\"\xff\"", "null", "[1", "{\"a\":\"x\ny\"}",
		                           "-Infinity", "[1]]", "{\"a\":1,}", "01", "1.", "-", "1e", "tru",
		                           "\"\\x\"", "\"\\u12g4\"", "\"\\u12", "\"a", "\"a\\", "{\"a\"}",
		                           "{\"a\\u0000\":1}", "{1:2}", "[1 2]", "\xc3", "\x7f" };
	static const char *const good[] = { "1", " {} \n", "\"x\"", "[]", "-1.5e3", "true" };
	static const char *const twice_named[] = { "{\"a\":1,\"b\":{\"c\":1,\"c\":1}}", "{\"a\":1,\"\\u0061\":2}" };
	static const char once_each[] = "{\"a\":{\"a\":1}}";
	struct json_object *twice;
	char deep[400];
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(json_parse(bad[i], strlen(bad[i]), &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct json_object *json = json_parse(good[i], strlen(good[i]), &err);

		assert_non_null(json);
		json_free(json);
	}
	assert_null(json_parse_unique(twice_named[0], strlen(twice_named[0]), &err));
	assert_null(json_parse_unique(twice_named[1], strlen(twice_named[1]), &err));
	twice = json_parse_unique(once_each, strlen(once_each), &err);
	assert_non_null(twice);
	json_free(twice);
	memset(deep, '[', 200);
	memset(deep + 200, ']', 200);
	assert_null(json_parse(deep, sizeof(deep), &err));
}

struct thing {
	char *name;
	int64_t count;
	double ratio;
	bool on;
	struct json_object *list;
	char *raw;
};

static const struct field thing_fields[] = {
	FIELD(FIELD_STRING, thing, name), FIELD(FIELD_INT, thing, count),
	FIELD(FIELD_NUMBER, thing, ratio), FIELD(FIELD_BOOL, thing, on),
	FIELD(FIELD_JSON, thing, list), FIELD(FIELD_SCRATCH, thing, raw), FIELDS_END,
};

static void fields_survive_a_round_trip(void **state)
{
	struct thing a = { .count = 1LL << 60, .ratio = 0.1, .on = true }, b = { 0 };
	struct json_object *json, *same;
	struct str printed;
	struct err err;

	(void)state;
	mem_set_string(&a.name, "x \"y\"");
	mem_set_string(&a.raw, "hunter2");
	a.list = json_new_array();
	json_append_string(a.list, "z");
	json = fields_save(thing_fields, &a);
	str_init(&printed, 1000);
	str_add_char(&printed, '{');
	fields_print(thing_fields, &a, &printed);
	str_add_char(&printed, '}');
	same = json_parse(printed.text, printed.length, &err);
	assert_non_null(same);
	assert_string_equal(json_print(same), json_print(json));
	json_free(same);
	str_free(&printed);
	assert_null(strstr(json_print(json), "hunter2")); /* scratch is never saved */
	fields_load(thing_fields, &b, json);
	assert_null(b.raw);
	assert_string_equal(b.name, a.name);
	assert_true(b.count == a.count && b.ratio == a.ratio && b.on);
	assert_string_equal(json_print(b.list), "[\"z\"]");
	json_free(json);
	json = json_new_object();
	fields_load(thing_fields, &b, json); /* nothing there: everything empty, nothing leaked */
	assert_null(b.name);
	assert_true(isnan(b.ratio));
	json_free(json);
	fields_free(thing_fields, &a);
	fields_free(thing_fields, &b);
}

static void clock_counts_days_as_the_c_library(void **state)
{
	(void)state;
	/* Each day of 800 years, and each second's place in one. */
	for (int64_t second = INT64_C(-400) * 366 * 86400; second < INT64_C(400) * 366 * 86400; second += 86400 + 3661) {
		time_t time = second;
		struct tm tm;

		assert_non_null(gmtime_r(&time, &tm));
		assert_true(clock_utc_s(&tm) == second);
	}
}

static void a_hash_depends_on_all_that_it_is_given(void **state)
{
	char text[40] = "";
	uint64_t whole = str_hash(1, text, sizeof(text));

	(void)state;
	assert_true(str_hash(1, text, sizeof(text)) == whole);
	assert_true(str_hash(2, text, sizeof(text)) != whole);
	for (size_t length = 0; length < sizeof(text); length++) /* all zeros, only fewer */
		assert_true(str_hash(1, text, length) != whole);
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] = (char)(1 << bit % 8);
		assert_true(str_hash(1, text, sizeof(text)) != whole);
		if (bit % 8 == 7 && bit / 8 + 8 < sizeof(text)) { /* one cancels no other, eight bytes on */
			text[bit / 8 + 8] = text[bit / 8];
			assert_true(str_hash(1, text, sizeof(text)) != whole);
			text[bit / 8 + 8] = 0;
		}
		text[bit / 8] = 0;
	}
}

static void clock_reads_what_aws_writes(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "2021-11-10T02:45:55.640+0000", 1636512355640 },
		{ "2021-11-10T02:45:55.640Z", 1636512355640 },
		{ "2021-11-10T02:45:55Z", 1636512355000 },
		{ "2021-11-10T04:45:55.640+02:00", 1636512355640 },
		{ "2021-11-10 02:45:55.64", 1636512355640 },
		{ "2016-07-07T20:22Z", 1467922920000 },
		{ "2021-02-30T00:00:00Z", -1 }, /* February's table has 29 days; the 30th is refused */
		{ "2021-13-01T00:00:00Z", -1 }, { "2021-11-10", -1 }, { "", -1 },
		{ "2021-11-10T02:45:55Zx", -1 }, { "tomorrow", -1 },
	};
	char text[CLOCK_TEXT_SIZE];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = clock_parse_iso(cases[i].text, &ms);

		assert_int_equal(ok, cases[i].ms != -1);
		if (ok)
			assert_true(ms == cases[i].ms);
	}
	assert_false(clock_parse_iso(NULL, &ms));
	clock_format_iso(1636512355640, text);
	assert_string_equal(text, "2021-11-10T02:45:55.640Z");
	clock_format_duration(42900, text);
	assert_string_equal(text, "42 s");
	clock_format_duration(12000000, text);
	assert_string_equal(text, "3 h 20 min");
}

static char last_line[8400];

static void keep_line(const char *line)
{
	(void)snprintf(last_line, sizeof(last_line), "%s", line);
}

static void log_lines_cannot_be_forged_and_hide_secrets(void **state)
{
	struct secret token = { 0 };
	char huge[20000];

	(void)state;
	log_sink(keep_line);
	secret_set(&token, "xoxb-very-secret");
	log_event(LOG_WARN, "test.event", "who", "a b\nerror fake", "token", "is xoxb-very-secret!", "none", NULL, NULL);
	assert_non_null(strstr(last_line, "warn  test.event who=\"a b\\nerror fake\" token=\"is ****************!\" none=-"));
	log_setup(LOG_JSON, LOG_INFO);
	log_event(LOG_INFO, "test.json", "n", LOG_INT(-5), "bad", "\xff", NULL);
	assert_non_null(strstr(last_line, ",\"n\":\"-5\",\"bad\":\"(not UTF-8)\"}"));
	memset(huge, '"', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	log_event(LOG_INFO, "test.huge", "text", huge, NULL);
	assert_true(strlen(last_line) < sizeof(last_line) - 1);
	log_setup(LOG_TEXT, LOG_INFO);
	last_line[0] = '\0';
	log_event(LOG_DEBUG, "test.quiet", NULL);
	assert_string_equal(last_line, "");
	log_sink(NULL);
	secret_free(&token);
}

static void metrics_print_grouped(void **state)
{
	struct str out;

	(void)state;
	metrics_reset();
	metrics_describe("a_total", "counter", "As.");
	metrics_count("a_total", "reason", "x");
	metrics_gauge("b", NULL, NULL, -3);
	metrics_add("a_total", "reason", "y", 5);
	metrics_count("a_total", "reason", "x");
	str_init(&out, 1000);
	metrics_print(&out);
	assert_string_equal(out.text, "# HELP a_total As.\n# TYPE a_total counter\n"
	                              "a_total{reason=\"x\"} 2\na_total{reason=\"y\"} 5\nb -3\n");
	str_free(&out);
	metrics_reset();
}

static void backoff_stays_within_bounds(void **state)
{
	(void)state;
	random_seed_for_tests(7);
	for (unsigned attempt = 1; attempt < 100; attempt++) {
		int64_t ms = random_backoff_ms(attempt, 250, 20000);

		assert_true(ms >= 1 && ms <= 20000);
		if (attempt == 1)
			assert_true(ms <= 250);
	}
	random_seed_for_tests(0);
}

struct scene {
	struct loop *loop;
	struct loop_timer *timer;
	struct str trace;
	pthread_t loop_thread;
};

static void say_deferred(void *arg)
{
	struct scene *scene = arg;

	str_add(&scene->trace, "deferred ");
}

static void say_never(void *arg)
{
	(void)arg;
	fail_msg("a cancelled call ran");
}

static void job_run(void *arg)
{
	struct scene *scene = arg;

	assert_false(pthread_equal(pthread_self(), scene->loop_thread));
}

static void job_done(void *arg)
{
	struct scene *scene = arg;

	assert_true(pthread_equal(pthread_self(), scene->loop_thread));
	str_add(&scene->trace, "job ");
	(void)raise(SIGUSR1);
}

static void on_usr1(void *arg)
{
	struct scene *scene = arg;

	str_add(&scene->trace, "signal ");
	loop_timer_set(scene->timer, 1);
}

static void on_timer(void *arg)
{
	struct scene *scene = arg;

	str_add(&scene->trace, "timer ");
	loop_stop(scene->loop);
}

static void on_pass(void *arg)
{
	(*(int *)arg)++;
}

static void loop_brings_everything_to_one_thread(void **state)
{
	struct err err;
	struct scene scene = { .loop = loop_new(&err), .loop_thread = pthread_self() };
	struct loop_worker *worker;
	int passes = 0, other;

	(void)state;
	assert_non_null(scene.loop);
	str_init(&scene.trace, 100);
	scene.timer = loop_timer_new(scene.loop, on_timer, &scene);
	loop_on_signal(scene.loop, SIGUSR1, on_usr1, &scene);
	loop_on_pass(scene.loop, on_pass, &passes);
	worker = loop_worker_new(scene.loop, "test");
	loop_defer(scene.loop, say_never, &other);
	loop_defer(scene.loop, say_deferred, &scene);
	loop_defer_cancel(scene.loop, &other);
	loop_worker_submit(worker, job_run, job_done, &scene);
	loop_run(scene.loop);
	assert_string_equal(scene.trace.text, "deferred job signal timer ");
	assert_true(passes >= 3);
	loop_worker_free(worker);
	loop_timer_free(scene.timer);
	loop_free(scene.loop);
	str_free(&scene.trace);
}

static void test_numbers_of_every_length(void **state)
{
	char text[STR_INT_SIZE], expected[STR_INT_SIZE];
	int64_t power = 1;

	(void)state;
	for (int digits = 1; digits <= 18; digits++, power *= 10) {
		for (int64_t value = power - 1; value <= power + 1; value++) {
			(void)snprintf(expected, sizeof(expected), "%lld", (long long)value);
			assert_int_equal(str_format_int(text, value), strlen(expected));
			assert_string_equal(text, expected);
		}
	}
	(void)str_format_int(text, INT64_MIN);
	assert_string_equal(text, "-9223372036854775808");
	assert_int_equal(str_format_wide(text, 42, 5), 5);
	assert_string_equal(text, "00042");
	assert_int_equal(str_format_wide(text, 123456, 5), 6);
	assert_string_equal(text, "123456");
}

struct edges {
	struct loop *loop;
	int peer;
	unsigned calls;
	unsigned told[3];
};

/* Reads nothing; each time the peer does something more. */
static void note_edge(void *arg, int fd, unsigned ready)
{
	struct edges *edges = arg;

	(void)fd;
	edges->told[edges->calls++] = ready;
	if (edges->calls == 1)
		assert_int_equal(send(edges->peer, "a", 1, 0), 1);
	else if (edges->calls == 2)
		assert_int_equal(close(edges->peer), 0);
	else
		loop_stop(edges->loop);
}

/* Each change once, although nothing was read, and the end although bytes are before it. */
static void loop_tells_each_change_once(void **state)
{
	struct edges edges = { 0 };
	struct err err;
	int fds[2];

	(void)state;
	edges.loop = loop_new(&err);
	assert_non_null(edges.loop);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	edges.peer = fds[1];
	assert_true(loop_watch(edges.loop, fds[0], LOOP_READ | LOOP_WRITE | LOOP_EDGE, note_edge, &edges));
	loop_run(edges.loop);
	assert_int_equal(edges.calls, 3);
	assert_int_equal(edges.told[0], LOOP_WRITE);
	assert_int_equal(edges.told[1], LOOP_READ | LOOP_WRITE);
	assert_int_equal(edges.told[2] & (LOOP_READ | LOOP_ENDED), LOOP_READ | LOOP_ENDED);
	assert_true(loop_watch(edges.loop, fds[0], 0, NULL, NULL));
	(void)close(fds[0]);
	loop_free(edges.loop);
}

struct reuse {
	struct loop *loop;
	int fds[2];      /* both have something to tell */
	int again;       /* the number of the other one, opened again */
	unsigned wrong;  /* told of what happened before it was watched */
};

static void note_wrong(void *arg, int fd, unsigned ready)
{
	struct reuse *reuse = arg;

	(void)fd;
	(void)ready;
	reuse->wrong++;
}

static void stop_reuse(void *arg)
{
	struct reuse *reuse = arg;

	loop_stop(reuse->loop);
}

/* The first one that is told closes the other one, whose number comes again at once. */
static void take_its_number(void *arg, int fd, unsigned ready)
{
	struct reuse *reuse = arg;
	int other = reuse->fds[fd == reuse->fds[0]];

	(void)ready;
	assert_true(loop_watch(reuse->loop, fd, 0, NULL, NULL));
	assert_true(loop_watch(reuse->loop, other, 0, NULL, NULL));
	(void)close(other);
	reuse->again = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(reuse->again, other);
	assert_true(loop_watch(reuse->loop, other, LOOP_READ, note_wrong, reuse));
	loop_defer(reuse->loop, stop_reuse, reuse);
}

static void a_descriptor_hears_nothing_of_its_predecessor(void **state)
{
	struct reuse reuse = { 0 };
	struct err err;

	(void)state;
	reuse.loop = loop_new(&err);
	assert_non_null(reuse.loop);
	for (int i = 0; i < 2; i++) {
		reuse.fds[i] = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
		assert_true(loop_watch(reuse.loop, reuse.fds[i], LOOP_READ, take_its_number, &reuse));
	}
	loop_run(reuse.loop);
	assert_int_equal(reuse.wrong, 0);
	for (int i = 0; i < 2; i++)
		(void)close(reuse.fds[i]);
	loop_free(reuse.loop);
}

struct toil {
	struct loop *loop;
	unsigned rounds, when_told;
};

static void toil_again(void *arg)
{
	struct toil *toil = arg;
	int64_t until_us = clock_thread_us() + 2000;

	while (clock_thread_us() < until_us)
		continue;
	if (++toil->rounds < 50)
		loop_defer(toil->loop, toil_again, toil);
}

static void note_turn(void *arg, int fd, unsigned ready)
{
	struct toil *toil = arg;

	(void)ready;
	toil->when_told = toil->rounds;
	(void)loop_watch(toil->loop, fd, 0, NULL, NULL);
	loop_stop(toil->loop);
}

/* Calls that defer again, and take their time, keep no socket waiting. */
static void deferred_work_lets_sockets_have_their_turn(void **state)
{
	struct toil toil = { 0 };
	struct err err;
	int fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);

	(void)state;
	toil.loop = loop_new(&err);
	assert_non_null(toil.loop);
	assert_true(loop_watch(toil.loop, fd, LOOP_READ, note_turn, &toil));
	loop_defer(toil.loop, toil_again, &toil);
	loop_run(toil.loop);
	assert_in_range(toil.when_told, 1, 25);
	(void)close(fd);
	loop_free(toil.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_of_every_length),
		cmocka_unit_test(str_stops_at_its_ceiling),
		cmocka_unit_test(str_quotes_for_json),
		cmocka_unit_test(glob_matches),
		cmocka_unit_test(utf8_is_checked_and_cut_whole),
		cmocka_unit_test(a_cut_leaves_no_half_character),
		cmocka_unit_test(json_paths_never_fail_loudly),
		cmocka_unit_test(json_reads_to_the_letter),
		cmocka_unit_test(json_refuses_what_is_not_json),
		cmocka_unit_test(fields_survive_a_round_trip),
		cmocka_unit_test(clock_counts_days_as_the_c_library),
		cmocka_unit_test(a_hash_depends_on_all_that_it_is_given),
		cmocka_unit_test(clock_reads_what_aws_writes),
		cmocka_unit_test(log_lines_cannot_be_forged_and_hide_secrets),
		cmocka_unit_test(metrics_print_grouped),
		cmocka_unit_test(backoff_stays_within_bounds),
		cmocka_unit_test(loop_brings_everything_to_one_thread),
		cmocka_unit_test(loop_tells_each_change_once),
		cmocka_unit_test(a_descriptor_hears_nothing_of_its_predecessor),
		cmocka_unit_test(deferred_work_lets_sockets_have_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
