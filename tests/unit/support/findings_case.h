/*
 * findings_case.h - a few series put together by hand, their findings, and the check that every figure of a text
 * stands in the finding or in the data.
 */
#ifndef TESTS_UNIT_SUPPORT_FINDINGS_CASE_H
#define TESTS_UNIT_SUPPORT_FINDINGS_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "bot/findings.h"

#define CASE_MINUTE ((int64_t)60000)
#define CASE_HOUR (60 * CASE_MINUTE)
#define CASE_DAY (24 * CASE_HOUR)
#define CASE_MAX 8

struct findings_case {
	struct series series[CASE_MAX];
	struct findings_subject subjects[CASE_MAX];
	size_t count;
	struct findings_range range; /* the last day, until a test sets another */
	struct findings findings;
	uint64_t seed;
};

/* A value at that time; noise is of a normal distribution. */
typedef double case_value_fn(int64_t at_ms, double noise);

void case_init(struct findings_case *c, const struct zone *zone);
/* Adds a series of so many days that ends at to_ms. */
struct findings_subject *case_add(struct findings_case *c, const char *title, const char *unit, int64_t to_ms, int days,
                                  int64_t step_ms, case_value_fn *value);
void case_find(struct findings_case *c); /* again: forgets the earlier findings */
void case_free(struct findings_case *c);
size_t case_count(const struct findings_case *c, size_t subject, enum finding_kind kind);
size_t case_abnormal(const struct findings_case *c, size_t subject);
/* The first of this kind; fails the test when there is none. */
const struct finding *case_finding(const struct findings_case *c, size_t subject, enum finding_kind kind);
/* Fails the test when a number or a time in a text is none of: members of the finding, values of its data, the expected
 * bands (ours and CloudWatch's), times and lengths of the episode, whole numbers of buckets or days; or when a text speaks of causes. */
void case_check_texts(struct findings_case *c);

#endif
