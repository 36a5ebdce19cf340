#include "tests/unit/support/findings_case.h"

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/zone.h"

static double uniform(struct findings_case *c)
{
	c->seed = c->seed * 6364136223846793005u + 1442695040888963407u;
	return ((double)(c->seed >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct findings_case *c)
{
	double r = sqrt(-2 * log(uniform(c)));

	return r * cos(6.283185307179586 * uniform(c));
}

void case_init(struct findings_case *c, const struct zone *zone)
{
	*c = (struct findings_case){ .range.zone = zone, .seed = 7 };
}

struct findings_subject *case_add(struct findings_case *c, const char *title, const char *unit, int64_t to_ms, int days,
                                  int64_t step_ms, case_value_fn *value)
{
	struct series *series = &c->series[c->count];
	struct findings_subject *subject = &c->subjects[c->count++];

	series_make_empty(series, to_ms - days * CASE_DAY, step_ms, (size_t)(days * CASE_DAY / step_ms));
	for (size_t i = 0; i < series->count; i++)
		series->values[i] = value(series_time(series, i), normal(c));
	*subject = (struct findings_subject){ .title = title, .unit = unit, .normal_below = NAN, .normal_above = NAN,
	                                      .series = series };
	c->range.from_ms = to_ms - CASE_DAY;
	c->range.to_ms = to_ms;
	return subject;
}

void case_find(struct findings_case *c)
{
	findings_free(&c->findings);
	findings_find(&c->findings, c->subjects, c->count, &c->range);
}

void case_free(struct findings_case *c)
{
	findings_free(&c->findings);
	for (size_t i = 0; i < c->count; i++)
		series_free(&c->series[i]);
}

size_t case_count(const struct findings_case *c, size_t subject, enum finding_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < c->findings.count; i++)
		count += c->findings.items[i].subject == subject && c->findings.items[i].kind == kind ? 1 : 0;
	return count;
}

size_t case_abnormal(const struct findings_case *c, size_t subject)
{
	size_t count = 0;

	for (size_t i = 0; i < c->findings.count; i++) {
		if (c->findings.items[i].subject != subject || !finding_is_abnormal(c->findings.items[i].kind))
			continue;
		print_message("abnormal: %s\n", c->findings.items[i].text);
		count++;
	}
	return count;
}

const struct finding *case_finding(const struct findings_case *c, size_t subject, enum finding_kind kind)
{
	for (size_t i = 0; i < c->findings.count; i++)
		if (c->findings.items[i].subject == subject && c->findings.items[i].kind == kind)
			return &c->findings.items[i];
	for (size_t i = 0; i < c->findings.count; i++)
		print_error("there is %s: %s\n", finding_kind_name(c->findings.items[i].kind), c->findings.items[i].text);
	fail_msg("no %s of %s", finding_kind_name(kind), c->subjects[subject].title);
	return NULL;
}

/* Everything that may be said, as one text of words between spaces. */
static void allow_words(struct str *allowed, const char *words)
{
	str_add_char(allowed, ' ');
	for (; *words != '\0'; words++)
		str_add_char(allowed, isspace((unsigned char)*words) ? ' ' : *words);
	str_add_char(allowed, ' ');
}

static void allow_value(struct str *allowed, double value, const char *unit)
{
	char *words = finding_quantity(value, unit), *negative = finding_quantity(-value, unit);

	allow_words(allowed, words);
	allow_words(allowed, negative);
	free(words);
	free(negative);
}

static void allow_time(struct str *allowed, const struct findings_case *c, int64_t at_ms)
{
	struct zone_time local;
	struct err err;
	struct zone *utc = zone_load("UTC", &err);
	char words[64];

	zone_local(c->range.zone == NULL ? utc : c->range.zone, at_ms, &local);
	zone_free(utc);
	(void)snprintf(words, sizeof(words), "%d %02d:%02d", local.day, local.hour, local.minute);
	allow_words(allowed, words);
}

static double median_of(const struct series *series, int64_t from_ms, int64_t to_ms)
{
	size_t from = series_index(series, from_ms), to = series_index(series, to_ms), count = 0;
	double best = NAN;

	/* The value with as many below as above: slow, and not the program's own way. */
	for (size_t i = from; i < to; i++)
		count += !isnan(series->values[i]) ? 1 : 0;
	for (size_t i = from; i < to; i++) {
		size_t below = 0, equal = 0;

		for (size_t j = from; j < to; j++) {
			below += series->values[j] < series->values[i] ? 1 : 0;
			equal += series->values[j] <= series->values[i] ? 1 : 0;
		}
		if (2 * below <= count && 2 * equal >= count)
			best = series->values[i];
	}
	return best;
}

static void allow_series(struct str *allowed, const struct findings_case *c, const struct finding *f, size_t subject)
{
	const struct findings_subject *s = &c->subjects[subject];
	struct series low, high;

	for (size_t i = series_index(s->series, f->from_ms); i < series_index(s->series, f->to_ms); i++)
		allow_value(allowed, s->series->values[i], s->unit);
	allow_value(allowed, median_of(s->series, f->from_ms, f->to_ms), s->unit);
	findings_expected(s->series, &c->range, &low, &high);
	for (size_t i = 0; i < low.count; i++) {
		if (series_time(&low, i) != f->at_ms)
			continue;
		allow_value(allowed, low.values[i], s->unit);
		allow_value(allowed, high.values[i], s->unit);
	}
	series_free(&low);
	series_free(&high);
	for (size_t i = 0; s->band_low != NULL && i < s->band_low->count; i++) {
		if (series_time(s->band_low, i) != f->at_ms)
			continue;
		allow_value(allowed, s->band_low->values[i], s->unit);
		allow_value(allowed, s->band_high->values[i], s->unit);
	}
}

static void allow_all(struct str *allowed, const struct findings_case *c, const struct finding *f)
{
	const struct findings_subject *s = &c->subjects[f->subject];
	double days = (double)(f->to_ms - f->from_ms) / (double)CASE_DAY;
	char words[CLOCK_TEXT_SIZE];

	allow_value(allowed, f->value, s->unit);
	allow_value(allowed, f->expected, s->unit);
	allow_value(allowed, f->limit, s->unit);
	if (f->kind == FINDING_SLOW_CHANGE) {
		double now = f->expected + f->value * days;

		allow_value(allowed, now, s->unit);
		clock_format_duration((int64_t)((f->limit - now) / f->value * (double)CASE_DAY), words);
		allow_words(allowed, isnan(f->limit) ? "" : words);
	}
	(void)snprintf(words, sizeof(words), "%.2f", f->value); /* a correlation */
	allow_words(allowed, words);
	allow_time(allowed, c, f->from_ms);
	allow_time(allowed, c, f->to_ms);
	allow_time(allowed, c, f->at_ms);
	clock_format_duration(f->to_ms - f->from_ms, words);
	allow_words(allowed, words);
	clock_format_duration(f->lag_ms, words);
	allow_words(allowed, words);
	allow_series(allowed, c, f, f->subject);
	if (f->other != FINDING_NONE)
		allow_series(allowed, c, f, f->other);
}

static bool is_count(const char *token, const struct findings_case *c)
{
	char *end;
	unsigned long count = strtoul(token, &end, 10);

	return *end == '\0' && count <= c->series[0].count; /* buckets, values in a row, days */
}

static void check_token(const char *token, const struct str *allowed, const struct findings_case *c, const char *text)
{
	char *word = NULL;
	struct str search;

	str_init(&search, 100);
	str_addf(&search, " %s ", token);
	word = strstr(allowed->text, search.text);
	str_free(&search);
	if (word == NULL && !is_count(token, c)) {
		print_error("%s stands in no data: %s\n", token, text);
		fail();
	}
}

static bool of_number(const char *text, size_t i)
{
	return isdigit((unsigned char)text[i]) || (strchr(".,:", text[i]) != NULL && isdigit((unsigned char)text[i + 1])) ||
	       (text[i] == '-' && isdigit((unsigned char)text[i + 1])) || (text[i] == 'e' && strchr("+-", text[i + 1]) != NULL) ||
	       (strchr("+-", text[i]) != NULL && i > 0 && text[i - 1] == 'e');
}

static void check_numbers(const char *text, const struct str *allowed, const struct findings_case *c)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		char token[40];
		size_t length = 0;

		if (!isdigit((unsigned char)text[i]) && !(text[i] == '-' && isdigit((unsigned char)text[i + 1])))
			continue;
		while (text[i + length] != '\0' && of_number(text, i + length) && length < sizeof(token) - 1) {
			token[length] = text[i + length];
			length++;
		}
		token[length] = '\0';
		check_token(token, allowed, c, text);
		i += length - 1;
	}
}

void case_check_texts(struct findings_case *c)
{
	static const char *const never[] = { "cause", "because", "due to", "leads to", "led to", "result of", "reason" };

	for (size_t i = 0; i < c->findings.count; i++) {
		const struct finding *f = &c->findings.items[i];
		struct str allowed;

		assert_true(str_utf8_valid(f->text, strlen(f->text)));
		for (size_t n = 0; n < sizeof(never) / sizeof(never[0]); n++)
			assert_null(strstr(f->text, never[n]));
		str_init(&allowed, 1u << 20);
		allow_all(&allowed, c, f);
		check_numbers(f->text, &allowed, c);
		str_free(&allowed);
	}
}
