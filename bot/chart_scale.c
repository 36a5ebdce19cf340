#include "bot/chart_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/utf8.h"

#define VALUE_MAX 1e300 /* so that a range of both signs stays finite */
#define KIB 1024.0

/* How a unit grows: what is shown from which size on. The last one whose `from` is reached counts. */
struct grade {
	double from, divide;
	const char *suffix, *unit;
};

struct unit_kind {
	const char *names[8];
	double factor; /* of the kind's own unit */
	const struct grade *grades;
	size_t grade_count;
	const char *behind; /* the unit: "/s" */
};

static const struct grade seconds[] = {
	{ 0, 1e-9, "", "ns" }, { 1e-6, 1e-6, "", "µs" }, { 1e-3, 1e-3, "", "ms" }, { 1, 1, "", "s" },
	{ 180, 60, "", "min" }, { 3 * 3600, 3600, "", "h" }, { 3 * 86400, 86400, "", "d" },
};
static const struct grade bytes[] = {
	{ 0, 1, "", "B" }, { KIB, KIB, "", "KiB" }, { KIB * KIB, KIB * KIB, "", "MiB" },
	{ KIB * KIB * KIB, KIB * KIB * KIB, "", "GiB" }, { KIB * KIB * KIB * KIB, KIB * KIB * KIB * KIB, "", "TiB" },
	{ KIB * KIB * KIB * KIB * KIB, KIB * KIB * KIB * KIB * KIB, "", "PiB" },
};
static const struct grade bits[] = {
	{ 0, 1, "", "bit" }, { 1e3, 1e3, "", "kbit" }, { 1e6, 1e6, "", "Mbit" }, { 1e9, 1e9, "", "Gbit" },
	{ 1e12, 1e12, "", "Tbit" },
};
static const struct grade percent[] = { { 0, 1, "", "%" } };
static const struct grade plain[] = {
	{ 0, 1, "", "" }, { 1e4, 1e3, "k", "" }, { 1e6, 1e6, "M", "" }, { 1e9, 1e9, "G", "" }, { 1e12, 1e12, "T", "" },
};

#define GRADES(list) list, sizeof(list) / sizeof((list)[0])
/* As CloudWatch, Prometheus and people write them. */
static const struct unit_kind kinds[] = {
	{ { "s", "sec", "second", "seconds" }, 1, GRADES(seconds), "" },
	{ { "ms", "millisecond", "milliseconds" }, 1e-3, GRADES(seconds), "" },
	{ { "us", "µs", "microsecond", "microseconds" }, 1e-6, GRADES(seconds), "" },
	{ { "ns", "nanosecond", "nanoseconds" }, 1e-9, GRADES(seconds), "" },
	{ { "b", "byte", "bytes" }, 1, GRADES(bytes), "" },
	{ { "b/s", "byte/s", "bytes/s", "bytes/sec", "byte/second", "bytes/second" }, 1, GRADES(bytes), "/s" },
	{ { "bit", "bits" }, 1, GRADES(bits), "" },
	{ { "bit/s", "bits/s", "bps", "bits/sec", "bits/second" }, 1, GRADES(bits), "/s" },
	{ { "%", "percent" }, 1, GRADES(percent), "" },
	{ { "", "none", "count" }, 1, GRADES(plain), "" },
	{ { "count/s", "count/sec", "count/second" }, 1, GRADES(plain), "/s" },
};

static bool same_word(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if ((*a >= 'A' && *a <= 'Z' ? *a - 'A' + 'a' : *a) != *b)
			return false;
	return *a == *b;
}

static const struct unit_kind *find_kind(const char *unit)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t n = 0; n < 8 && kinds[i].names[n] != NULL; n++)
			if (same_word(unit, kinds[i].names[n]))
				return &kinds[i];
	return NULL;
}

#define UNIT_SHOWN_MAX 14 /* characters of a unit that we do not know */

static void foreign_unit(struct chart_scale *scale, const char *unit)
{
	char *clean = utf8_clean(unit, true), *cut = utf8_shorten(clean, UNIT_SHOWN_MAX);

	(void)snprintf(scale->unit, sizeof(scale->unit), "%s", cut);
	free(cut);
	free(clean);
}

/* What is shown of values up to `most`, and in what unit. */
static void choose_unit(struct chart_scale *scale, double most, const char *unit)
{
	const struct unit_kind *kind = find_kind(unit == NULL ? "" : unit);
	const struct grade *grades = kind != NULL ? kind->grades : plain, *grade = grades;
	size_t count = kind != NULL ? kind->grade_count : sizeof(plain) / sizeof(plain[0]);
	double factor = kind != NULL ? kind->factor : 1;

	for (size_t i = 1; i < count; i++)
		if (most * factor >= grades[i].from)
			grade = &grades[i];
	if (most == 0 && grades == seconds)
		grade = &seconds[3];
	scale->divide = grade->divide / factor;
	(void)snprintf(scale->suffix, sizeof(scale->suffix), "%s", grade->suffix);
	if (kind != NULL)
		(void)snprintf(scale->unit, sizeof(scale->unit), "%s%s", grade->unit, kind->behind);
	else
		foreign_unit(scale, unit);
	if (most > 0 && (most / scale->divide < 1e-3 || most / scale->divide >= 1e5)) { /* no prefix goes so far */
		int power = (int)floor(log10(most));

		scale->divide = pow(10, power);
		(void)snprintf(scale->suffix, sizeof(scale->suffix), "e%d", power);
		if (grades != plain)
			foreign_unit(scale, unit);
	}
}

/* The least of 1, 2, 5 times a power of ten that is not below `raw`. */
static double nice_step(double raw)
{
	double power = pow(10, floor(log10(raw)));

	if (raw <= power * 1.000001)
		return power;
	if (raw <= 2 * power)
		return 2 * power;
	return raw <= 5 * power ? 5 * power : 10 * power;
}

static double clamp(double value)
{
	return value > VALUE_MAX ? VALUE_MAX : value < -VALUE_MAX ? -VALUE_MAX : value;
}

#define SLACK_MAX 1.15 /* the axis ends at a tick where it is not longer than so much of what is needed */

static void set_ends(struct chart_scale *scale, double low, double high)
{
	double first = floor(low / scale->step + 1e-9) * scale->step;
	double last = ceil(high / scale->step - 1e-9) * scale->step;
	bool whole = last - first <= SLACK_MAX * (high - low);

	scale->low = low;
	scale->high = high;
	scale->first = ceil(low / scale->step - 1e-9) * scale->step;
	scale->count = (int)(floor(high / scale->step + 1e-9) - scale->first / scale->step + 1.5);
	if (!whole && scale->count >= 2)
		return;
	scale->low = scale->first = first;
	scale->high = last;
	scale->count = (int)round((last - first) / scale->step) + 1;
}

void chart_scale_make(struct chart_scale *scale, double low, double high, const char *unit, int ticks)
{
	double most, step;

	memset(scale, 0, sizeof(*scale));
	low = clamp(low);
	high = clamp(high);
	most = fmax(fabs(low), fabs(high));
	/* A range that a double, or a reader, cannot tell from a point becomes one. */
	if (high - low < most * 1e-6 || high - low < 1e-300) {
		double room = most > 1e-290 ? most * 0.1 : 1;

		low = low < 0 || low >= room ? low - room : 0;
		high += room;
		most = fmax(fabs(low), fabs(high));
	}
	choose_unit(scale, most, unit);
	step = nice_step((high - low) / scale->divide / ticks);
	scale->step = step * scale->divide;
	set_ends(scale, low, high);
	scale->decimals = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
	if (scale->decimals > 9)
		scale->decimals = 9;
}

void chart_scale_tick(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE])
{
	double shown = value / scale->divide;

	if (fabs(shown) < scale->step / scale->divide / 1000) /* no "-0", no "0k" */
		(void)snprintf(out, CHART_NUMBER_SIZE, "0");
	else
		(void)snprintf(out, CHART_NUMBER_SIZE, "%.*f%s", scale->decimals, shown, scale->suffix);
}

void chart_scale_number(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE])
{
	double shown = value / scale->divide;
	int whole = fabs(shown) < 1 ? 0 : (int)floor(log10(fabs(shown))) + 1;
	int decimals = whole >= 3 ? 0 : 3 - whole;
	char *end;

	if (fabs(shown) < 1e-3 || fabs(shown) >= 1e6) {
		(void)snprintf(out, CHART_NUMBER_SIZE, "%.3g", scale->suffix[0] != '\0' ? value : shown);
		return;
	}
	(void)snprintf(out, CHART_NUMBER_SIZE - sizeof(scale->suffix), "%.*f", decimals, shown);
	end = out + strlen(out);
	while (decimals > 0 && end[-1] == '0')
		end--;
	if (decimals > 0 && end[-1] == '.')
		end--;
	memcpy(end, scale->suffix, strlen(scale->suffix) + 1);
}

void chart_scale_value(const struct chart_scale *scale, double value, char out[CHART_NUMBER_SIZE])
{
	size_t length;

	chart_scale_number(scale, value, out);
	length = strlen(out);
	if (scale->unit[0] != '\0')
		(void)snprintf(out + length, CHART_NUMBER_SIZE - length, " %s", scale->unit);
}

struct extent {
	double low, high;
};

static void add(struct extent *extent, double value)
{
	if (!isfinite(value))
		return;
	extent->low = fmin(extent->low, value);
	extent->high = fmax(extent->high, value);
}

static void add_series(struct extent *extent, const struct series *series, const struct chart *chart)
{
	if (series == NULL)
		return;
	for (size_t i = series_index(series, chart->from_ms); i < series_index(series, chart->to_ms); i++)
		add(extent, series->values[i]);
}

/* A limit far away would press the data flat: then it stays outside, and the plot says where. */
static void add_limit(struct extent *extent, double limit)
{
	struct extent with = *extent;
	double had = extent->high - fmin(extent->low, 0);

	add(&with, limit);
	if (had > 0 && (with.high - fmin(with.low, 0)) > 4 * had)
		return;
	*extent = with;
}

bool chart_scale_of_panel(struct chart_scale *scale, const struct chart *chart, const struct chart_panel *panel,
                          int ticks)
{
	struct extent extent = { INFINITY, -INFINITY };
	double room;

	if (panel->note != NULL)
		return false;
	for (size_t i = 0; i < panel->line_count && i < CHART_SERIES_MAX; i++)
		add_series(&extent, panel->lines[i].series, chart);
	if (extent.low > extent.high)
		return false;
	add_series(&extent, panel->band_low, chart);
	add_series(&extent, panel->band_high, chart);
	add_limit(&extent, panel->normal_below);
	add_limit(&extent, panel->normal_above);
	add_limit(&extent, panel->threshold);
	if (extent.low >= 0 && extent.low <= extent.high * 0.6)
		extent.low = 0;
	room = (clamp(extent.high) - clamp(extent.low)) * (panel->mark_count > 0 ? 0.14 : 0.04);
	if (extent.low != 0)
		extent.low -= extent.low > 0 ? fmin(extent.low, room / 2) : room / 2;
	extent.high += room;
	chart_scale_make(scale, extent.low, extent.high, panel->unit, ticks);
	return true;
}
