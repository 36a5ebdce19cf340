/* fact_case.h - a text as the check of answers gives it out. */
#ifndef TESTS_UNIT_SUPPORT_FACT_CASE_H
#define TESTS_UNIT_SUPPORT_FACT_CASE_H

struct evidence;

/* What is checked against the evidence becomes `expected`, marks and all. */
void fact_case_becomes(const struct evidence *evidence, const char *text, const char *expected);

#endif
