/*
 * Any bytes as an answer of Prometheus, good or bad: what is kept lies on the grid, is finite, and has labels that are plain
 * text in order; refusals are a sentence. The first byte chooses the status and whether the answer is read twice.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/prometheus/judge.h"
#include "adapters/prometheus/matrix.h"
#include "bot/http_client.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"

#define COUNT 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static void check_text(const char *text)
{
	must(*text != '\0' && str_utf8_valid(text, strlen(text)));
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= ' ' && *text != 0x7F);
}

static void check_series(const struct metric_result *result)
{
	must(result->count <= METRIC_SERIES_MAX && (result->left_out == 0 || result->count == METRIC_SERIES_MAX));
	for (size_t i = 0; i < result->count; i++) {
		const struct metric_series *series = &result->series[i];

		must((series->label == NULL) == (result->count == 1) && series->series.count == COUNT);
		if (series->label != NULL)
			check_text(series->label);
		for (size_t at = 0; at < COUNT; at++)
			must(!isinf(series->series.values[at]));
	}
}

static void read_matrix(const char *text, size_t length, bool twice)
{
	struct prometheus_matrix *matrix = prometheus_matrix_new(1000000, 1000, COUNT);
	struct metric_result result = { 0 };
	struct err err;

	for (int i = 0; i < (twice ? 2 : 1); i++)
		if (!prometheus_matrix_add(matrix, text, length, &err))
			check_text(err.text);
	prometheus_matrix_finish(matrix, "up", &result);
	must((result.outcome == METRIC_COMPLETE) == (result.why == NULL));
	must((result.count > 0) == (result.outcome == METRIC_COMPLETE || result.outcome == METRIC_PARTIAL));
	if (result.why != NULL)
		check_text(result.why);
	check_series(&result);
	metric_result_free(&result);
	prometheus_matrix_free(matrix);
}

static void judge(const char *text, size_t length, unsigned choice)
{
	static const int statuses[] = { 200, 302, 400, 401, 403, 404, 422, 429, 500, 503 };
	const struct http_answer answer = {
		.status = statuses[choice % (sizeof(statuses) / sizeof(statuses[0]))], .body = text, .body_length = length,
		.content_type = "application/json",
	};
	struct err err;

	(void)prometheus_judge_expired(&answer);
	if (prometheus_judge("prom", choice >= 128, &answer, NULL, &err))
		must(answer.status == 200);
	else
		check_text(err.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	text = mem_copy_bytes(data + 1, size - 1);
	read_matrix(text, size - 1, data[0] % 2 == 1);
	judge(text, size - 1, data[0]);
	free(text);
	return 0;
}
