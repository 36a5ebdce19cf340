#include "adapters/aws/log_series.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/client.h"
#include "adapters/aws/log_memory.h"
#include "adapters/aws/log_table.h"
#include "adapters/aws/logs.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/str.h"

#define LANES 2
#define CHUNK_MS (INT64_C(24) * 3600 * 1000)
#define LATE_MS (INT64_C(3600) * 1000) /* what is younger may still change, and is not remembered */
#define ROWS_MAX 10000                 /* of one query: what Logs Insights gives */
#define WHOLE_MS 180000                /* of one reading; then what has not begun is left out */
#define BUSY_TRIES 8
#define BUSY_MS 1000
#define KEY_MAX ((size_t)16 << 10)

struct reading;

/* One metric at a time, one query at a time. */
struct lane {
	struct reading *reading;
	struct metric_read *read; /* NULL: nothing to do */
	struct log_query query;
	struct log_table table;
	struct logs_result rows;
	struct loop_timer *timer; /* until a query that found no room is asked again */
	bool waits;               /* for it */
	char *key;
	int64_t known_from, known_to; /* remembered; equal: nothing */
	int64_t from, to;             /* read so far, without a gap; equal: nothing yet */
	int64_t chunk_from;           /* of the query that runs, which ends at `from`, or at to_ms */
	int64_t scanned;
	unsigned tries;
	char *why;                    /* nothing older is read; NULL: all was */
};

struct reading {
	struct aws *aws;
	struct metric_read *reads;
	size_t count, next, finished;
	struct lane lanes[LANES];
	int64_t end_ms;
	bool held; /* lanes are being begun or ended: it is not over yet */
	bool cancelled;
	struct aws_guard guard;
	metric_progress_fn *progress;
	void *arg;
	struct done done;
};

static void next_metric(struct lane *lane);
static void next_chunk(struct lane *lane);

/* --- the end --- */

static struct log_memory *memory_of(struct reading *reading)
{
	struct aws_shared *shared = aws_shared(reading->aws);

	if (shared->log_memory == NULL)
		shared->log_memory = mem_alloc(sizeof(*shared->log_memory));
	return shared->log_memory;
}

static void clear_lane(struct lane *lane)
{
	log_query_free(&lane->query);
	log_table_free(&lane->table);
	logs_result_free(&lane->rows);
	free(lane->key);
	free(lane->why);
	*lane = (struct lane){ .reading = lane->reading, .timer = lane->timer };
}

static void free_reading(struct reading *reading)
{
	aws_guard_remove(reading->aws, &reading->guard);
	loop_defer_cancel(aws_bot(reading->aws)->loop, reading);
	for (size_t i = 0; i < LANES; i++) {
		clear_lane(&reading->lanes[i]);
		loop_timer_free(reading->lanes[i].timer);
	}
	free(reading);
}

static void finish(struct reading *reading)
{
	struct done done = reading->done;
	bool cancelled = reading->cancelled;
	struct err gone;

	free_reading(reading);
	(void)err_set(&gone, ERR_CANCELLED, "logs: given up at shutdown");
	done.fn(done.arg, cancelled ? &gone : NULL);
}

static void finish_if_idle(struct reading *reading)
{
	if (reading->held)
		return;
	for (size_t i = 0; i < LANES; i++)
		if (reading->lanes[i].read != NULL)
			return;
	finish(reading);
}

/* --- one metric's result --- */

/* The first series by label stay; their table is given up. */
static void hand_over(struct lane *lane)
{
	struct metric_result *result = &lane->read->result;
	struct log_table *table = &lane->table;

	result->left_out = table->dropped > 0;
	for (; table->count > METRIC_SERIES_MAX; result->left_out++)
		metric_series_free(&table->series[--table->count]);
	result->series = table->series;
	result->count = table->count;
	table->series = NULL;
	table->count = 0;
	if (result->count == 1 && result->left_out == 0)
		mem_set_string(&result->series[0].label, NULL);
}

static bool has_values(const struct log_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		for (size_t k = 0; k < table->series[i].series.count; k++)
			if (!isnan(table->series[i].series.values[k]))
				return true;
	return false;
}

static void remember(struct lane *lane)
{
	int64_t settled_ms = aws_now_ms(lane->reading->aws) - LATE_MS, step = lane->query.bin_ms;
	int64_t to = lane->to < settled_ms ? lane->to : settled_ms - settled_ms % step;

	const struct log_memory_entry *known = log_memory_find(memory_of(lane->reading), lane->key);

	if (known != NULL && known->to_ms > to) /* a look at former times */
		return;
	if (lane->table.dropped == 0 && lane->table.count <= METRIC_SERIES_MAX && to > lane->from)
		log_memory_keep(memory_of(lane->reading), lane->key, lane->from, to, lane->table.series,
		                lane->table.count);
}

static void conclude(struct lane *lane)
{
	struct metric_result *result = &lane->read->result;

	if (lane->to <= lane->from) {
		metric_result_fail(result, "%s", lane->why != NULL ? lane->why : "no bucket of it is complete yet");
		return;
	}
	log_table_fill(&lane->table, lane->from, lane->to);
	if (!has_values(&lane->table)) {
		metric_result_fail(result, "the query has no rows in this range; check its filter, and that something "
		                   "was logged");
		result->outcome = METRIC_EMPTY;
		return;
	}
	remember(lane);
	hand_over(lane);
	result->outcome = lane->why == NULL && lane->table.odd == 0 ? METRIC_COMPLETE : METRIC_PARTIAL;
	if (lane->why != NULL)
		result->why = mem_copy_string(lane->why);
	else if (lane->table.odd > 0)
		result->why = mem_copy_string("rows without a time are left out: is the bin's column displayed?");
}

static void end_metric(struct lane *lane)
{
	struct reading *reading = lane->reading;

	if (!reading->cancelled)
		conclude(lane);
	clear_lane(lane);
	reading->finished++;
	if (reading->progress != NULL && !reading->cancelled)
		reading->progress(reading->arg, reading->finished, reading->count);
	next_metric(lane);
}

/* Nothing older is read; what is newer counts, if there is any. */
static void stop_here(struct lane *lane, const char *format, ...) PRINTF(2, 3);
static void stop_here(struct lane *lane, const char *format, ...)
{
	char text[400], since[CLOCK_TEXT_SIZE];
	struct mem mem = { 0 };
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	str_utf8_mend(text);
	if (lane->to > lane->from) {
		clock_format_iso(lane->from, since);
		mem_set_string(&lane->why, mem_printf(&mem, "only since %.16sZ: %s", since, text));
	} else {
		mem_set_string(&lane->why, text);
	}
	mem_free_all(&mem);
	end_metric(lane);
}

/* --- queries --- */

static int64_t limit_of(const struct lane *lane)
{
	int64_t max = lane->read->metric->max_scan;

	return max > 0 ? max : LOG_SERIES_SCAN;
}

static void too_much(struct lane *lane)
{
	stop_here(lane, "its queries scan more than the %lld MiB that max_scan allows; narrow its log groups, or raise "
	          "max_scan", (long long)(limit_of(lane) >> 20));
}

/* Where the next query ends: what lies between is known. */
static int64_t reached(const struct lane *lane)
{
	return lane->to > lane->from ? lane->from : lane->read->to_ms;
}

/* What is remembered closes the gap, if there is none between. */
static void take_known(struct lane *lane)
{
	if (lane->known_to > lane->known_from && lane->to > lane->from && lane->known_to >= lane->from &&
	    lane->known_from < lane->from)
		lane->from = lane->known_from;
}

static bool has_more(const struct lane *lane)
{
	return lane->rows.cut || json_count(lane->rows.rows) >= ROWS_MAX;
}

static void was_read(void *arg, const struct err *err)
{
	struct lane *lane = arg;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		lane->reading->cancelled = true;
		end_metric(lane);
		return;
	}
	lane->scanned += lane->rows.scanned_bytes;
	if (err != NULL && lane->scanned >= limit_of(lane)) {
		too_much(lane);
		return;
	}
	if (err != NULL && err->kind == ERR_RETRY && ++lane->tries < BUSY_TRIES &&
	    clock_mono_ms() < lane->reading->end_ms) { /* other queries run: people's questions, or another look */
		lane->waits = true;
		loop_timer_set(lane->timer, clock_wait_ms(random_backoff_ms(lane->tries, BUSY_MS, 4 * BUSY_MS)));
		return;
	}
	if (err != NULL) {
		stop_here(lane, "%s", err->text);
		return;
	}
	lane->tries = 0;
	if (lane->rows.stopped && lane->scanned >= limit_of(lane)) {
		too_much(lane);
	} else if (lane->rows.stopped || has_more(lane)) {
		stop_here(lane, has_more(lane) ? "a day of it has more than %d rows; group by less" :
		          "a query took too long; narrow its log groups (at most %d rows are read)", ROWS_MAX);
	} else {
		log_table_add_rows(&lane->table, lane->rows.rows);
		if (lane->to <= lane->from)
			lane->to = lane->read->to_ms;
		lane->from = lane->chunk_from;
		next_chunk(lane);
	}
}

static void ask(void *arg)
{
	struct lane *lane = arg;
	const struct metric *metric = lane->read->metric;
	const struct aws_target target = { metric->account, metric->region };

	lane->waits = false;
	logs_read(lane->reading->aws, &target, &(struct logs_query){
		.groups = (const char *const *)metric->log_groups.items, .query = metric->query,
		.from_ms = lane->chunk_from, .until_ms = reached(lane) - 1000, /* its end counts */
		.limit = ROWS_MAX, .max_bytes = limit_of(lane) - lane->scanned,
	}, &lane->rows, (struct done){ was_read, lane });
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Day by day backwards, over what is not remembered. */
static void next_chunk(struct lane *lane)
{
	const struct metric_read *read = lane->read;
	int64_t end, floor = greater(read->fresh_from_ms - read->fresh_from_ms % lane->query.bin_ms, read->from_ms);

	take_known(lane);
	end = reached(lane);
	if (end <= floor) {
		end_metric(lane);
		return;
	}
	if (lane->reading->cancelled || clock_mono_ms() >= lane->reading->end_ms) {
		stop_here(lane, "the queries before it took too long; ask again");
		return;
	}
	if (lane->scanned >= limit_of(lane)) {
		too_much(lane);
		return;
	}
	if (lane->known_to > lane->known_from && lane->known_to < end)
		floor = greater(floor, lane->known_to);
	lane->chunk_from = greater(floor, end - (CHUNK_MS - CHUNK_MS % lane->query.bin_ms));
	ask(lane);
}

/* --- metrics --- */

/* Whatever changes what the rows would be. */
static char *key_of(const struct metric *metric)
{
	struct str key;

	str_init(&key, KEY_MAX);
	str_addf(&key, "%s %s", metric->account == NULL ? "" : metric->account,
	         metric->region == NULL ? "" : metric->region);
	for (size_t i = 0; i < metric->log_groups.count; i++)
		str_addf(&key, " %s", metric->log_groups.items[i]);
	str_addf(&key, "\n%s", metric->query);
	return str_take(&key);
}

static void begin_metric(struct lane *lane, struct metric_read *read)
{
	const struct log_memory_entry *known;
	struct err err;

	lane->read = read;
	metric_result_free(&read->result);
	if (!log_query_read(read->metric->query, &lane->query, &err)) { /* the configuration has checked it */
		stop_here(lane, "its query %s", err.text);
		return;
	}
	if (read->to_ms <= read->from_ms) {
		end_metric(lane);
		return;
	}
	log_table_init(&lane->table, &lane->query, read->from_ms, read->to_ms);
	lane->key = key_of(read->metric);
	known = log_memory_find(memory_of(lane->reading), lane->key);
	if (known != NULL) {
		log_table_add_known(&lane->table, known);
		lane->known_from = greater(known->from_ms, read->from_ms);
		lane->known_to = known->to_ms < read->to_ms ? known->to_ms : read->to_ms;
		if (known->to_ms >= read->to_ms && lane->known_from < read->to_ms) { /* an earlier range */
			lane->from = lane->known_from;
			lane->to = read->to_ms;
		}
	}
	next_chunk(lane);
}

static void next_metric(struct lane *lane)
{
	struct reading *reading = lane->reading;

	if (reading->next < reading->count && !reading->cancelled)
		begin_metric(lane, &reading->reads[reading->next++]);
	else
		finish_if_idle(reading);
}

static void gone(void *arg)
{
	struct reading *reading = arg;

	reading->cancelled = true;
	finish(reading); /* its queries were told before it, being younger */
}

/* The queries under way are stopped at AWS, and no other is begun. */
static void on_stop(void *arg)
{
	struct reading *reading = arg;

	reading->cancelled = reading->held = true;
	for (size_t i = 0; i < LANES; i++) {
		if (!reading->lanes[i].waits)
			continue;
		loop_timer_stop(reading->lanes[i].timer);
		end_metric(&reading->lanes[i]);
	}
	reading->held = false;
	finish_if_idle(reading);
}

static void start(void *arg)
{
	struct reading *reading = arg;

	reading->held = true;
	for (size_t i = 0; i < LANES; i++)
		next_metric(&reading->lanes[i]);
	reading->held = false;
	finish_if_idle(reading);
}

void log_series_read(struct aws *aws, struct metric_read *reads, size_t count, metric_progress_fn *progress, void *arg,
                     struct done done)
{
	struct reading *reading = mem_alloc(sizeof(*reading));

	reading->aws = aws;
	reading->reads = reads;
	reading->count = count;
	reading->progress = progress;
	reading->arg = arg;
	reading->done = done;
	reading->end_ms = clock_mono_ms() + clock_wait_ms(WHOLE_MS);
	reading->guard = (struct aws_guard){ .gone = gone, .stop = on_stop, .arg = reading };
	aws_guard_add(aws, &reading->guard);
	for (size_t i = 0; i < LANES; i++) {
		reading->lanes[i].reading = reading;
		reading->lanes[i].timer = loop_timer_new(aws_bot(aws)->loop, ask, &reading->lanes[i]);
	}
	loop_defer(aws_bot(aws)->loop, start, reading);
}
