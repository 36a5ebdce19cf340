#include "adapters/prometheus/prometheus.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/prometheus/ask.h"
#include "adapters/prometheus/matrix.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/worker.h"

#define ROOM_MAX ((size_t)16 << 20) /* buckets of one batch: 128 MiB */

/*
 * A batch is one prometheus_read. Each of its metrics is a job, each job has one part or, when its range is too long
 * for one answer, several. A part waits for its turn, asks, and has its answer read on the worker's thread.
 */
struct batch {
	struct prometheus *prometheus;
	struct batch *next;
	struct metric_read *reads;
	size_t count, finished;
	size_t room; /* buckets */
	metric_progress_fn *progress;
	void *arg;
	struct done done;
	int64_t deadline_ms; /* for the beginning of its parts; monotonic */
};

struct job {
	unsigned parts, failed, left; /* left: not ended yet */
	unsigned uses;                /* by parts, which may outlive the batch on the worker's thread */
	struct prometheus_matrix *matrix;
	struct err first;             /* of the parts that failed */
};

enum part_state { PART_WAITING, PART_ASKING, PART_READING };

struct part {
	struct part *next;
	enum part_state state;
	struct batch *batch; /* NULL: given up while the worker had it */
	struct metric_read *read;
	struct job *job;
	char *entry;         /* the name */
	int64_t first_ms, last_ms;
	struct prometheus_ask *ask;
	char *body;          /* while it is read */
	size_t length;
};

struct prometheus {
	struct bot *bot;
	struct batch *batches;
	struct part *parts; /* oldest first */
	bool pumping, closing;
};

/* --- ends --- */

static void free_part(struct part *part)
{
	if (--part->job->uses == 0) {
		prometheus_matrix_free(part->job->matrix);
		free(part->job);
	}
	free(part->entry);
	free(part->body);
	free(part);
}

static void unlink_part(struct prometheus *prometheus, const struct part *part)
{
	struct part **slot = &prometheus->parts;

	while (*slot != part)
		slot = &(*slot)->next;
	*slot = part->next;
}

static void end_batch(struct batch *batch, const struct err *err)
{
	struct batch **slot = &batch->prometheus->batches;
	struct done done = batch->done;

	while (*slot != batch)
		slot = &(*slot)->next;
	*slot = batch->next;
	free(batch);
	done.fn(done.arg, err);
}

/* "3 of 19 parts of the time are missing: prom answers 503; ..." */
static void note_missing(struct job *job)
{
	struct mem mem = { 0 };

	prometheus_matrix_note(job->matrix, mem_printf(&mem, "%u of %u parts of the time are missing: %s", job->failed,
	                                               job->parts, job->first.text));
	mem_free_all(&mem);
}

/* Of a batch that would be too much, each metric that comes late has one series. */
static void fit(struct batch *batch, struct metric_result *result)
{
	size_t buckets = result->count > 0 ? result->series[0].series.count : 0;

	for (; result->count > 1 && result->count * buckets > batch->room; result->left_out++)
		metric_series_free(&result->series[--result->count]);
	batch->room -= result->count * buckets < batch->room ? result->count * buckets : batch->room;
}

static void finish_job(struct job *job, struct metric_read *read, struct batch *batch)
{
	if (job->failed == job->parts) {
		metric_result_fail(&read->result, "%s", job->first.text);
		read->result.misasked = job->first.kind == ERR_USAGE;
		return;
	}
	if (job->failed > 0)
		note_missing(job);
	prometheus_matrix_finish(job->matrix, read->metric->query, &read->result);
	read->result.unread = job->failed > 0;
	fit(batch, &read->result);
}

static void count_finished(struct batch *batch)
{
	batch->finished++;
	if (batch->progress != NULL)
		batch->progress(batch->arg, batch->finished, batch->count);
}

static void pump_later(struct prometheus *prometheus);

/* err: NULL when its values are in the matrix. */
static void end_part(struct part *part, const struct err *err)
{
	struct batch *batch = part->batch;
	struct prometheus *prometheus = batch->prometheus;
	struct job *job = part->job;

	metrics_count("tocsin_prometheus_queries_total", "outcome", err == NULL ? "ok" : err_kind_name(err->kind));
	if (err != NULL) {
		log_event(LOG_WARN, "prometheus.query_failed", "entry", part->entry, "metric", part->read->metric->id,
		          "outcome", err_kind_name(err->kind), "why", err->text, NULL);
		if (job->failed++ == 0)
			job->first = *err;
	}
	unlink_part(prometheus, part);
	pump_later(prometheus);
	if (--job->left == 0) {
		finish_job(job, part->read, batch);
		count_finished(batch);
	}
	free_part(part);
	if (batch->finished == batch->count)
		end_batch(batch, NULL);
}

/* --- one part --- */

/* On the worker's thread: nothing else touches the matrix meanwhile, since jobs there run one by one. */
static bool read_body(void *arg, struct err *err)
{
	struct part *part = arg;

	return prometheus_matrix_add(part->job->matrix, part->body, part->length, err);
}

static void on_read(void *arg, const struct err *err)
{
	struct part *part = arg;
	struct err why;

	if (part->batch == NULL) {
		free_part(part);
		return;
	}
	if (err != NULL)
		(void)err_set(&why, err->kind, "%s: %.200s", part->entry, err->text);
	end_part(part, err != NULL ? &why : NULL);
}

static void on_answer(void *arg, const char *body, size_t length, const struct err *err)
{
	struct part *part = arg;

	part->ask = NULL;
	if (err != NULL) {
		end_part(part, err);
		return;
	}
	part->state = PART_READING;
	part->body = mem_copy_bytes(body, length);
	part->length = length;
	worker_run(part->batch->prometheus->bot->worker, read_body, part, (struct done){ on_read, part });
}

static const struct config_prometheus *find_entry(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->prometheus.count; i++)
		if (strcmp(config->prometheus.items[i].name, name) == 0)
			return &config->prometheus.items[i];
	return NULL;
}

/* The reload of a configuration may take an entry away. */
static bool may_start(const struct part *part, const struct config_prometheus *entry, struct err *err)
{
	if (entry == NULL)
		return err_set(err, ERR_REFUSED, "no entry of prometheus is named %.60s; add it, or correct the "
		               "metric's source", part->entry);
	if (part->read->metric->query == NULL)
		return err_set(err, ERR_REFUSED, "%.60s needs a query; add one to the metric", part->entry);
	if (clock_mono_ms() > part->batch->deadline_ms)
		return err_set(err, ERR_RETRY, "%.60s is too slow: the request waited more than %d s for its turn; "
		               "read fewer metrics at once", part->entry, PROMETHEUS_READ_MS / 1000);
	return true;
}

static void start(struct prometheus *prometheus, struct part *part)
{
	const struct config_prometheus *entry = find_entry(prometheus->bot->config, part->entry);
	struct err err;

	if (!may_start(part, entry, &err)) {
		end_part(part, &err);
		return;
	}
	part->state = PART_ASKING;
	part->ask = prometheus_ask(prometheus->bot, &(struct prometheus_query){
		.entry = entry, .text = part->read->metric->query, .first_ms = part->first_ms, .last_ms = part->last_ms,
		.step_ms = part->read->metric->period_ms,
	}, on_answer, part);
}

/* --- the queue --- */

static unsigned running(const struct prometheus *prometheus, const char *entry)
{
	unsigned count = 0;

	for (const struct part *part = prometheus->parts; part != NULL; part = part->next)
		count += part->state != PART_WAITING && strcmp(part->entry, entry) == 0;
	return count;
}

static struct part *next_ready(struct prometheus *prometheus)
{
	for (struct part *part = prometheus->parts; part != NULL; part = part->next)
		if (part->state == PART_WAITING && running(prometheus, part->entry) < PROMETHEUS_AT_ONCE)
			return part;
	return NULL;
}

static void pump(void *arg)
{
	struct prometheus *prometheus = arg;
	struct part *part;

	prometheus->pumping = false;
	while ((part = next_ready(prometheus)) != NULL)
		start(prometheus, part);
}

static void pump_later(struct prometheus *prometheus)
{
	if (prometheus->pumping || prometheus->closing)
		return;
	prometheus->pumping = true;
	loop_defer(prometheus->bot->loop, pump, prometheus);
}

/* --- a new batch --- */

static void append(struct prometheus *prometheus, struct part *part)
{
	struct part **slot = &prometheus->parts;

	while (*slot != NULL)
		slot = &(*slot)->next;
	*slot = part;
}

static void add_parts(struct batch *batch, struct metric_read *read, size_t points)
{
	struct job *job = mem_alloc(sizeof(*job));
	int64_t step_ms = read->metric->period_ms;

	job->matrix = prometheus_matrix_new(read->from_ms, step_ms, points);
	for (size_t at = 0; at < points; at += PROMETHEUS_ASK_POINTS) {
		size_t end = points - at > PROMETHEUS_ASK_POINTS ? at + PROMETHEUS_ASK_POINTS : points;
		struct part *part = mem_alloc(sizeof(*part));

		*part = (struct part){
			.batch = batch, .read = read, .job = job, .entry = mem_copy_string(read->metric->source),
			.first_ms = read->from_ms + (int64_t)at * step_ms,
			.last_ms = read->from_ms + (int64_t)(end - 1) * step_ms,
		};
		job->parts++;
		append(batch->prometheus, part);
	}
	job->left = job->uses = job->parts;
}

static void add_job(struct batch *batch, struct metric_read *read)
{
	int64_t points = (read->to_ms - read->from_ms) / read->metric->period_ms;

	if (points >= 1 && points <= SERIES_COUNT_MAX) {
		add_parts(batch, read, (size_t)points);
		return;
	}
	if (points < 1)
		metric_result_fail(&read->result, "the time to read holds no whole period; read a longer one");
	else
		metric_result_fail(&read->result, "the time to read has more than %d values; give the metric a "
		                   "longer period", SERIES_COUNT_MAX);
	count_finished(batch);
}

static void begin(void *arg)
{
	struct batch *batch = arg;
	struct prometheus *prometheus = batch->prometheus;

	for (size_t i = 0; i < batch->count; i++)
		add_job(batch, &batch->reads[i]);
	if (batch->finished == batch->count)
		end_batch(batch, NULL);
	pump_later(prometheus);
}

void prometheus_read(struct prometheus *prometheus, struct metric_read *reads, size_t count,
                     metric_progress_fn *progress, void *arg, struct done done)
{
	struct batch *batch = mem_alloc(sizeof(*batch));

	*batch = (struct batch){
		.prometheus = prometheus, .next = prometheus->batches, .reads = reads, .count = count,
		.progress = progress, .arg = arg, .done = done,
		.deadline_ms = clock_mono_ms() + PROMETHEUS_READ_MS, .room = ROOM_MAX,
	};
	prometheus->batches = batch;
	for (size_t i = 0; i < count; i++)
		reads[i].result = (struct metric_result){ 0 };
	loop_defer(prometheus->bot->loop, begin, batch);
}

/* --- life --- */

struct prometheus *prometheus_new(struct bot *bot)
{
	struct prometheus *prometheus = mem_alloc(sizeof(*prometheus));

	prometheus->bot = bot;
	metrics_describe("tocsin_prometheus_queries_total", "counter", "Finished requests to Prometheus by outcome");
	return prometheus;
}

/* A part that the worker reads is freed when it comes back. */
static void give_up(struct part *part)
{
	if (part->state == PART_READING) {
		part->batch = NULL;
		return;
	}
	if (part->ask != NULL)
		prometheus_ask_cancel(part->ask);
	free_part(part);
}

static void cancel(struct batch *batch)
{
	struct err gone;

	(void)err_set(&gone, ERR_CANCELLED, "reading from Prometheus was given up at shutdown");
	loop_defer_cancel(batch->prometheus->bot->loop, batch);
	for (size_t i = 0; i < batch->count; i++)
		metric_result_fail(&batch->reads[i].result, "%s", gone.text);
	end_batch(batch, &gone);
}

void prometheus_free(struct prometheus *prometheus)
{
	if (prometheus == NULL)
		return;
	prometheus->closing = true;
	loop_defer_cancel(prometheus->bot->loop, prometheus);
	while (prometheus->parts != NULL) {
		struct part *part = prometheus->parts;

		prometheus->parts = part->next;
		give_up(part);
	}
	while (prometheus->batches != NULL)
		cancel(prometheus->batches);
	free(prometheus);
}
