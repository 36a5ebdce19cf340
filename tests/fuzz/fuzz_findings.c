/* Any series, limits and range: findings are within the range, their strengths within 0 and 1, their texts UTF-8. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/findings.h"
#include "bot/mem.h"
#include "bot/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COUNT_MAX 1500
#define SUBJECTS 2

static void must(bool so)
{
	if (!so)
		abort();
}

struct input {
	const uint8_t *data;
	size_t size;
};

static uint8_t byte(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

/* Small numbers, now and then a gap or any double. */
static double number(struct input *in)
{
	uint8_t kind = byte(in);
	double value;

	if (kind < 250)
		return (double)kind - 100;
	if (kind < 253)
		return NAN;
	if (in->size < sizeof(value))
		return INFINITY;
	memcpy(&value, in->data, sizeof(value));
	in->data += sizeof(value);
	in->size -= sizeof(value);
	return value;
}

/* A few bytes make a long series: they repeat, so that days are alike. */
static void fill(struct series *series, struct input *in)
{
	static const int64_t steps[] = { 1000, 60000, 300000, 420000, 3600000, 86400000, 604800000 };
	double pattern[64];
	size_t length = 1 + byte(in) % 64, odd = byte(in) % 16;
	int64_t start = ((int64_t)byte(in) - 60) * 86400000 + byte(in) * 1000;

	series_make_empty(series, start, steps[byte(in) % 7], (size_t)byte(in) * 6 % COUNT_MAX);
	for (size_t i = 0; i < length; i++)
		pattern[i] = number(in);
	for (size_t i = 0; i < series->count; i++)
		series->values[i] = pattern[i % length];
	for (size_t i = 0; i < odd && series->count > 0; i++)
		series->values[((size_t)byte(in) * 256 + byte(in)) % series->count] = number(in);
}

static void check(const struct findings *findings, const struct findings_subject *subjects, int64_t to_ms)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->items[i];
		const struct series *series = subjects[f->subject].series;

		must(f->strength >= 0 && f->strength <= 1);
		must(!finding_is_abnormal(f->kind) || f->strength >= 0.5);
		must(f->from_ms < f->to_ms && f->from_ms >= series->start_ms && f->to_ms <= to_ms + series->step_ms);
		must(f->at_ms >= f->from_ms && f->at_ms < f->to_ms);
		must(f->subject < SUBJECTS && (f->other < SUBJECTS || f->other == FINDING_NONE));
		must(str_utf8_valid(f->text, strlen(f->text)) && strlen(f->text) > 0 && strchr(f->text, '\n') == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct series series[SUBJECTS], low, high;
	struct findings_subject subjects[SUBJECTS];
	struct findings findings;
	char *title;

	for (size_t i = 0; i < SUBJECTS; i++) {
		uint8_t kind = byte(&in);

		fill(&series[i], &in);
		subjects[i] = (struct findings_subject){
			.title = "series", .unit = "Seconds", .load = (kind & 1) != 0, .latency = (kind & 2) != 0,
			.normal_below = (kind & 4) != 0 ? number(&in) : NAN,
			.normal_above = (kind & 8) != 0 ? number(&in) : NAN,
			.series = &series[i],
		};
	}
	struct findings_range range = {
		series_end(&series[0]) - (int64_t)(1 + byte(&in)) * 21600000,
		series_end(&series[0]) + (int64_t)(byte(&in) % 4) * series[0].step_ms, NULL,
	};
	title = mem_copy_bytes(in.data, in.size);
	subjects[0].title = title;
	subjects[1].unit = title;
	findings_find(&findings, subjects, SUBJECTS, &range);
	check(&findings, subjects, range.to_ms);
	findings_free(&findings);
	findings_expected(&series[0], &range, &low, &high);
	for (size_t i = 0; i < low.count; i++)
		must(isnan(low.values[i]) || low.values[i] <= high.values[i]);
	series_free(&low);
	series_free(&high);
	for (size_t i = 0; i < SUBJECTS; i++)
		series_free(&series[i]);
	free(title);
	return 0;
}
