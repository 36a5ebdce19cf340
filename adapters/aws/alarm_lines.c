#include "adapters/aws/alarm_lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/alarm_lines_take.h"
#include "adapters/aws/pages.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define PAGE 100
#define PAGES_MAX 20
#define PROBLEMS_MAX 20
#define PROBLEM_MAX 500
#define PREFIX_MAX 255

static const struct aws_service service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0,
	                                        "GraniteServiceVersion20100801", true };

/* One list a glob, one after the other. */
struct listing {
	struct aws *aws;
	char *account, *region;
	char **globs; /* ended by NULL */
	size_t next;  /* glob */
	struct alarm_lines found, *out;
	char **seen;  /* names, taken or left out */
	size_t seen_count, hidden_problems;
	bool too_many, some; /* some: a list came */
	struct err first;    /* why one did not */
	struct done done;
};

static void list_next(struct listing *l);

void alarm_lines_free(struct alarm_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		alarm_line_free(&lines->items[i]);
	for (size_t i = 0; i < lines->problem_count; i++)
		free(lines->problems[i]);
	free(lines->items);
	free(lines->problems);
	*lines = (struct alarm_lines){ 0 };
}

/* --- the end --- */

static void add_problem(struct listing *l, const char *format, ...) PRINTF(2, 3);
static void add_problem(struct listing *l, const char *format, ...)
{
	char text[PROBLEM_MAX];
	va_list args;

	if (l->found.problem_count == PROBLEMS_MAX) {
		l->hidden_problems++;
		return;
	}
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_utf8_mend(text);
	l->found.problems = mem_resize(l->found.problems, (l->found.problem_count + 1) * sizeof(char *));
	l->found.problems[l->found.problem_count++] = utf8_clean(text, true);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct alarm_line *)a)->alarm, ((const struct alarm_line *)b)->alarm);
}

static void hand_over(struct listing *l)
{
	if (l->too_many)
		add_problem(l, "more than %d alarms match; the others are left out: narrow the patterns",
		            ALARM_LINES_MAX);
	if (l->hidden_problems > 0) {
		free(l->found.problems[PROBLEMS_MAX - 1]);
		l->found.problem_count--;
		add_problem(l, "and %zu more alarms are left out", l->hidden_problems + 1);
	}
	if (l->found.count > 0)
		qsort(l->found.items, l->found.count, sizeof(*l->found.items), by_name);
	alarm_lines_free(l->out);
	*l->out = l->found;
	l->found = (struct alarm_lines){ 0 };
}

static void free_strings(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

static void finish(struct listing *l, const struct err *err)
{
	struct done done = l->done;
	struct err why = { .kind = ERR_NONE };
	size_t globs = 0;

	if (err != NULL)
		why = *err; /* may lie in what is freed here */
	if (err == NULL)
		hand_over(l);
	alarm_lines_free(&l->found);
	while (l->globs[globs] != NULL)
		globs++;
	free_strings(l->globs, globs);
	free_strings(l->seen, l->seen_count);
	free(l->account);
	free(l->region);
	free(l);
	done.fn(done.arg, err == NULL ? NULL : &why);
}

/* --- alarms --- */

/* Several globs may match one alarm, and a page may come twice. */
static bool is_new(struct listing *l, const char *name)
{
	for (size_t i = 0; i < l->seen_count; i++)
		if (strcmp(l->seen[i], name) == 0)
			return false;
	l->seen = mem_resize(l->seen, (l->seen_count + 1) * sizeof(char *));
	l->seen[l->seen_count++] = mem_copy_string(name);
	return true;
}

static bool has_id(const struct listing *l, const char *id)
{
	for (size_t i = 0; i < l->found.count; i++)
		for (size_t k = 0; k < l->found.items[i].count; k++)
			if (strcmp(l->found.items[i].metrics[k].id, id) == 0)
				return true;
	return false;
}

/* Names that differ only in what an id cannot hold. */
static bool has_its_ids(const struct listing *l, const struct alarm_line *line)
{
	for (size_t i = 0; i < line->count; i++)
		if (has_id(l, line->metrics[i].id))
			return true;
	return false;
}

static void take_alarm(struct listing *l, struct json_object *alarm)
{
	const struct aws_target target = { l->account, l->region };
	const char *name = json_string(alarm, "AlarmName");
	struct alarm_line line;
	char *why;

	if (!alarm_lines_take(&line, alarm, &target, &why)) {
		add_problem(l, "alarm %.200s is left out: %s", name, why);
		free(why);
	} else if (has_its_ids(l, &line)) {
		add_problem(l, "alarm %.200s is left out: its name is too like another alarm's", name);
		alarm_line_free(&line);
	} else {
		l->found.items = mem_resize(l->found.items, (l->found.count + 1) * sizeof(line));
		l->found.items[l->found.count++] = line;
	}
}

/* False: there is no room for more. */
static bool take_alarms(struct listing *l, struct json_object *list, bool composite)
{
	for (size_t i = 0; i < json_count(list); i++) {
		struct json_object *alarm = json_at(list, i);
		const char *name = json_string(alarm, "AlarmName");

		if (name == NULL || *name == '\0' || !str_glob(l->globs[l->next], name) || !is_new(l, name))
			continue;
		if (composite) {
			add_problem(l, "alarm %.200s is left out: it is composite, and watches alarms, not a metric",
			            name);
			continue;
		}
		l->too_many = l->found.count == ALARM_LINES_MAX;
		if (l->too_many)
			return false;
		take_alarm(l, alarm);
	}
	return true;
}

static bool on_page(void *arg, struct json_object *page, struct err *err)
{
	struct json_object *metric = json_get(page, "MetricAlarms"), *composite = json_get(page, "CompositeAlarms");

	if (!json_is_array(metric) && !json_is_array(composite))
		return err_set(err, ERR_RETRY, "CloudWatch's answer has no MetricAlarms");
	return take_alarms(arg, metric, false) && take_alarms(arg, composite, true);
}

/* --- lists --- */

static void listed(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct listing *l = arg;
	const char *glob = l->globs[l->next];

	(void)answer;
	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(l, err);
		return;
	}
	if (err != NULL) {
		if (l->first.kind == ERR_NONE)
			l->first = *err;
		add_problem(l, "alarms like %.100s were not listed: %s", glob, err->text);
	} else {
		l->some = true;
		if (more && !l->too_many)
			add_problem(l, "the list of alarms like %.100s broke off; ask again", glob);
	}
	l->next++;
	if (l->globs[l->next] != NULL && !l->too_many)
		list_next(l);
	else
		finish(l, l->some ? NULL : &l->first);
}

static struct json_object *body_of(const char *glob)
{
	struct json_object *body = json_new_object(), *kinds = json_new_array();
	size_t length = strcspn(glob, "*?");
	char *prefix = mem_copy_bytes(glob, str_utf8_prefix(glob, length, PREFIX_MAX));

	json_append_string(kinds, "MetricAlarm");
	json_append_string(kinds, "CompositeAlarm");
	json_put(body, "AlarmTypes", kinds);
	json_put_string(body, "AlarmNamePrefix", *prefix == '\0' ? NULL : prefix);
	json_put_int(body, "MaxRecords", PAGE);
	free(prefix);
	return body;
}

static void list_next(struct listing *l)
{
	aws_pages_read(l->aws, &(struct aws_pages){
		.service = &service, .operation = "DescribeAlarms", .target = { l->account, l->region },
		.body = body_of(l->globs[l->next]), .token = "NextToken", .max = PAGES_MAX, .page = on_page,
		.done = listed, .arg = l,
	});
}

void alarm_lines_read(struct aws *aws, const struct aws_target *target, const char *const *globs,
                      struct alarm_lines *out, struct done done)
{
	struct listing *l = mem_alloc(sizeof(*l));
	size_t count = 0;

	while (globs[count] != NULL)
		count++;
	l->aws = aws;
	l->account = mem_copy_string(target->account);
	l->region = mem_copy_string(target->region);
	l->globs = mem_alloc((count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		l->globs[i] = mem_copy_string(globs[i]);
	l->out = out;
	l->done = done;
	list_next(l);
}
