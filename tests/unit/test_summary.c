/*
 * What a summary says: golden messages, and that however much there is, it fits and says what it leaves out.
 *
 * TOCSIN_MESSAGES=directory build/asan/tests/unit/test_summary also writes the messages there. Read them before they go
 * to tests/unit/golden/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/slack/blocks.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/config_value.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/zone.h"
#include "commands/dashboard_data.h"
#include "commands/summary_data.h"
#include "commands/summary_message.h"
#include "commands/summary_noise.h"
#include "commands/summary_picture.h"
#include "commands/summary_words.h"
#include "tests/unit/support/picture.h"

#define MINUTE_MS (60 * 1000LL)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define PERIOD_MS (5 * MINUTE_MS)

static const struct config config; /* accounts have no names in it */

static int64_t at(const char *iso)
{
	int64_t ms;

	assert_true(clock_parse_iso(iso, &ms));
	return ms;
}

/* --- made data -------------------------------------------------------------------------------- */

static struct summary_data *made(enum summary_kind kind)
{
	struct summary_data *data = mem_alloc(sizeof(*data));
	struct err err;

	data->kind = kind;
	data->name = mem_copy_string("daily");
	data->timezone = mem_copy_string("UTC");
	data->zone = zone_load("UTC", &err);
	assert_non_null(data->zone);
	data->until_ms = at("2026-11-23T09:00:00Z");
	data->since_ms = at("2026-11-20T09:00:00Z");
	data->spent_since = data->spent_month = (double)NAN;
	return data;
}

static struct summary_incident *add(struct summary_data *data, const char *alarm, int64_t ago_ms, int64_t lasted_ms)
{
	struct summary_incident *row;

	data->incidents = mem_resize(data->incidents, (data->incident_count + 1) * sizeof(*row));
	row = &data->incidents[data->incident_count++];
	*row = (struct summary_incident){
		.id = mem_copy_string("1"),
		.alarm = mem_copy_string(alarm),
		.account = mem_copy_string("123456789012"),
		.region = mem_copy_string("eu-west-1"),
		.state = mem_copy_string(lasted_ms > 0 ? "resolved" : "firing"),
		.reason = mem_copy_string("Threshold Crossed: 1 datapoint [0.93] was greater than the threshold (0.5)."),
		.opened_ms = data->until_ms - ago_ms,
		.fired_ms = data->until_ms - ago_ms,
		.changed_ms = data->until_ms - ago_ms + lasted_ms,
		.resolved_ms = lasted_ms > 0 ? data->until_ms - ago_ms + lasted_ms : 0,
		.changes = 1,
		.ended = { lasted_ms > 0, lasted_ms, lasted_ms },
		.is_new = data->until_ms - ago_ms >= data->since_ms,
	};
	data->open_count += lasted_ms == 0;
	return row;
}

static void add_silence(struct summary_data *data, const char *what, const char *reason)
{
	data->silences = mem_resize(data->silences, (data->silence_count + 1) * sizeof(*data->silences));
	data->silences[data->silence_count++] = (struct summary_silence){
		.what = mem_copy_string(what),
		.by = mem_copy_string("U0ALICE001"),
		.reason = mem_copy_string(reason),
		.until_ms = data->until_ms + 2 * HOUR_MS,
	};
}

static void add_noise(struct summary_data *data, size_t count, const char *text)
{
	data->noise = mem_alloc(sizeof(*data->noise));
	data->noise->rows = mem_alloc((count + 1) * sizeof(*data->noise->rows));
	for (; data->noise->count < count; data->noise->count++)
		data->noise->rows[data->noise->count] = (struct summary_noise_row){
			.alarm = mem_copy_string("queue-age"), .firings = 14, .text = mem_copy_string(text),
		};
}

static double steady(size_t i)
{
	return 20 + (double)(i * 7919 % 13) / 10;
}

static double burst(size_t i)
{
	return i >= 14 * 288 + 100 && i < 14 * 288 + 112 ? 90 : steady(i);
}

static void give(struct dashboard_data *data, size_t metric, double (*value)(size_t i))
{
	struct metric_read *read = &data->reads[data->read_of[metric]];
	struct metric_series *series = mem_alloc(sizeof(*series));

	series_make_empty(&series->series, read->from_ms, PERIOD_MS, (size_t)((read->to_ms - read->from_ms) / PERIOD_MS));
	for (size_t i = 0; i < series->series.count; i++)
		series->series.values[i] = value(i);
	read->result.series = series;
	read->result.count = 1;
}

/* Other values than it was judged with. */
static void give_again(struct dashboard_data *data, size_t metric, double (*value)(size_t i))
{
	struct series *series = &data->reads[data->read_of[metric]].result.series->series;

	for (size_t i = 0; i < series->count; i++)
		series->values[i] = value(i);
}

/* A dashboard of CPU and memory; value NULL: the CPU could not be read. */
static void add_look(struct summary_data *data, const char *name, double (*value)(size_t i))
{
	static char id[] = "cpu", other[] = "memory", source[] = "cloudwatch", space[] = "AWS/EC2", average[] = "Average";
	static char cpu[] = "CPU", memory[] = "Memory", utc[] = "UTC", percent[] = "Percent";
	char *own = mem_copy_string(name);
	struct metric metrics[] = {
		{ .id = id, .title = cpu, .source = source, .namespace_ = space, .metric = cpu, .stat = average, .unit = percent,
		  .period_ms = PERIOD_MS, .normal_below = NAN, .normal_above = NAN },
		{ .id = other, .title = memory, .source = source, .namespace_ = space, .metric = memory, .stat = average,
		  .period_ms = PERIOD_MS, .normal_below = NAN, .normal_above = NAN },
	};
	const struct config_dashboard dashboard = { .name = own, .timezone = utc, .range_ms = DAY_MS,
		                                    .baseline_ms = 14 * DAY_MS, .metrics = metrics, .metric_count = 2 };
	struct summary_look *look;
	struct err err;

	summary_data_add_look(data, name);
	look = &data->looks[data->look_count - 1];
	look->data = dashboard_data_new(&dashboard, data->until_ms, &err);
	free(own);
	assert_non_null(look->data);
	assert_true(dashboard_data_plan(look->data, data->until_ms + 5 * MINUTE_MS, &err));
	if (value != NULL)
		give(look->data, 0, value);
	else
		metric_result_fail(&look->data->reads[0].result, "access denied; allow cloudwatch:GetMetricData");
	give(look->data, 1, steady);
	assert_true(dashboard_data_judge(look->data, &err));
}

static void add_unreadable(struct summary_data *data, const char *name, const char *why)
{
	summary_data_add_look(data, name);
	data->looks[data->look_count - 1].why = mem_copy_string(why);
}

/* A Monday with something of everything. */
static struct summary_data *monday(void)
{
	struct summary_data *data = made(SUMMARY_DAILY);
	struct summary_incident *incident;

	incident = add(data, "checkout-p99", 4 * DAY_MS, 0);
	incident->link = mem_copy_string("https://example.slack.com/archives/C1/p1");
	incident->holder = mem_copy_string("U0BOB00001");
	incident->issue_key = mem_copy_string("OPS-12");
	incident->issue_url = mem_copy_string("https://jira.example.com/browse/OPS-12");
	incident = add(data, "web-1-memory", 3 * HOUR_MS + 20 * MINUTE_MS, 0);
	free(incident->state);
	incident->state = mem_copy_string("no_data");
	incident->changed_ms = data->until_ms - 20 * MINUTE_MS;
	incident->proposed = mem_copy_string("Run agent-restart on i-0123456789abcdef0?");
	incident = add(data, "queue-age", 50 * HOUR_MS, 40 * MINUTE_MS);
	incident->changes = 14;
	incident->opened_ms -= 2 * HOUR_MS;
	incident->ended = (struct summary_firings){ 7, 84 * MINUTE_MS, 40 * MINUTE_MS };
	add(data, "disk-web-2", 60 * HOUR_MS, 12 * MINUTE_MS)->issue_key = mem_copy_string("OPS-11");
	add_silence(data, "batch-*", "a known fault");
	add_noise(data, 1, "queue-age fired 14 times since Fri 09:00, 11 of them for under 5 min. 4 of 5 datapoints instead of "
	                   "1 of 1 would have fired 3 times: it would have hidden nothing longer than 3 min, and been 3 min "
	                   "later at worst.");
	add_look(data, "hosts", steady);
	add_look(data, "web", burst);
	add_look(data, "batch", NULL);
	add_unreadable(data, "old", "it is gone from the configuration");
	data->spent_since = 0.42;
	data->spent_month = 3.1;
	return data;
}

/* --- golden ones ------------------------------------------------------------------------------ */

static void write_out(const char *name, const char *text)
{
	const char *directory = getenv("TOCSIN_MESSAGES");
	struct mem mem = { 0 };
	FILE *file;

	if (directory == NULL)
		return;
	file = fopen(mem_printf(&mem, "%s/%s.txt", directory, name), "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	mem_free_all(&mem);
}

static void is_golden(const char *name, const struct message *message)
{
	struct mem mem = { 0 };
	char *plain = message_plain(message), *golden;
	const char *text = mem_printf(&mem, "%s\n\n%s\n", message->text, plain);
	const char *path = mem_printf(&mem, "tests/unit/golden/%s.txt", name);
	size_t length;
	struct err err;

	write_out(name, text);
	golden = config_read_file(path, 1 << 20, true, &length, &err);
	if (golden == NULL)
		fail_msg("%s %s", path, err.text);
	if (strcmp(golden, text) != 0)
		fail_msg("%s differs; it is now:\n%s", path, text);
	free(golden);
	free(plain);
	mem_free_all(&mem);
}

static void a_monday_is_told(void **state)
{
	const struct summary_extra extra = {
		.words = "Two alarms are **open**; nobody has `web-1-memory`.\n\n- CPU of web rose (web F1).",
		.note = "1,234 tokens · $0.0042",
		.image = "F0123456789",
		.alt = "web: CPU: 20 to 90 %",
	};
	struct summary_data *data = monday();
	struct message message;

	(void)state;
	assert_int_equal(summary_message(&message, &config, data, &extra), 0);
	is_golden("summary_monday", &message);
	message_free(&message);
	summary_message_incidents(&message, &config, data);
	is_golden("summary_incidents", &message);
	message_free(&message);
	summary_data_free(data);
}

static void a_quiet_day_is_told(void **state)
{
	const struct summary_extra extra = { .trouble = "There is no picture: the disk is full" };
	struct summary_data *data = made(SUMMARY_WEEKLY);
	struct message message;

	(void)state;
	add_look(data, "hosts", steady);
	add_look(data, "web", steady);
	assert_int_equal(summary_message(&message, &config, data, &extra), 0);
	assert_int_equal(message.tone, TONE_RESOLVED);
	is_golden("summary_quiet", &message);
	message_free(&message);
	summary_data_free(data);
}

/* --- bounds ----------------------------------------------------------------------------------- */

/* A hostile name: long, with line breaks and a mention. */
static const char *hostile(void)
{
	static char name[1500];

	(void)snprintf(name, sizeof(name), "a\n• forged <!channel> ");
	memset(name + strlen(name), 'x', sizeof(name) - 1 - strlen(name));
	return name;
}

static struct summary_data *flood(void)
{
	struct summary_data *data = made(SUMMARY_DAILY);

	for (size_t i = 0; i < 300; i++) {
		struct summary_incident *incident = add(data, hostile(), DAY_MS + (int64_t)i, i < 150 ? 0 : HOUR_MS);

		incident->holder = mem_copy_string("U0BOB00001");
		incident->proposed = mem_copy_string(hostile());
		incident->link = mem_copy_string("https://example.slack.com/archives/C0123456789/p1234567890123456");
	}
	for (size_t i = 0; i < 50; i++)
		add_silence(data, hostile(), hostile());
	add_noise(data, SUMMARY_NOISE_MAX, hostile());
	for (size_t i = 0; i < 3; i++)
		add_look(data, "web", burst);
	for (size_t i = 0; i < 40; i++)
		add_unreadable(data, "unreadable", hostile());
	return data;
}

/* Nothing is cut by the adapter: what is left out was counted before. */
static void fits(const struct message *message)
{
	struct slack_content content;
	char *printed;

	slack_content_make(&content, message);
	assert_true(json_count(content.blocks) <= SLACK_BLOCKS_MAX);
	printed = mem_copy_string(json_print(content.blocks));
	assert_null(strstr(printed, "more parts not shown"));
	free(printed);
	slack_content_free(&content);
}

static void a_flood_is_counted(void **state)
{
	struct summary_data *data = flood();
	struct summary_extra extra = { .note = "a note", .image = "F0123456789", .alt = "a chart" };
	char *words = mem_alloc(SUMMARY_WORDS_MAX + 1);

	(void)state;
	memset(words, '&', SUMMARY_WORDS_MAX);
	for (int with_words = 0; with_words < 2; with_words++) {
		struct message message;
		char *text;

		extra.words = with_words == 1 ? words : NULL;
		assert_in_range(summary_message(&message, &config, data, &extra), 250, 299);
		assert_string_equal(message.text, "Daily summary: 150 open, 150 resolved, 3 findings, 40 dashboards not read whole");
		text = message_plain(&message);
		assert_non_null(strstr(text, "more, in the thread"));
		assert_non_null(strstr(text, "more with findings or trouble"));
		assert_non_null(strstr(text, "web: 1 finding"));
		assert_null(strstr(text, "\n• forged"));
		free(text);
		fits(&message);
		message_free(&message);
	}
	struct message message;
	summary_message_incidents(&message, &config, data);
	fits(&message);
	message_free(&message);
	free(words);
	summary_data_free(data);
}

/* --- the picture ------------------------------------------------------------------------------ */

static void the_picture_begins_with_what_is_abnormal(void **state)
{
	struct summary_data *data = made(SUMMARY_DAILY);
	struct summary_picture picture = { .data = data };
	struct err err;

	(void)state;
	assert_true(summary_picture_draw(&picture, &err));
	assert_null(picture.png); /* there is nothing to draw */
	for (size_t i = 0; i < 7; i++)
		add_look(data, "hosts", steady);
	add_look(data, "web", burst);
	add_unreadable(data, "old", "it is gone");
	dashboard_data_drop_values(data->looks[0].data);
	assert_true(summary_picture_draw(&picture, &err));
	assert_true(picture.png_size > 1000 && memcmp(picture.png, "\x89PNG", 4) == 0);
	assert_true(str_starts(picture.alt, "web: CPU: 20 to 90 %"));
	summary_picture_free(&picture);
	summary_data_free(data);
}

/* A service's day: a rise and a fall. */
static double by_day(size_t i)
{
	return 40 - 30 * cos((double)(i % 288) / 288 * 2 * 3.14159265358979) + steady(i) - 20;
}

/* As many panels as there may be, of six dashboards, the abnormal one first. */
static void the_picture_is_the_golden_one(void **state)
{
	struct summary_picture picture = { 0 };
	struct summary_data *data;
	cairo_surface_t *surface;
	struct err err;
	int cells;

	(void)state;
	if (getenv("TOCSIN_UNDER_VALGRIND") != NULL)
		skip();
	data = made(SUMMARY_DAILY);
	picture.data = data;
	add_look(data, "hosts", steady);
	add_look(data, "shop", by_day);
	add_look(data, "batch", NULL);
	add_look(data, "web", burst);
	add_look(data, "search", by_day);
	add_look(data, "mail", steady);
	add_look(data, "login", by_day);
	assert_true(summary_picture_draw(&picture, &err));
	surface = picture_read(picture.png, picture.png_size, "summary");
	cells = picture_from_golden("summary", surface, true);
	if (cells > PICTURE_CELLS_TOLERATED)
		fail_msg("the summary's picture differs from its golden one in %d cells", cells);
	cairo_surface_destroy(surface);
	summary_picture_free(&picture);
	/* What it must notice: the abnormal one is gone. */
	give_again(data->looks[3].data, 0, steady);
	assert_true(summary_picture_draw(&picture, &err));
	surface = picture_read(picture.png, picture.png_size, NULL);
	assert_true(picture_from_golden("summary", surface, false) > PICTURE_CELLS_TOLERATED);
	cairo_surface_destroy(surface);
	summary_picture_free(&picture);
	summary_data_free(data);
}

static void what_is_no_summary_says_what_there_is(void **state)
{
	struct message message;
	char *text;

	(void)state;
	summary_message_unknown(&message, "of\neverything <!channel>");
	text = message_plain(&message);
	assert_non_null(strstr(text, "There is no summary \"of everything"));
	assert_non_null(strstr(text, "`summary` tells of the last day, `summary weekly` of the last seven."));
	fits(&message);
	free(text);
	message_free(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_monday_is_told),
		cmocka_unit_test(a_quiet_day_is_told),
		cmocka_unit_test(a_flood_is_counted),
		cmocka_unit_test(what_is_no_summary_says_what_there_is),
		cmocka_unit_test(the_picture_begins_with_what_is_abnormal),
		cmocka_unit_test(the_picture_is_the_golden_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
