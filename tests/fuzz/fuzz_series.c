/* Any bytes as a CSV file: rows or a reason that names it; a grid, and scores that no later row changes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/detect.h"
#include "bot/mem.h"
#include "bot/series_csv.h"
#include "bot/str.h"

static void need(int good)
{
	if (!good)
		abort();
}

static void check_rows(const struct series_csv *csv)
{
	for (size_t i = 0; i < csv->count; i++) {
		need(csv->points[i].at_ms >= -253402300800000 && csv->points[i].at_ms < 253402387200000);
		need(isnan(csv->points[i].value) || isfinite(csv->points[i].value));
		need(strpbrk(csv->times[i], ",\"\r\n") == NULL && strpbrk(csv->values[i], ",\"\r\n") == NULL);
	}
}

static void check_grid(const struct series_csv *csv)
{
	struct series series;
	struct err err;

	if (!series_make(&series, csv->points, csv->count, 0, &err))
		return;
	need(series.count > 0 && series.count <= SERIES_COUNT_MAX && series.step_ms > 0);
	need(series_index(&series, series_time(&series, series.count - 1)) == series.count - 1);
	series_free(&series);
}

static void check_scores(const struct series_csv *csv)
{
	size_t some = csv->count / 2 + 1;
	double *whole = mem_alloc(csv->count * sizeof(*whole)), *part = mem_alloc(csv->count * sizeof(*part));

	detect_scores(csv->points, csv->count, whole);
	detect_scores(csv->points, some, part);
	need(memcmp(whole, part, some * sizeof(*part)) == 0);
	for (size_t i = 0; i < csv->count; i++)
		need(whole[i] >= 0.0 && whole[i] <= 1.0);
	free(whole);
	free(part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct series_csv csv;
	struct err err = { .text = "" };

	if (!series_csv_parse(&csv, mem_copy_bytes(data, size), size, &err)) {
		need(err.kind == ERR_USAGE && err.text[0] != '\0' && str_utf8_valid(err.text, strlen(err.text)));
		return 0;
	}
	need(csv.count > 0);
	check_rows(&csv);
	check_grid(&csv);
	check_scores(&csv);
	series_csv_free(&csv);
	return 0;
}
