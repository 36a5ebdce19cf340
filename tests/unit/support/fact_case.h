/* fact_case.h - the data of a test, and a text as the check of answers gives it out by that. */
#ifndef TESTS_UNIT_SUPPORT_FACT_CASE_H
#define TESTS_UNIT_SUPPORT_FACT_CASE_H

#include <stddef.h>

struct evidence;

/* The data of a test, empty; freed by fact_case_end, a tear-down of cmocka's. */
struct evidence *fact_case_begin(void);
int fact_case_end(void **state);

/* Checked against it the text becomes `expected`, marks and all; or stays as it is. */
void becomes(const char *text, const char *expected);
void stays(const char *text);

/* Twelve hours from 2026-11-27 00:00 UTC (a Friday), 144 buckets of 5 minutes: `level`, and `during` from bucket `from` to `to`, plus 0 to 4
 * times `by` in turn. */
void fact_case_series(struct evidence *evidence, const char *name, const char *unit, double level, double during, double by,
                      size_t from, size_t to);

#endif
