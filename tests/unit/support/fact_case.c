#include "tests/unit/support/fact_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/series.h"
#include "bot/str.h"

#define BEGIN_MS 1795737600000
#define STEP_MS 300000
#define POINTS 144

static struct evidence *present;

struct evidence *fact_case_begin(void)
{
	present = evidence_new(NULL);
	return present;
}

int fact_case_end(void **state)
{
	(void)state;
	evidence_free(present);
	return 0;
}

void becomes(const char *text, const char *expected)
{
	struct fact_check *check = fact_check_new(present, NULL);
	struct str out;

	str_init(&out, 1 << 20);
	fact_check_feed(check, text, strlen(text), &out);
	fact_check_flush(check, &out);
	fact_check_free(check);
	assert_string_equal(out.text, expected);
	str_free(&out);
}

void stays(const char *text)
{
	becomes(text, text);
}

void fact_case_series(struct evidence *evidence, const char *name, const char *unit, double level, double during, double by,
                      size_t from, size_t to)
{
	struct series series;

	series_make_empty(&series, BEGIN_MS, STEP_MS, POINTS);
	for (size_t i = 0; i < POINTS; i++)
		series.values[i] = (i >= from && i < to ? during : level) + by * (double)(i * 3 % 5);
	evidence_series(evidence, name, &series, BEGIN_MS, BEGIN_MS + POINTS * STEP_MS, unit);
	series_free(&series);
}
