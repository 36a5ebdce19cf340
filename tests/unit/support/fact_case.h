/* fact_case.h - a text as the check of answers gives it out. */
#ifndef TESTS_UNIT_SUPPORT_FACT_CASE_H
#define TESTS_UNIT_SUPPORT_FACT_CASE_H

#include <stddef.h>

struct evidence;

/* What is checked against the evidence becomes `expected`, marks and all. */
void fact_case_becomes(const struct evidence *evidence, const char *text, const char *expected);

/* Twelve hours from 2026-11-27 00:00 UTC (a Friday), 144 buckets of 5 minutes: `level`, and `during` from bucket `from` to `to`, plus 0 to 4
 * times `by` in turn. */
void fact_case_series(struct evidence *evidence, const char *name, const char *unit, double level, double during, double by,
                      size_t from, size_t to);

#endif
