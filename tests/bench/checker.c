/*
 * checker.c - the check of answers, driven by lines of text: worlds come in, findings go out, answers come back checked.
 *
 * A line is a word and its fields, separated by tabs; "\n", "\t" and "\\" within a field are escaped. All of it ours.
 *   zone NAME | series NAME UNIT START_MS STEP_MS FROM_MS UNTIL_MS LOAD LATENCY VALUES | findings FROM_MS TO_MS
 *   means NAME UNIT START_MS STEP_MS FROM_MS UNTIL_MS VALUES: more of a series, without findings
 *   text T | name N | time MS | number VALUE UNIT | reason R | answer T
 * "findings" answers one line a finding, then "."; "answer" answers the text and "checked marked softened".
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/findings.h"
#include "bot/mem.h"
#include "bot/series.h"
#include "bot/str.h"
#include "bot/zone.h"
#include "tests/bench/checker_lines.h"

#define SUBJECTS_MAX 64
#define FIELDS_MAX 10

static struct zone *zone;
static struct evidence *evidence;
static struct findings_subject subjects[SUBJECTS_MAX];
static struct series series[SUBJECTS_MAX];
static size_t subject_count;

static int64_t whole(const char *text)
{
	return strtoll(text, NULL, 10);
}

static void read_values(struct series *s, int64_t start_ms, int64_t step_ms, char *values)
{
	size_t count = 1, i = 0;

	for (const char *c = values; *c != '\0'; c++)
		count += *c == ',' ? 1 : 0;
	series_make_empty(s, start_ms, step_ms, count);
	for (char *at = values; at != NULL && *at != '\0'; i++) {
		char *end = strchr(at, ',');

		s->values[i] = *at == ',' ? NAN : strtod(at, NULL);
		at = end == NULL ? NULL : end + 1;
	}
}

static void add_means(char **f)
{
	struct series means;

	read_values(&means, whole(f[3]), whole(f[4]), f[7]);
	evidence_series(evidence, f[1], &means, whole(f[5]), whole(f[6]), f[2]);
	series_free(&means);
}

static void add_series(char **f)
{
	struct series *s = &series[subject_count];

	if (subject_count == SUBJECTS_MAX)
		abort();
	read_values(s, whole(f[3]), whole(f[4]), f[9]);
	subjects[subject_count++] = (struct findings_subject){
		.title = mem_copy_string(f[1]), .unit = mem_copy_string(f[2]), .load = f[7][0] == '1', .latency = f[8][0] == '1',
		.normal_below = NAN, .normal_above = NAN, .series = s
	};
	evidence_series(evidence, f[1], s, whole(f[5]), whole(f[6]), f[2]);
}

static void find(char **f)
{
	struct findings_range range = { whole(f[1]), whole(f[2]), zone };
	struct findings findings;

	findings_find(&findings, subjects, subject_count, &range);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.items[i];
		struct mem mem = { 0 };

		evidence_text(evidence, mem_printf(&mem, "%s: %s", finding->id, finding->text));
		if (finding->kind == FINDING_TOGETHER || finding->kind == FINDING_LOAD)
			evidence_reason(evidence, finding->text);
		(void)printf("%s\t%s\t%zu\t%zu\t%lld\t%lld\t%lld\t%.17g\t%.17g\t", finding->id, finding_kind_name(finding->kind),
		             finding->subject, finding->other, (long long)finding->from_ms, (long long)finding->to_ms,
		             (long long)finding->at_ms, finding->value, finding->expected);
		checker_print_escaped(finding->text);
		(void)putchar('\n');
		mem_free_all(&mem);
	}
	(void)puts(".");
	findings_free(&findings);
}

static void answer(const char *text)
{
	struct fact_check *check = fact_check_new(evidence, NULL);
	struct fact_check_counts counts;
	struct str out;

	str_init(&out, (size_t)1 << 24);
	fact_check_feed(check, text, strlen(text), &out);
	fact_check_flush(check, &out);
	fact_check_counts(check, &counts);
	checker_print_escaped(out.text);
	(void)printf("\t%lld\t%lld\t%lld\n", (long long)counts.checked, (long long)counts.marked, (long long)counts.softened);
	fact_check_free(check);
	str_free(&out);
}

static void load_zone(const char *name)
{
	struct err err;

	zone = zone_load(name, &err);
	if (zone == NULL)
		abort();
	evidence_free(evidence);
	evidence = evidence_new(zone);
}

static void obey(char **f, size_t count)
{
	if (strcmp(f[0], "zone") == 0 && count == 2)
		load_zone(f[1]);
	else if (strcmp(f[0], "series") == 0 && count == 10)
		add_series(f);
	else if (strcmp(f[0], "means") == 0 && count == 8)
		add_means(f);
	else if (strcmp(f[0], "findings") == 0 && count == 3)
		find(f);
	else if (strcmp(f[0], "text") == 0 && count == 2)
		evidence_text(evidence, f[1]);
	else if (strcmp(f[0], "name") == 0 && count == 2)
		evidence_name(evidence, f[1]);
	else if (strcmp(f[0], "time") == 0 && count == 2)
		evidence_time(evidence, whole(f[1]));
	else if (strcmp(f[0], "number") == 0 && count == 3)
		evidence_number(evidence, strtod(f[1], NULL), f[2]);
	else if (strcmp(f[0], "reason") == 0 && count == 2)
		evidence_reason(evidence, f[1]);
	else if (strcmp(f[0], "answer") == 0 && count == 2)
		answer(f[1]);
	else
		abort();
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	evidence = evidence_new(NULL);
	while ((length = getline(&line, &size, stdin)) > 0) {
		char *fields[FIELDS_MAX] = { line };
		size_t count = 1;

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		for (char *at = line; (at = strchr(at, '\t')) != NULL && count < FIELDS_MAX; fields[count++] = at)
			*at++ = '\0';
		for (size_t i = 0; i < count; i++)
			checker_unescape(fields[i]);
		obey(fields, count);
		(void)fflush(stdout);
	}
	free(line);
	evidence_free(evidence);
	for (size_t i = 0; i < subject_count; i++)
		series_free(&series[i]);
	return 0;
}
