/* bot/chart*.c: pictures against small golden ones (support/picture.h), and what must be seen in them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/chart_private.h"
#include "bot/mem.h"
#include "tests/unit/support/chart_cases.h"
#include "tests/unit/support/picture.h"

static struct chart_case example;

/* A picture takes a second there: what only looks at pictures is left out, their kinds are drawn once. */
static bool under_valgrind(void)
{
	return getenv("TOCSIN_UNDER_VALGRIND") != NULL;
}

static cairo_surface_t *draw(const struct chart *chart, const char *name)
{
	cairo_surface_t *surface;
	unsigned char *png;
	size_t size;
	struct err err;

	if (!chart_draw(chart, &png, &size, &err))
		fail_msg("%s", err.text);
	surface = picture_read(png, size, name);
	free(png);
	return surface;
}

static uint32_t ink_value(int ink)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
	cairo_t *cr = cairo_create(surface);
	uint32_t value;

	chart_ink(cr, ink, 1);
	cairo_paint(cr);
	cairo_surface_flush(surface);
	value = picture_pixel(surface, 0, 0);
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
	return value;
}

/* --- golden ones ------------------------------------------------------------------------------------------- */
/* How far the example as it now stands is from its golden picture. */
static int from_golden(const char *name, bool write)
{
	cairo_surface_t *surface = draw(&example.chart, write ? name : NULL);
	int cells = picture_from_golden(name, surface, write);

	cairo_surface_destroy(surface);
	return cells;
}

static const char *const golden_names[] = { "latency", "dashboard", "alarm", "eight" };

static void test_pictures_are_the_golden_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < (under_valgrind() ? 2 : sizeof(golden_names) / sizeof(golden_names[0])); i++) {
		int cells;

		chart_case_make(&example, golden_names[i]);
		cells = from_golden(golden_names[i], true);
		if (cells > PICTURE_CELLS_TOLERATED)
			fail_msg("%s differs from its golden picture in %d cells", golden_names[i], cells);
		chart_case_free(&example);
	}
}

/* What a golden picture must notice. */
static void without_band(void)
{
	example.panels[0].band_low = NULL;
}

static void without_normal_range(void)
{
	example.panels[0].normal_below = NAN;
}

static void without_marks(void)
{
	example.panels[0].mark_count = 0;
}

static void without_one_mark(void)
{
	example.panels[0].mark_count = 1;
}

static void with_a_mark_that_is_not_abnormal(void)
{
	example.marks[0].abnormal = false;
}

static void without_baseline(void)
{
	example.chart.judged_from_ms = 0;
}

static void without_label(void)
{
	example.lines[0].label = NULL;
}

static void with_gaps_filled(void)
{
	for (size_t i = 1; i < example.series[0].count; i++)
		if (isnan(example.series[0].values[i]))
			example.series[0].values[i] = 0.2;
}

static void without_spike(void)
{
	for (size_t i = 0; i < example.series[0].count; i++)
		if (example.series[0].values[i] > 0.8)
			example.series[0].values[i] = 0.2;
}

static void in_another_zone(void)
{
	example.chart.zone = NULL;
}

static void without_unit(void)
{
	example.panels[0].unit = NULL;
}

static void with_another_title(void)
{
	example.chart.title = "Queue length";
}

static void test_golden_pictures_notice_what_is_missing(void **state)
{
	static const struct {
		const char *what;
		void (*spoil)(void);
	} cases[] = {
		{ "band", without_band }, { "normal range", without_normal_range }, { "marks", without_marks },
		{ "one mark", without_one_mark }, { "another form", with_a_mark_that_is_not_abnormal },
		{ "baseline", without_baseline }, { "label", without_label }, { "gap", with_gaps_filled }, { "spike", without_spike },
		{ "zone", in_another_zone }, { "unit", without_unit }, { "title", with_another_title },
	};

	(void)state;
	if (under_valgrind())
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int cells;

		chart_case_make(&example, "latency");
		cases[i].spoil();
		cells = from_golden("latency", false);
		if (cells <= PICTURE_CELLS_TOLERATED)
			fail_msg("%s: only %d cells differ", cases[i].what, cells);
		chart_case_free(&example);
	}
	chart_case_make(&example, "eight"); /* one of eight series */
	for (size_t i = 0; i < example.series[5].count; i++)
		example.series[5].values[i] = NAN;
	assert_true(from_golden("eight", false) > PICTURE_CELLS_TOLERATED);
	chart_case_free(&example);
}

/* --- what must be seen -------------------------------------------------------------------------------------- */
/* Where a colour (nearly: lines have soft edges) is in part of a picture. */
struct found {
	int count, left, right, top, bottom;
};

static struct found find(cairo_surface_t *surface, int ink, int from_x, int to_x)
{
	uint32_t wanted = ink_value(ink);
	struct found found = { 0, CHART_WIDTH, -1, CHART_HEIGHT, -1 };

	for (int y = 0; y < CHART_HEIGHT; y++)
		for (int x = from_x; x < to_x; x++) {
			uint32_t value = picture_pixel(surface, x, y);
			int apart = 0;

			for (int c = 0; c < 24; c += 8)
				apart += abs((int)(value >> c & 0xFF) - (int)(wanted >> c & 0xFF));
			if (apart > 48)
				continue;
			found.count++;
			found.left = x < found.left ? x : found.left;
			found.right = x > found.right ? x : found.right;
			found.top = y < found.top ? y : found.top;
			found.bottom = y > found.bottom ? y : found.bottom;
		}
	return found;
}

static struct found find_plain(const double *values, size_t count, int from_x, int to_x)
{
	cairo_surface_t *surface;
	struct found found;

	chart_case_plain(&example, values, count);
	surface = draw(&example.chart, NULL);
	found = find(surface, INK_SERIES, from_x, to_x);
	cairo_surface_destroy(surface);
	chart_case_free(&example);
	return found;
}

/* One bucket of 40,000 is seen, at its place and in its height; so is a dip. */
static void test_spikes_never_vanish(void **state)
{
	enum { COUNT = 40000 };
	double *values = mem_alloc(COUNT * sizeof(*values));
	struct found all, above;

	(void)state;
	if (under_valgrind()) {
		free(values);
		skip();
	}
	for (size_t i = 0; i < COUNT; i++)
		values[i] = 50;
	for (size_t at = 3001; at + 4000 < COUNT; at += 12000) {
		int x;

		values[at] = 100;
		values[at + 4000] = 0;
		all = find_plain(values, COUNT, 0, CHART_WIDTH);
		x = all.left + (int)((double)(all.right - all.left) * (double)at / COUNT);
		above = find_plain(values, COUNT, x - 6, x + 6);
		assert_true(all.bottom - all.top > 300);
		assert_int_equal(above.top, all.top);
		assert_true(above.bottom - above.top > 150 && above.bottom < all.bottom - 100);
		x = all.left + (int)((double)(all.right - all.left) * (double)(at + 4000) / COUNT);
		above = find_plain(values, COUNT, x - 6, x + 6);
		assert_int_equal(above.bottom, all.bottom);
		values[at] = values[at + 4000] = 50;
	}
	free(values);
}

/* The line is broken where nothing is known, and one value alone is a dot. */
static void test_gaps_are_seen(void **state)
{
	double values[96];
	cairo_surface_t *surface;
	struct found all, dot;
	int middle, hatch = 0;

	(void)state;
	for (size_t i = 0; i < 96; i++)
		values[i] = i < 32 || i == 48 || i >= 64 ? 40 + (double)(i % 3) : NAN;
	chart_case_plain(&example, values, 96);
	surface = draw(&example.chart, "gap");
	all = find(surface, INK_SERIES, 0, CHART_WIDTH);
	middle = all.left + (all.right - all.left) * 48 / 95;
	assert_int_equal(find(surface, INK_SERIES, middle - 150, middle - 12).count, 0);
	assert_int_equal(find(surface, INK_SERIES, middle + 12, middle + 150).count, 0);
	dot = find(surface, INK_SERIES, middle - 12, middle + 12);
	assert_true(dot.count > 20 && dot.right - dot.left < 12 && dot.bottom - dot.top < 12);
	for (int x = middle - 150; x < middle - 13; x++)
		hatch += picture_pixel(surface, x, 300) != picture_pixel(surface, x + 1, 300);
	assert_true(hatch > 20);
	for (int x = middle - 330; x < middle - 200; x++)
		hatch -= picture_pixel(surface, x, 300) != picture_pixel(surface, x + 1, 300);
	assert_true(hatch > 10);
	cairo_surface_destroy(surface);
	chart_case_free(&example);
}

static void test_findings_and_limits_are_seen(void **state)
{
	cairo_surface_t *with, *other, *without;
	struct found tag;
	int changed = 0;

	(void)state;
	if (under_valgrind())
		skip();
	chart_case_make(&example, "latency");
	with = draw(&example.chart, NULL);
	example.marks[0].id = "F7";
	other = draw(&example.chart, NULL);
	example.marks[0].abnormal = false;
	without = draw(&example.chart, NULL);
	/* A diamond and a filled tag, over the last day. */
	tag = find(with, INK_ALARM, 1030, 1130);
	assert_true(tag.count > 900 && tag.right - tag.left > 40 && tag.right - tag.left < 60 && tag.top < 200);
	assert_true(find(without, INK_ALARM, 1030, 1130).count < 20);
	assert_true(find(with, INK_NORMAL, 100, 900).count > 1000);
	for (int y = tag.top; y < tag.bottom; y++) /* its id */
		for (int x = tag.left; x < tag.right; x++)
			changed += picture_pixel(with, x, y) != picture_pixel(other, x, y);
	assert_true(changed > 40);
	cairo_surface_destroy(other);
	cairo_surface_destroy(with);
	cairo_surface_destroy(without);
	chart_case_free(&example);
}

/* Twelve findings close together: no tag lies on another one, so each shows all of its ground but the id. */
static void test_a_crowd_of_findings_is_read(void **state)
{
	cairo_surface_t *surface;

	(void)state;
	if (under_valgrind())
		skip();
	chart_case_make(&example, "crowd");
	surface = draw(&example.chart, NULL);
	assert_true(find(surface, INK_ALARM, 880, CHART_WIDTH).count > 8 * 800);
	cairo_surface_destroy(surface);
	chart_case_free(&example);
}

/* Nothing is written beyond the frame, however long or strange a text is. */
static void test_any_text_stays_in_its_place(void **state)
{
	char every[256], longest[1001];
	cairo_surface_t *surface;
	uint32_t page = ink_value(INK_PAGE);

	(void)state;
	for (int i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';
	memset(longest, 'M', 1000);
	longest[1000] = '\0';
	chart_case_make(&example, "texts");
	for (int i = 0; i < (under_valgrind() ? 1 : 3); i++) {
		example.chart.title = i == 0 ? example.chart.title : i == 1 ? every : longest;
		example.panels[0].title = i == 0 ? example.panels[0].title : i == 1 ? longest : every;
		surface = draw(&example.chart, i == 0 ? "texts" : i == 1 ? "every_byte" : "longest");
		for (int y = 4; y < CHART_HEIGHT - 4; y++) {
			assert_int_equal(picture_pixel(surface, 6, y), page);
			assert_int_equal(picture_pixel(surface, CHART_WIDTH - 7, y), page);
		}
		cairo_surface_destroy(surface);
	}
	chart_case_free(&example);
}

static void test_every_example_is_drawn(void **state)
{
	(void)state;
	for (const struct chart_example *e = chart_examples; e->name != NULL; e++) {
		cairo_surface_t *surface;

		if (under_valgrind() && strcmp(e->name, "clock_change") != 0 && strcmp(e->name, "note") != 0)
			continue;
		chart_case_make(&example, e->name);
		surface = draw(&example.chart, e->name);
		assert_true(find(surface, INK_TEXT, 0, CHART_WIDTH).count > 300);
		cairo_surface_destroy(surface);
		chart_case_free(&example);
	}
}

static void fill(double *values, size_t count, double even, double odd)
{
	for (size_t i = 0; i < count; i++)
		values[i] = i % 2 == 0 ? even : odd;
}

/* Series that leave an axis nothing to go by: a line is drawn all the same. */
static void test_strange_values_are_drawn(void **state)
{
	static const double pairs[][2] = { { 5, 5 }, { 0, 0 }, { -3, -3 }, { 1e15, 1e15 + 1 }, { 1.7e308, -1.7e308 }, { 0, 5e-324 },
		{ -1e-12, 1e-12 }, { 7, NAN }, { INFINITY, 3 } };
	size_t count = under_valgrind() ? 1 : sizeof(pairs) / sizeof(pairs[0]);
	double values[48];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct found found;

		fill(values, 48, pairs[i][0], pairs[i][1]);
		found = find_plain(values, 48, 0, CHART_WIDTH);
		if (found.count < 200 || found.right - found.left < 1000)
			fail_msg("%g and %g: %d pixels", pairs[i][0], pairs[i][1], found.count);
	}
	fill(values, 48, NAN, NAN);
	assert_int_equal(find_plain(values, 48, 0, CHART_WIDTH).count, 0);
	values[20] = 7;
	assert_true(find_plain(values, 48, 0, CHART_WIDTH).count > 20);
	assert_true(find_plain(values + 20, 1, 0, CHART_WIDTH).count > 10);
	assert_int_equal(find_plain(values, 0, 0, CHART_WIDTH).count, 0);
}

static void test_any_range_of_time_is_drawn(void **state)
{
	static const int64_t ranges[][2] = { { 0, 0 }, { INT64_MIN, INT64_MAX }, { INT64_MAX, INT64_MIN }, { CHART_CASE_START_MS, 0 },
		{ 0, 253402300799000 }, { CHART_CASE_START_MS, CHART_CASE_START_MS + 1 } };
	size_t count = under_valgrind() ? 1 : sizeof(ranges) / sizeof(ranges[0]);

	(void)state;
	chart_case_make(&example, "latency");
	for (size_t i = 0; i < count; i++) {
		example.chart.from_ms = ranges[i][0];
		example.chart.to_ms = ranges[i][1];
		cairo_surface_destroy(draw(&example.chart, NULL));
		free(chart_describe(&example.chart));
	}
	chart_case_free(&example);
}

/* --- for whom it is drawn ------------------------------------------------------------------------------------ */
static double luminance(uint32_t value)
{
	static const double weights[] = { 0.0722, 0.7152, 0.2126 };
	double sum = 0;

	for (int c = 0; c < 3; c++) {
		double level = (double)(value >> (8 * c) & 0xFF) / 255;

		sum += weights[c] * (level <= 0.04045 ? level / 12.92 : pow((level + 0.055) / 1.055, 2.4));
	}
	return sum;
}

/* WCAG 2: 4.5 for text, 3 for lines. The light ground of a page never shows through: all of it is painted. */
static void test_contrast_is_strong(void **state)
{
	double ground = luminance(ink_value(INK_GROUND));

	(void)state;
	for (int ink = INK_TEXT; ink < INK_SERIES + CHART_SERIES_MAX; ink++) {
		double contrast = (luminance(ink_value(ink)) + 0.05) / (ground + 0.05);

		if (ink == INK_GRID || ink == INK_BAND)
			continue;
		assert_true(contrast >= 4.5);
	}
}

static int end(void **state)
{
	(void)state;
	cairo_debug_reset_static_data(); /* what it keeps for later would look like leaks */
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pictures_are_the_golden_ones),
		cmocka_unit_test(test_golden_pictures_notice_what_is_missing),
		cmocka_unit_test(test_spikes_never_vanish),
		cmocka_unit_test(test_gaps_are_seen),
		cmocka_unit_test(test_findings_and_limits_are_seen),
		cmocka_unit_test(test_a_crowd_of_findings_is_read),
		cmocka_unit_test(test_any_text_stays_in_its_place),
		cmocka_unit_test(test_every_example_is_drawn),
		cmocka_unit_test(test_strange_values_are_drawn),
		cmocka_unit_test(test_any_range_of_time_is_drawn),
		cmocka_unit_test(test_contrast_is_strong),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
