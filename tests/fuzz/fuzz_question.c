/* Any question, at any time of a few zones: the range lies in the past, is not empty and at most 30 days long,
 * and reading it again gives the same; how well it suits a title is a number. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/question.h"
#include "bot/str.h"
#include "bot/zone.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_MS (INT64_C(20000) * DAY_MS) /* October 2024 */

static double score_of(const char *text, const char *title)
{
	struct question_bag *asked = question_bag(text);
	double score = question_suits(asked, title);

	free(asked);
	return score;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

static const struct zone *zone_of(uint8_t byte)
{
	static const char *const names[] = { "UTC",
		                             "Asia/Tokyo",
		                             "Europe/Berlin",
		                             "America/New_York",
		                             "Australia/Lord_Howe",
		                             "America/Santiago" };
	static struct zone *zones[6];
	size_t i = byte % 6;
	struct err err;

	if (zones[i] == NULL)
		zones[i] = zone_load(names[i], &err);
	must(zones[i] != NULL);
	return zones[i];
}

static void check_text(const char *text, const struct zone *zone, int64_t now_ms)
{
	struct question once, again;

	question_read(&once, text, zone, now_ms);
	question_read(&again, text, zone, now_ms);
	must(once.from_ms < once.until_ms && once.until_ms <= now_ms);
	must(once.until_ms - once.from_ms <= 30 * DAY_MS);
	must(once.says_when || once.from_ms == now_ms - DAY_MS);
	must(once.range_words[0] != '\0' && str_utf8_valid(once.range_words, strlen(once.range_words)));
	must(once.from_ms == again.from_ms && once.until_ms == again.until_ms);
	question_free(&once);
	question_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	double score;

	if (size < 4)
		return 0;
	text = mem_copy_bytes(data + 4, size - 4);
	check_text(text, zone_of(data[0]),
	           FIRST_MS + data[1] * DAY_MS * 3 + (data[2] * 256 + data[3]) * INT64_C(1318) + 1);
	score = score_of(text, "Checkout latency p99 i-0123456789abcdef0");
	must(score >= 0 && !isnan(score) && !isinf(score));
	score = score_of("why is checkout slow", text);
	must(score >= 0 && !isnan(score) && !isinf(score));
	free(text);
	return 0;
}
