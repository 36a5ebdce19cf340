#include "adapters/aws/logs.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/logs_rows.h"
#include "adapters/aws/pages.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"

#define RUNNING_MAX 4
#define GROUPS_MAX 50
#define QUERY_MAX 10000
#define LIMIT_MAX 10000 /* that Logs Insights gives at most */
#define DEADLINE_MS 60000
#define POLL_FIRST_MS 250
#define POLL_MAX_MS 1000 /* four queries stay below GetQueryResults' five calls a second */
#define POLL_TIMEOUT_MS 10000
#define END_TIMEOUT_MS 5000 /* for each of the two calls that end a query before its time */
#define PAGES_MAX 10
#define LIST_PAGE 50
#define LIST_MAX 200

static const struct aws_service service = { "logs", "logs", "logs", AWS_JSON_1_1, "Logs_20140328", false };

struct querying {
	struct aws *aws;
	struct aws_guard guard; /* to the end */
	struct loop_timer *timer;
	char *account, *region, *id, *token;
	int64_t limit, max_bytes, end_ms, poll_ms;
	unsigned pages;         /* of the finished query's rows */
	bool counted;           /* among those that run at once */
	bool waits, ending, cancelled;
	bool malformed;
	struct err broken;      /* why it failed, once it is ending */
	struct logs_look found;
	struct logs_result *out;
	struct done done;
};

/* --- the end --- */

static void free_query(struct querying *q)
{
	aws_guard_remove(q->aws, &q->guard);
	loop_defer_cancel(aws_bot(q->aws)->loop, q);
	loop_timer_free(q->timer);
	if (q->counted)
		aws_shared(q->aws)->log_queries--;
	logs_look_free(&q->found);
	free(q->account);
	free(q->region);
	free(q->id);
	free(q->token);
	free(q);
}

static void hand_over(struct querying *q)
{
	q->out->rows = q->found.rows;
	q->found.rows = NULL;
	if (q->out->rows == NULL)
		q->out->rows = json_new_array();
	q->out->matched = q->found.matched;
	q->out->cut = q->found.cut;
	q->out->stopped = q->found.phase != LOGS_COMPLETE;
}

static void finish(struct querying *q, const struct err *err)
{
	struct done done = q->done;
	struct err why = { .kind = ERR_NONE };

	if (err != NULL)
		why = *err;
	metrics_add("tocsin_logs_scanned_bytes_total", NULL, NULL, q->found.scanned_bytes);
	metrics_count("tocsin_logs_queries_total", "outcome", err != NULL ? err_kind_name(err->kind) :
	              q->found.phase == LOGS_COMPLETE ? "complete" : "stopped");
	logs_result_free(q->out);
	q->out->scanned_bytes = q->found.scanned_bytes; /* is charged also when it failed */
	q->out->malformed = q->malformed;
	if (err == NULL)
		hand_over(q);
	free_query(q);
	done.fn(done.arg, err == NULL ? NULL : &why);
}

static void end_unsent(void *arg)
{
	struct querying *q = arg;

	finish(q, &q->broken);
}

static void on_gone(void *arg)
{
	struct err err;

	(void)err_set(&err, ERR_CANCELLED, "logs: given up at shutdown");
	finish(arg, &err);
}

static bool is_gone(const struct err *err)
{
	return err != NULL && err->kind == ERR_CANCELLED;
}

/* --- calls --- */

static void call(struct querying *q, const char *operation, struct json_object *body, int64_t timeout_ms,
                 const char *expected_code, aws_answer_fn *answered)
{
	aws_call(q->aws, &(struct aws_request){
		.service = &service, .operation = operation, .target = { q->account, q->region },
		.body = json_print(body), .timeout_ms = timeout_ms, .expected_code = expected_code,
		.idempotent = q->id != NULL, /* a query that is begun twice is charged twice */
	}, answered, q);
	json_free(body);
}

static void look(struct querying *q, int64_t timeout_ms, aws_answer_fn *answered)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "queryId", q->id);
	json_put_string(body, "nextToken", q->token);
	call(q, "GetQueryResults", body, timeout_ms, NULL, answered);
}

/* --- before its time --- */

static void looked_last(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct querying *q = arg;

	if (is_gone(err)) {
		finish(q, err);
		return;
	}
	if (err == NULL)
		(void)logs_look_take(&q->found, answer->json, q->limit);
	finish(q, q->broken.kind != ERR_NONE ? &q->broken : NULL);
}

/* Also when it could not be stopped, because it was over just before: what it has is looked at once more, for what
 * it scanned is charged. */
static void was_stopped(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct querying *q = arg;

	(void)answer;
	if (is_gone(err))
		finish(q, err);
	else
		look(q, END_TIMEOUT_MS, looked_last);
}

static void stop_query(struct querying *q)
{
	struct json_object *body = json_new_object();

	q->ending = true;
	json_put_string(body, "queryId", q->id);
	call(q, "StopQuery", body, END_TIMEOUT_MS, "InvalidParameterException", was_stopped);
}

static void on_stop(void *arg)
{
	struct querying *q = arg;

	q->cancelled = true;
	if (q->broken.kind == ERR_NONE)
		(void)err_set(&q->broken, ERR_CANCELLED, "logs: the query was given up at shutdown");
	if (!q->waits)
		return; /* the call under way sees it */
	q->waits = false;
	loop_timer_stop(q->timer);
	stop_query(q);
}

/* --- while it runs --- */

static void wait_on(struct querying *q)
{
	int64_t left_ms = q->end_ms - clock_mono_ms(), wait_ms = clock_wait_ms(q->poll_ms);

	q->waits = true;
	q->poll_ms = q->poll_ms * 2 < POLL_MAX_MS ? q->poll_ms * 2 : POLL_MAX_MS;
	loop_timer_set(q->timer, wait_ms < left_ms ? wait_ms : left_ms);
}

static bool must_stop(const struct querying *q)
{
	return q->cancelled || clock_mono_ms() >= q->end_ms ||
	       (q->max_bytes > 0 && q->found.scanned_bytes > q->max_bytes);
}

static void further_rows(void *arg, const struct aws_answer *answer, const struct err *err);

/* The query is over; more of its rows may be had. */
static void conclude(struct querying *q, struct json_object *json)
{
	const char *token = json_string(json, "nextToken");
	struct err why;

	if (q->found.phase == LOGS_FAILED) {
		(void)err_set(&why, ERR_RETRY, "CloudWatch Logs could not run the query to its end: ask again, or for "
		              "less");
		finish(q, &why);
		return;
	}
	if (token == NULL || *token == '\0' || (q->token != NULL && strcmp(q->token, token) == 0) ||
	    ++q->pages > PAGES_MAX || q->cancelled || q->found.cut ||
	    (int64_t)json_count(q->found.rows) >= q->limit) {
		finish(q, q->cancelled ? &q->broken : NULL);
		return;
	}
	mem_set_string(&q->token, token);
	look(q, POLL_TIMEOUT_MS, further_rows);
}

static void further_rows(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct querying *q = arg;

	if (err != NULL) {
		q->found.cut = true;
		finish(q, is_gone(err) ? err : NULL);
		return;
	}
	logs_look_add(&q->found, answer->json, q->limit);
	conclude(q, answer->json);
}

static void polled(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct querying *q = arg;
	struct err why;

	if (is_gone(err)) {
		finish(q, err);
		return;
	}
	if (err == NULL && !logs_look_take(&q->found, answer->json, q->limit))
		(void)err_set(&why, ERR_RETRY, "CloudWatch Logs' answer has neither status nor results");
	else if (err != NULL)
		why = *err;
	else
		why.kind = ERR_NONE;
	if (why.kind == ERR_NONE && q->found.phase != LOGS_RUNNING) {
		conclude(q, answer->json);
		return;
	}
	if (why.kind != ERR_NONE && !must_stop(q))
		q->broken = why;
	if (must_stop(q) || q->broken.kind != ERR_NONE)
		stop_query(q);
	else
		wait_on(q);
}

static void poll_now(void *arg)
{
	struct querying *q = arg;
	int64_t left_ms = q->end_ms - clock_mono_ms();

	q->waits = false;
	if (left_ms <= 0)
		stop_query(q);
	else
		look(q, left_ms < POLL_TIMEOUT_MS ? left_ms : POLL_TIMEOUT_MS, polled);
}

/* --- the beginning --- */

static bool is_malformed(const struct aws_fault *fault)
{
	return strcmp(fault->code, "MalformedQueryException") == 0;
}

/* CloudWatch Logs' own errors in words that say what to do. */
static void better_words(const struct querying *q, const struct aws_fault *fault, struct err *err)
{
	const char *end;
	int length;

	if (fault == NULL)
		return;
	end = strstr(fault->message, " (Service: "); /* what follows says nothing to people */
	length = (int)(end != NULL ? (size_t)(end - fault->message) : strlen(fault->message));
	if (is_malformed(fault))
		(void)err_set(err, ERR_REFUSED, "the query cannot be read: %.*s", length < 200 ? length : 200,
		              fault->message);
	else if (strcmp(fault->code, "ResourceNotFoundException") == 0)
		(void)err_set(err, ERR_REFUSED, "a log group does not exist in %.20s: %.*s",
		              q->region == NULL ? "this region" : q->region, length < 150 ? length : 150,
		              fault->message);
	else if (strcmp(fault->code, "InvalidParameterException") == 0)
		(void)err_set(err, ERR_REFUSED, "CloudWatch Logs refuses the query: %.*s", length < 190 ? length : 190,
		              fault->message);
}

static void started(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct querying *q = arg;
	const char *id = answer == NULL || err != NULL ? NULL : json_string(answer->json, "queryId");
	struct err why;

	if (err != NULL) {
		why = *err;
		q->malformed = answer != NULL && answer->fault != NULL && is_malformed(answer->fault);
		better_words(q, answer == NULL ? NULL : answer->fault, &why);
		if (why.kind == ERR_UNKNOWN) /* it may run, and end by itself: a second one costs, and does no harm */
			why.kind = ERR_RETRY;
		finish(q, &why);
	} else if (id == NULL || *id == '\0') {
		(void)err_set(&why, ERR_RETRY, "CloudWatch Logs took the query, but gave no id for it");
		finish(q, &why);
	} else {
		q->id = mem_copy_string(id);
		if (must_stop(q))
			stop_query(q);
		else
			wait_on(q);
	}
}

static struct json_object *body_of(const struct logs_query *query, int64_t limit)
{
	struct json_object *body = json_new_object(), *groups = json_new_array();

	for (size_t i = 0; query->groups[i] != NULL; i++)
		json_append_string(groups, query->groups[i]);
	json_put(body, "logGroupNames", groups);
	json_put_string(body, "queryString", query->query);
	json_put_int(body, "startTime", query->from_ms / 1000);
	json_put_int(body, "endTime", (query->until_ms + 999) / 1000);
	json_put_int(body, "limit", limit);
	return body;
}

/* SOURCE, where a command may stand: it would read other groups than those that were given. Texts and comments are not
 * told apart: a query that has it there can be put otherwise. */
static bool names_groups(const char *query)
{
	bool begins = true;

	for (const char *at = query; *at != '\0'; at++) {
		if (begins && strncasecmp(at, "source", strlen("source")) == 0)
			return true;
		if (strchr("|(\r\n", *at) != NULL)
			begins = true;
		else if (*at > ' ' && *at <= '~')
			begins = false;
	}
	return false;
}

static bool check(struct querying *q, const struct logs_query *query)
{
	size_t groups = 0;

	while (query->groups != NULL && query->groups[groups] != NULL)
		groups++;
	if (groups < 1 || groups > GROUPS_MAX)
		return err_set(&q->broken, ERR_REFUSED, "a query reads 1 to %d log groups, not %zu", GROUPS_MAX,
		               groups);
	if (strlen(query->query) > QUERY_MAX)
		return err_set(&q->broken, ERR_REFUSED, "a query has at most %d characters", QUERY_MAX);
	if (names_groups(query->query))
		return err_set(&q->broken, ERR_REFUSED, "a query must not name log groups itself (SOURCE): they are "
		               "given apart");
	if (query->from_ms < 0 || query->from_ms >= query->until_ms)
		return err_set(&q->broken, ERR_REFUSED, "a query's range must end after it begins");
	if (aws_shared(q->aws)->log_queries >= RUNNING_MAX)
		return err_set(&q->broken, ERR_RETRY, "%d queries of logs are running already: ask again in a minute",
		               RUNNING_MAX);
	return true;
}

void logs_read(struct aws *aws, const struct aws_target *target, const struct logs_query *query,
               struct logs_result *result, struct done done)
{
	struct querying *q = mem_alloc(sizeof(*q));

	q->aws = aws;
	q->account = mem_copy_string(target->account);
	q->region = mem_copy_string(target->region);
	q->limit = query->limit < 1 ? 1 : query->limit > LIMIT_MAX ? LIMIT_MAX : query->limit;
	q->max_bytes = query->max_bytes;
	q->end_ms = clock_mono_ms() + (query->deadline_ms > 0 ? query->deadline_ms : DEADLINE_MS);
	q->poll_ms = POLL_FIRST_MS;
	q->out = result;
	q->done = done;
	q->timer = loop_timer_new(aws_bot(aws)->loop, poll_now, q);
	q->guard = (struct aws_guard){ .gone = on_gone, .stop = on_stop, .arg = q };
	aws_guard_add(aws, &q->guard);
	if (!check(q, query)) {
		loop_defer(aws_bot(aws)->loop, end_unsent, q);
		return;
	}
	q->counted = true;
	aws_shared(aws)->log_queries++;
	call(q, "StartQuery", body_of(query, q->limit), 0, "MalformedQueryException", started);
}

void logs_result_free(struct logs_result *result)
{
	json_free(result->rows);
	*result = (struct logs_result){ 0 };
}

/* --- groups --- */

struct listing {
	char **names;
	size_t count;
	char ***out;
	struct done done;
};

static void free_names(char **names)
{
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

static bool on_groups(void *arg, struct json_object *page, struct err *err)
{
	struct listing *l = arg;
	struct json_object *list = json_get(page, "logGroups");

	if (!json_is_array(list))
		return err_set(err, ERR_RETRY, "CloudWatch Logs' answer has no logGroups");
	for (size_t i = 0; i < json_count(list); i++) {
		char *name = aws_text(json_at(list, i), "logGroupName", 512);

		if (name == NULL)
			continue;
		l->names[l->count++] = name;
		if (l->count == LIST_MAX)
			return false;
	}
	return true;
}

static void listed(void *arg, bool more, const struct aws_answer *answer, const struct err *err)
{
	struct listing *l = arg;

	(void)more;
	(void)answer;
	if (err == NULL) {
		free_names(*l->out);
		*l->out = l->names;
	} else {
		free_names(l->names);
	}
	l->done.fn(l->done.arg, err);
	free(l);
}

void logs_groups(struct aws *aws, const struct aws_target *target, const char *prefix, char ***groups,
                 struct done done)
{
	struct listing *l = mem_alloc(sizeof(*l));
	struct json_object *body = json_new_object();

	l->names = mem_alloc((LIST_MAX + 1) * sizeof(*l->names));
	l->out = groups;
	l->done = done;
	json_put_string(body, "logGroupNamePrefix", prefix != NULL && *prefix != '\0' ? prefix : NULL);
	json_put_int(body, "limit", LIST_PAGE);
	aws_pages_read(aws, &(struct aws_pages){
		.service = &service, .operation = "DescribeLogGroups", .target = *target, .body = body,
		.token = "nextToken", .max = LIST_MAX / LIST_PAGE + 4, .page = on_groups, .done = listed, .arg = l,
	});
}
