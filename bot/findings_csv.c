#include "bot/findings_csv.h"

#include <errno.h>
#include <math.h>

#include "bot/clock.h"
#include "bot/config.h"
#include "bot/findings.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/zone.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct options {
	const char *csv, *title, *unit, *zone;
	int64_t judge_ms;
	double normal_below, normal_above;
};

static int wrong_usage(const char *what, const char *detail)
{
	(void)fprintf(stderr, "tocsin: %s%s\nusage:\n" FINDINGS_CSV_USAGE, what, detail);
	return 2;
}

static bool parse_number(const char *text, double *value)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	return *text != '\0' && *end == '\0' && errno == 0 && isfinite(*value);
}

/* 0, or the exit status after having said what is wrong. */
static int parse_option(struct options *options, const char *name, const char *value)
{
	if (strcmp(name, "--csv") == 0) {
		options->csv = value;
	} else if (strcmp(name, "--title") == 0) {
		options->title = value;
	} else if (strcmp(name, "--unit") == 0) {
		options->unit = value;
	} else if (strcmp(name, "--zone") == 0) {
		options->zone = value;
	} else if (strcmp(name, "--judge") == 0) {
		if (!config_parse_duration(value, &options->judge_ms) || options->judge_ms <= 0)
			return wrong_usage("--judge is a duration like 12h or 1d, not ", value);
	} else if (strcmp(name, "--normal-below") == 0) {
		if (!parse_number(value, &options->normal_below))
			return wrong_usage("--normal-below is a number, not ", value);
	} else if (strcmp(name, "--normal-above") == 0) {
		if (!parse_number(value, &options->normal_above))
			return wrong_usage("--normal-above is a number, not ", value);
	} else {
		return wrong_usage("unknown option ", name);
	}
	return 0;
}

static int parse(int argc, char **argv, struct options *options)
{
	*options = (struct options){ .judge_ms = DAY_MS, .normal_below = NAN, .normal_above = NAN };
	for (int i = 2; i < argc; i += 2) {
		int status;

		if (strncmp(argv[i], "--", 2) != 0)
			return wrong_usage("what is meant by ", argv[i]);
		if (i + 1 == argc)
			return wrong_usage("nothing stands behind ", argv[i]);
		status = parse_option(options, argv[i], argv[i + 1]);
		if (status != 0)
			return status;
	}
	if (options->csv == NULL)
		return wrong_usage("which series? --csv FILE", "");
	if (options->normal_above >= options->normal_below)
		return wrong_usage("--normal-above must be less than --normal-below: normal is between them", "");
	return 0;
}

static int read_series(const struct options *options, struct series *series)
{
	struct series_point *points;
	size_t count;
	struct err err;
	bool made;

	if (!series_read_csv(options->csv, &points, &count, &err)) {
		(void)fprintf(stderr, "tocsin: %s: %s\n", options->csv, err.text);
		return 2;
	}
	made = series_make(series, points, count, 0, &err);
	free(points);
	if (made)
		return 0;
	(void)fprintf(stderr, "tocsin: %s: %s\n", options->csv, err.text);
	return 2;
}

static void put_time(struct json_object *json, const char *name, int64_t at_ms)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format_iso(at_ms, text);
	json_put_string(json, name, text);
}

/* Six digits that count: no reader needs more, and none of them is a rounding error. */
static void put_number(struct json_object *json, const char *name, double value)
{
	char digits[40];

	(void)snprintf(digits, sizeof(digits), "%.6g", value);
	json_put_number(json, name, isfinite(value) ? strtod(digits, NULL) : value);
}

static void print_finding(const struct finding *finding)
{
	struct json_object *json = json_new_object();

	json_put_string(json, "id", finding->id);
	json_put_string(json, "kind", finding_kind_name(finding->kind));
	json_put_bool(json, "abnormal", finding_is_abnormal(finding->kind));
	put_time(json, "from", finding->from_ms);
	put_time(json, "to", finding->to_ms);
	put_time(json, "at", finding->at_ms);
	put_number(json, "strength", finding->strength);
	put_number(json, "value", finding->value);
	put_number(json, "expected", finding->expected);
	put_number(json, "limit", finding->limit);
	json_put_string(json, "text", finding->text);
	(void)printf("%s\n", json_print(json));
	json_free(json);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void judge(const struct options *options, const struct series *series, const struct zone *zone)
{
	struct findings_subject subject = {
		.title = options->title != NULL ? options->title : base_name(options->csv),
		.unit = options->unit,
		.normal_below = options->normal_below,
		.normal_above = options->normal_above,
		.series = series,
	};
	struct findings_range range = { series_end(series) - options->judge_ms, series_end(series), zone };
	struct findings findings;

	if (range.from_ms < series->start_ms)
		range.from_ms = series->start_ms;
	findings_find(&findings, &subject, 1, &range);
	for (size_t i = 0; i < findings.count; i++)
		print_finding(&findings.items[i]);
	findings_free(&findings);
}

int findings_csv(int argc, char **argv)
{
	struct options options;
	struct series series;
	struct zone *zone = NULL;
	struct err err;
	int status = parse(argc, argv, &options);

	if (status != 0)
		return status;
	if (options.zone != NULL) {
		zone = zone_load(options.zone, &err);
		if (zone == NULL)
			return wrong_usage("--zone: ", err.text);
	}
	status = read_series(&options, &series);
	if (status == 0) {
		judge(&options, &series, zone);
		series_free(&series);
	}
	zone_free(zone);
	if (status != 0 || fflush(stdout) == 0)
		return status;
	(void)fprintf(stderr, "tocsin: the output could not be written\n");
	return 1;
}
