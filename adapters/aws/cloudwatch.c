#include "adapters/aws/cloudwatch.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/cloudwatch_page.h"
#include "adapters/aws/cloudwatch_plan.h"
#include "adapters/aws/cloudwatch_result.h"
#include "bot/bot.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "bot/worker.h"

#define RUNNING_MAX 2   /* calls of one reading at once: CloudWatch limits the values a second, too */
#define PAGES_MAX 100   /* of one call */
#define SPLITS_MAX 64   /* of one reading */
#define ROOM_MAX ((size_t)16 << 20) /* buckets of one reading: 128 MiB */

static const struct aws_service service = { "monitoring", "monitoring", "cloudwatch", AWS_JSON_1_0,
	                                        "GraniteServiceVersion20100801", true };

struct asking;

struct reading {
	struct aws *aws;
	struct cloudwatch_plan plan;
	struct asking *askings[RUNNING_MAX]; /* NULL: free */
	size_t next;     /* the first call that was not begun */
	size_t finished; /* reads */
	size_t room;
	unsigned splits;
	bool cancelled;
	struct aws_guard guard;
	metric_progress_fn *progress;
	void *arg;
	struct done done;
};

/* One call under way: a page is asked for, or read by the worker. */
struct asking {
	struct reading *reading; /* NULL: it has ended, and the worker's answer is for nobody */
	size_t call, slot;       /* indices: of the plan's calls, of the reading's askings */
	unsigned pages;
	bool garbled; /* an answer could not be read: once it is asked for again */
	char *token, *region;
	/* The worker's. */
	char *body;
	size_t length;
	struct cloudwatch_page page;
};

static void begin_calls(struct reading *reading);
static void ask_page(struct asking *asking);

/* --- the end --- */

static void free_asking(struct asking *asking)
{
	cloudwatch_page_free(&asking->page);
	free(asking->token);
	free(asking->region);
	free(asking->body);
	free(asking);
}

static void free_reading(struct reading *reading)
{
	aws_guard_remove(reading->aws, &reading->guard);
	loop_defer_cancel(aws_bot(reading->aws)->loop, reading);
	cloudwatch_plan_free(&reading->plan);
	free(reading);
}

static void finish(struct reading *reading)
{
	struct done done = reading->done;
	struct err gone;
	bool cancelled = reading->cancelled;

	free_reading(reading);
	(void)err_set(&gone, ERR_CANCELLED, "cloudwatch:GetMetricData: given up at shutdown");
	done.fn(done.arg, cancelled ? &gone : NULL);
}

static void end_query(struct asking *asking, size_t query, const struct err *err)
{
	struct cloudwatch_query *q = &asking->reading->plan.queries[query];

	cloudwatch_result_end(q, asking->region, err);
	asking->reading->finished += q->band ? 0 : 1;
}

/* All results of one call are there. */
static void end_call(struct asking *asking, const struct err *err)
{
	struct reading *reading = asking->reading;
	const struct cloudwatch_call *call = &reading->plan.calls[asking->call];

	for (size_t i = 0; i < call->count; i++)
		end_query(asking, call->queries[i], err);
	reading->askings[asking->slot] = NULL;
	free_asking(asking);
	if (reading->progress != NULL && !reading->cancelled)
		reading->progress(reading->arg, reading->finished, reading->plan.read_count);
	begin_calls(reading);
}

/* --- the request --- */

static bool add_dimension(void *list, const char *name, struct json_object *value)
{
	struct json_object *dimension = json_new_object();

	json_put_string(dimension, "Name", name);
	json_put_string(dimension, "Value", json_string(value, ""));
	json_append(list, dimension);
	return true;
}

static struct json_object *metric_stat(const struct metric *metric, int64_t period_s)
{
	struct json_object *stat = json_new_object(), *asked = json_new_object(), *dimensions = json_new_array();

	if (metric->dimensions != NULL)
		json_each(metric->dimensions, add_dimension, dimensions);
	json_put_string(asked, "Namespace", metric->namespace_);
	json_put_string(asked, "MetricName", metric->metric);
	json_put(asked, "Dimensions", dimensions);
	json_put(stat, "Metric", asked);
	json_put_int(stat, "Period", period_s);
	json_put_string(stat, "Stat", metric->stat);
	return stat;
}

static struct json_object *queries_of(const struct cloudwatch_plan *plan, const struct cloudwatch_call *call)
{
	struct json_object *list = json_new_array();
	char id[CLOUDWATCH_ID_SIZE], band[CLOUDWATCH_BAND_SIZE];

	for (size_t i = 0; i < call->count; i++) {
		const struct cloudwatch_query *q = &plan->queries[call->queries[i]];
		const struct metric *metric = q->read->metric;
		struct json_object *query = json_new_object();

		cloudwatch_plan_id(plan, call, i, id);
		json_put_string(query, "Id", id);
		if (q->band) {
			cloudwatch_plan_band(plan, call, i, band);
			json_put_string(query, "Expression", band);
			json_put_int(query, "Period", q->period_ms / 1000);
		} else if (metric->expression != NULL) {
			json_put_string(query, "Expression", metric->expression);
			json_put_int(query, "Period", q->period_ms / 1000);
		} else {
			json_put(query, "MetricStat", metric_stat(metric, q->period_ms / 1000));
		}
		if (metric->hidden)
			json_put_bool(query, "ReturnData", false);
		json_append(list, query);
	}
	return list;
}

static struct json_object *body_of(const struct asking *asking)
{
	const struct cloudwatch_plan *plan = &asking->reading->plan;
	const struct cloudwatch_call *call = &plan->calls[asking->call];
	struct json_object *body = json_new_object();

	json_put(body, "MetricDataQueries", queries_of(plan, call));
	json_put_int(body, "StartTime", call->from_ms / 1000);
	json_put_int(body, "EndTime", call->to_ms / 1000);
	json_put_string(body, "ScanBy", "TimestampAscending");
	json_put_string(body, "NextToken", asking->token);
	return body;
}

/* --- answers --- */

static void add_page(struct asking *asking)
{
	struct reading *reading = asking->reading;
	const struct cloudwatch_call *call = &reading->plan.calls[asking->call];

	for (size_t i = 0; i < asking->page.count; i++) {
		size_t found = cloudwatch_plan_find(&reading->plan, call, asking->page.pieces[i].id);

		if (found < reading->plan.count)
			cloudwatch_result_add(&reading->plan.queries[found], &asking->page.pieces[i], asking->pages,
			                      &reading->room);
	}
	for (size_t i = 0; i < call->count; i++)
		cloudwatch_result_note(&reading->plan.queries[call->queries[i]], asking->page.note);
}

/* The next page, if there is one. False: there is none, or *err says why it is not asked for. */
static bool more(struct asking *asking, struct err *err)
{
	char *token = asking->page.token;

	if (token == NULL)
		return false;
	if (asking->pages == PAGES_MAX)
		return err_set(err, ERR_RETRY, "CloudWatch's answer has more than %d pages", PAGES_MAX);
	if (asking->token != NULL && strcmp(asking->token, token) == 0)
		return err_set(err, ERR_RETRY, "CloudWatch sends the same page again");
	free(asking->token);
	asking->token = token;
	asking->page.token = NULL;
	cloudwatch_page_free(&asking->page);
	ask_page(asking);
	return true;
}

/* On the worker's thread. */
static bool read_page(void *arg, struct err *err)
{
	struct asking *asking = arg;
	bool good = cloudwatch_page_read(&asking->page, asking->body, asking->length, err);

	free(asking->body);
	asking->body = NULL;
	return good;
}

static void page_was_read(void *arg, const struct err *err)
{
	struct asking *asking = arg;
	struct err why = { .kind = ERR_NONE };

	if (asking->reading == NULL) {
		free_asking(asking);
		return;
	}
	/* Still there, it was not read: the worker is full, and another answer would not help. */
	if (err != NULL && err->kind == ERR_RETRY && !asking->garbled && asking->body == NULL) {
		asking->garbled = true;
		asking->pages--;
		ask_page(asking);
		return;
	}
	if (err != NULL) {
		asking->reading->cancelled = asking->reading->cancelled || err->kind == ERR_CANCELLED;
		end_call(asking, err);
		return;
	}
	add_page(asking);
	if (!more(asking, &why))
		end_call(asking, why.kind == ERR_NONE ? NULL : &why);
}

static bool is_no_band(const struct cloudwatch_query *q)
{
	return !q->band;
}

/* Asked for and shown as it is. */
static bool is_plain(const struct cloudwatch_query *q)
{
	return !q->band && q->read->metric->expression == NULL && !q->read->metric->hidden;
}

/* One metric of several is wrong, and the answer does not say which. */
static bool is_about_one(const struct aws_answer *answer)
{
	static const char *const beginnings[] = { "Validation", "InvalidParameter", "MissingParameter",
	                                          "MissingRequiredParameter" };

	if (answer == NULL || answer->fault == NULL || answer->fault->status != 400)
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (str_starts(answer->fault->code, beginnings[i]))
			return true;
	return false;
}

/* What is refused must not cost what it computes with: that is asked for without it. False: nothing is left, or all. */
static bool keep_only(struct asking *asking, bool (*is_kept)(const struct cloudwatch_query *), const struct err *err)
{
	struct reading *reading = asking->reading;
	struct cloudwatch_call *call = &reading->plan.calls[asking->call];
	size_t kept = 0, left = 0;

	for (size_t i = 0; i < call->count; i++)
		left += is_kept(&reading->plan.queries[call->queries[i]]);
	if (left == 0 || left == call->count)
		return false;
	call->formulas = call->formulas && is_kept != is_plain;
	for (size_t i = 0; i < call->count; i++) {
		if (is_kept(&reading->plan.queries[call->queries[i]]))
			call->queries[kept++] = call->queries[i];
		else
			end_query(asking, call->queries[i], err);
	}
	call->count = kept;
	return true;
}

/* Asks again for what may be good when CloudWatch refused a call because of one metric in it. */
static bool ask_less(struct asking *asking, const struct aws_answer *answer, const struct err *err)
{
	struct reading *reading = asking->reading;

	if (asking->pages > 0 || !is_about_one(answer) || reading->splits == SPLITS_MAX)
		return false;
	if (!cloudwatch_plan_split(&reading->plan, asking->call) && !keep_only(asking, is_no_band, err) &&
	    !keep_only(asking, is_plain, err))
		return false;
	reading->splits++;
	ask_page(asking);
	begin_calls(reading);
	return true;
}

static void answered(void *arg, const struct aws_answer *answer, const struct err *err)
{
	struct asking *asking = arg;
	struct reading *reading = asking->reading;

	if (err == NULL) {
		asking->pages++;
		asking->body = answer->body;
		asking->length = answer->body_length;
		worker_run(aws_bot(reading->aws)->worker, read_page, asking, (struct done){ page_was_read, asking });
		return;
	}
	reading->cancelled = reading->cancelled || err->kind == ERR_CANCELLED;
	if (!ask_less(asking, answer, err))
		end_call(asking, err);
}

static void ask_page(struct asking *asking)
{
	struct reading *reading = asking->reading;
	const struct cloudwatch_call *call = &reading->plan.calls[asking->call];
	const struct metric *metric = reading->plan.queries[call->queries[0]].read->metric;
	struct json_object *body = body_of(asking);

	aws_call(reading->aws, &(struct aws_request){
		.service = &service, .operation = "GetMetricData", .target = { metric->account, metric->region },
		.body = json_print(body), .idempotent = true, .raw = true,
	}, answered, asking);
	json_free(body);
}

/* --- the whole --- */

static void begin_call(struct reading *reading, size_t slot)
{
	struct asking *asking = mem_alloc(sizeof(*asking));
	const struct cloudwatch_call *call = &reading->plan.calls[reading->next];
	const struct metric *metric = reading->plan.queries[call->queries[0]].read->metric;
	const char *region;
	struct err err;

	asking->reading = reading;
	asking->slot = slot;
	asking->call = reading->next++;
	region = aws_region(reading->aws, &(struct aws_target){ metric->account, metric->region }, &err);
	asking->region = mem_copy_string(region == NULL ? "an unknown region" : region);
	reading->askings[slot] = asking;
	ask_page(asking);
}

/* As many as may run; the end when there is nothing left. */
static void begin_calls(struct reading *reading)
{
	bool busy = false;

	for (size_t i = 0; i < RUNNING_MAX; i++) {
		if (reading->askings[i] == NULL && reading->next < reading->plan.call_count && !reading->cancelled)
			begin_call(reading, i);
		busy = busy || reading->askings[i] != NULL;
	}
	if (!busy)
		finish(reading);
}

static void gone(void *arg)
{
	struct reading *reading = arg;

	reading->cancelled = true;
	for (size_t i = 0; i < RUNNING_MAX; i++) {
		if (reading->askings[i] != NULL)
			reading->askings[i]->reading = NULL; /* with the worker, which gives it back later */
		reading->askings[i] = NULL;
	}
	finish(reading);
}

static void start(void *arg)
{
	struct reading *reading = arg;

	if (reading->progress != NULL && reading->finished > 0)
		reading->progress(reading->arg, reading->finished, reading->plan.read_count);
	begin_calls(reading);
}

void cloudwatch_read(struct aws *aws, struct metric_read *reads, size_t count, metric_progress_fn *progress, void *arg,
                     struct done done)
{
	struct reading *reading = mem_alloc(sizeof(*reading));

	reading->aws = aws;
	reading->room = ROOM_MAX;
	reading->progress = progress;
	reading->arg = arg;
	reading->done = done;
	reading->guard = (struct aws_guard){ .gone = gone, .arg = reading };
	aws_guard_add(aws, &reading->guard);
	for (size_t i = 0; i < count; i++)
		metric_result_free(&reads[i].result);
	cloudwatch_plan_make(&reading->plan, reads, count, aws_now_ms(aws));
	for (size_t i = 0; i < count; i++)
		reading->finished += reading->plan.queries[i].settled;
	loop_defer(aws_bot(aws)->loop, start, reading);
}
