#include "adapters/aws/metrics_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/metrics_item.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define PAGE 100        /* items: a page is read in one go on the loop */
#define PAGES_MAX 200   /* of which many may be empty */
#define PROBLEMS_MAX 50

static const struct aws_service service = { "dynamodb", "dynamodb", "dynamodb", AWS_JSON_1_0,
	                                        "DynamoDB_20120810", false };

struct scan {
	struct aws *aws;
	char *account, *region, *name;
	struct json_object *from; /* ExclusiveStartKey; NULL: the begin */
	unsigned pages;
	size_t items, hidden_problems;
	struct metrics_table table, *out;
	struct done done;
};

static void scan_page(struct scan *scan);

void metrics_table_free(struct metrics_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		metric_free(&table->metrics[i]);
	for (size_t i = 0; i < table->problem_count; i++)
		free(table->problems[i]);
	free(table->metrics);
	free(table->problems);
	*table = (struct metrics_table){ 0 };
}

static void append_problem(struct metrics_table *table, char *problem)
{
	table->problems = mem_resize(table->problems, (table->problem_count + 1) * sizeof(*table->problems));
	table->problems[table->problem_count++] = problem;
}

/* Of an item; beyond PROBLEMS_MAX they are counted. */
static void add_problem(struct scan *scan, char *problem)
{
	if (scan->table.problem_count < PROBLEMS_MAX) {
		append_problem(&scan->table, problem);
		return;
	}
	scan->hidden_problems++;
	free(problem);
}

static char *sentence(const char *format, ...) PRINTF(1, 2);
static char *sentence(const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_utf8_mend(text);
	return mem_copy_string(text);
}

static void finish(struct scan *scan, const struct err *err)
{
	if (err == NULL) {
		metrics_table_free(scan->out);
		*scan->out = scan->table;
	} else {
		metrics_table_free(&scan->table);
	}
	scan->done.fn(scan->done.arg, err);
	json_free(scan->from);
	free(scan->account);
	free(scan->region);
	free(scan->name);
	free(scan);
}

/* --- items --- */

static int by_id(const void *a, const void *b)
{
	const struct metric *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	return order != 0 ? order : strcmp(left->title, right->title);
}

/* Different keys may come to one id: the first by name keeps it. */
static void sort_metrics(struct scan *scan)
{
	struct metrics_table *table = &scan->table;
	size_t kept = 0;

	if (table->count > 0)
		qsort(table->metrics, table->count, sizeof(*table->metrics), by_id);
	for (size_t i = 0; i < table->count; i++) {
		struct metric *metric = &table->metrics[i];

		if (kept == 0 || strcmp(table->metrics[kept - 1].id, metric->id) != 0) {
			table->metrics[kept++] = *metric;
			continue;
		}
		add_problem(scan, sentence("item %.60s: has the id %.60s, as item %.60s; rename one of them",
		                           metric->title, metric->id, table->metrics[kept - 1].title));
		metric_free(metric);
	}
	table->count = kept;
}

static void add_item(struct scan *scan, struct json_object *item)
{
	struct metrics_table *table = &scan->table;
	struct metric metric;
	char *problem;

	scan->items++;
	if (scan->items > METRICS_TABLE_MAX)
		return;
	if (!metrics_item_read(&metric, item, &problem)) {
		add_problem(scan, problem);
		return;
	}
	table->metrics = mem_resize(table->metrics, (table->count + 1) * sizeof(*table->metrics));
	table->metrics[table->count++] = metric;
}

static void end_scan(struct scan *scan)
{
	sort_metrics(scan);
	if (scan->hidden_problems > 0)
		append_problem(&scan->table, sentence("%zu more items are wrong", scan->hidden_problems));
	if (scan->items > METRICS_TABLE_MAX)
		append_problem(&scan->table, sentence("table %.60s has more than %d items; the rest is left out: is it "
		               "the right table?", scan->name, METRICS_TABLE_MAX));
	finish(scan, NULL);
}

/* --- calls --- */

static void fail(struct scan *scan, const struct aws_answer *answer, const struct err *err)
{
	struct err why;

	bool absent = answer != NULL && answer->fault != NULL &&
	              strcmp(answer->fault->code, "ResourceNotFoundException") == 0;

	if (!absent) {
		finish(scan, err);
		return;
	}
	(void)err_set(&why, ERR_NOT_FOUND, "DynamoDB has no table %.100s in this account and region; create it, "
	              "or correct metrics_table", scan->name);
	finish(scan, &why);
}

static void scanned(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct scan *scan = arg;
	struct json_object *items, *last;
	struct err why;

	if (err != NULL) {
		fail(scan, answer, err);
		return;
	}
	items = json_get(answer->json, "Items");
	last = json_get(answer->json, "LastEvaluatedKey");
	if (!json_is_array(items)) {
		(void)err_set(&why, ERR_RETRY, "DynamoDB's answer about table %.100s has no Items", scan->name);
		finish(scan, &why);
		return;
	}
	for (size_t i = 0; i < json_count(items); i++)
		add_item(scan, json_at(items, i));
	if (json_count(last) == 0 || scan->items > METRICS_TABLE_MAX) {
		end_scan(scan);
	} else if (++scan->pages == PAGES_MAX) {
		(void)err_set(&why, ERR_RETRY, "table %.100s has more than %d pages; is it the right table?",
		              scan->name, PAGES_MAX);
		finish(scan, &why);
	} else {
		json_free(scan->from);
		scan->from = json_copy(last);
		scan_page(scan);
	}
}

static void scan_page(struct scan *scan)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "TableName", scan->name);
	json_put_int(body, "Limit", PAGE);
	if (scan->from != NULL)
		json_put(body, "ExclusiveStartKey", json_keep(scan->from));
	aws_call(scan->aws, &(struct aws_request){
		.service = &service, .operation = "Scan", .target = { scan->account, scan->region },
		.body = json_print(body), .idempotent = true,
	}, scanned, scan);
	json_free(body);
}

void metrics_table_read(struct aws *aws, const struct aws_target *target, const char *name, struct metrics_table *out,
                        struct done done)
{
	struct scan *scan = mem_alloc(sizeof(*scan));

	scan->aws = aws;
	scan->account = mem_copy_string(target->account);
	scan->region = mem_copy_string(target->region);
	scan->name = mem_copy_string(name);
	scan->out = out;
	scan->done = done;
	scan_page(scan);
}
