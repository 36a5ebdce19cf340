#include "bot/answer_check.h"

#include <stdlib.h>
#include <string.h>

#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "bot/series.h"
#include "bot/str.h"
#include "bot/worker.h"

#define PIECE_MAX (2u << 10)  /* of an answer, judged at once: others' turn comes in between */
#define SAID_MAX (1u << 20)   /* of one piece */
#define APART_MAX (8u << 10)
#define TRY_AGAIN_MS 100      /* when the worker is full */

enum kind { ADD_TEXT, ADD_NAME, ADD_REASON, ADD_SERIES, APART, WORK, FEED, FLUSH };

struct op {
	struct op *next;
	enum kind kind;
	char *text, *unit;
	size_t length; /* of FEED */
	struct series series;
	int64_t from_ms, until_ms;
	char **sentence;
	void (*work)(void *arg, struct evidence *evidence);
	void *arg;
	struct done done;
};

struct ops {
	struct op *first, *last;
};

struct answer_check {
	struct worker *worker;
	const char *instructions;
	answer_check_say_fn *say;
	void *arg;
	struct loop_timer *again;
	struct ops waiting;
	size_t asking; /* of those that wait: they want to be done, evidence only follows them */
	bool stopped;
	struct fact_check_counts counts;
	/* The worker's, while a job is under way. */
	struct ops taken; /* empty: none is */
	struct evidence *evidence;
	struct fact_check *check;
	struct str said;
};

/* --- what is to be done ---------------------------------------------------------------------------------- */

static bool is_asking(const struct op *op)
{
	return op->kind == WORK || op->kind == FEED || op->kind == FLUSH;
}

static void op_free(struct op *op)
{
	series_free(&op->series);
	free(op->text);
	free(op->unit);
	free(op);
}

static void append(struct ops *ops, struct op *op)
{
	op->next = NULL;
	if (ops->first == NULL)
		ops->first = op;
	else
		ops->last->next = op;
	ops->last = op;
}

static struct op *take_first(struct ops *ops)
{
	struct op *op = ops->first;

	if (op != NULL)
		ops->first = op->next;
	return op;
}

static void submit(struct answer_check *check);

/* One that asks, with all before it. */
static void start(struct answer_check *check)
{
	struct op *op;

	if (check->taken.first != NULL || check->asking == 0)
		return;
	do {
		op = take_first(&check->waiting);
		append(&check->taken, op);
	} while (!is_asking(op));
	check->asking--;
	submit(check);
}

static struct op *add(struct answer_check *check, enum kind kind, const char *text)
{
	struct op *op = mem_alloc(sizeof(*op));

	op->kind = kind;
	op->text = mem_copy_string(text);
	append(&check->waiting, op);
	return op;
}

static void ask(struct answer_check *check, struct op *op, struct done done)
{
	op->done = done;
	check->asking++;
	start(check);
}

/* --- on the worker's thread ------------------------------------------------------------------------------ */

static void check_apart(struct answer_check *check, struct op *op)
{
	struct fact_check *apart = fact_check_new(check->evidence, check->instructions);
	struct str out;

	str_init(&out, APART_MAX);
	fact_check_feed(apart, op->text, strlen(op->text), &out);
	fact_check_flush(apart, &out);
	fact_check_free(apart);
	free(op->text);
	op->text = str_take(&out);
}

static void run_one(struct answer_check *check, struct op *op)
{
	switch (op->kind) {
	case ADD_TEXT:
		evidence_text(check->evidence, op->text);
		break;
	case ADD_NAME:
		evidence_name(check->evidence, op->text);
		break;
	case ADD_REASON:
		evidence_reason(check->evidence, op->text);
		break;
	case ADD_SERIES:
		evidence_series(check->evidence, op->text, &op->series, op->from_ms, op->until_ms, op->unit);
		break;
	case APART:
		check_apart(check, op);
		break;
	case WORK:
		op->work(op->arg, check->evidence);
		break;
	case FEED:
		fact_check_feed(check->check, op->text, op->length, &check->said);
		break;
	case FLUSH:
		fact_check_flush(check->check, &check->said);
		break;
	}
}

static bool run(void *arg, struct err *err)
{
	struct answer_check *check = arg;

	(void)err;
	for (struct op *op = check->taken.first; op != NULL; op = op->next)
		run_one(check, op);
	return true;
}

/* --- back on the loop ------------------------------------------------------------------------------------ */

/* done may free the check: it comes last. */
static void end_job(struct answer_check *check, const struct err *err)
{
	struct done done = { NULL, NULL };
	struct op *op;

	while ((op = take_first(&check->taken)) != NULL) {
		if (op->kind == APART && err == NULL) {
			mem_set_string(op->sentence, op->text);
		} else if (is_asking(op)) {
			done = op->done;
		}
		op_free(op);
	}
	start(check);
	if (done.fn != NULL)
		done.fn(done.arg, err);
}

static void job_done(void *arg, const struct err *err)
{
	struct answer_check *check = arg;

	if (err != NULL && err->kind == ERR_RETRY) { /* the worker is full: nothing was run */
		loop_timer_set(check->again, random_backoff_ms(1, TRY_AGAIN_MS, TRY_AGAIN_MS));
		return;
	}
	if (err == NULL && !check->stopped) {
		fact_check_counts(check->check, &check->counts);
		if (check->said.length > 0 && check->say != NULL)
			check->say(check->arg, check->said.text, check->said.length);
	}
	str_clear(&check->said);
	end_job(check, err);
}

static void submit(struct answer_check *check)
{
	worker_run(check->worker, run, check, (struct done){ job_done, check });
}

static void submit_again(void *arg)
{
	submit(arg);
}

/* --- for others ------------------------------------------------------------------------------------------ */

struct answer_check *answer_check_new(struct loop *loop, struct worker *worker, const struct zone *zone,
                                      const char *instructions, answer_check_say_fn *say, void *arg)
{
	struct answer_check *check = mem_alloc(sizeof(*check));

	check->worker = worker;
	check->instructions = instructions;
	check->say = say;
	check->arg = arg;
	check->again = loop_timer_new(loop, submit_again, check);
	check->evidence = evidence_new(zone);
	check->check = fact_check_new(check->evidence, instructions);
	str_init(&check->said, SAID_MAX);
	return check;
}

void answer_check_free(struct answer_check *check)
{
	struct op *op;

	if (check == NULL)
		return;
	while ((op = take_first(&check->waiting)) != NULL)
		op_free(op);
	loop_timer_free(check->again);
	fact_check_free(check->check);
	evidence_free(check->evidence);
	str_free(&check->said);
	free(check);
}

void answer_check_add_text(struct answer_check *check, const char *text)
{
	(void)add(check, ADD_TEXT, text);
}

void answer_check_add_name(struct answer_check *check, const char *name)
{
	(void)add(check, ADD_NAME, name);
}

void answer_check_add_reason(struct answer_check *check, const char *what)
{
	(void)add(check, ADD_REASON, what);
}

void answer_check_add_series(struct answer_check *check, const char *name, const struct series *series, int64_t from_ms,
                             int64_t until_ms, const char *unit)
{
	struct op *op = add(check, ADD_SERIES, name);

	op->unit = mem_copy_string(unit);
	op->from_ms = from_ms;
	op->until_ms = until_ms;
	series_make_empty(&op->series, series->start_ms, series->step_ms, series->count);
	if (series->count > 0)
		memcpy(op->series.values, series->values, series->count * sizeof(double));
}

void answer_check_apart(struct answer_check *check, char **sentence)
{
	if (*sentence != NULL)
		add(check, APART, *sentence)->sentence = sentence;
}

void answer_check_work(struct answer_check *check, void (*work)(void *arg, struct evidence *evidence), void *arg,
                       struct done done)
{
	struct op *op = add(check, WORK, NULL);

	op->work = work;
	op->arg = arg;
	ask(check, op, done);
}

/* Behind what waits for its turn already, if there is room. */
static bool joins_last(struct answer_check *check, const char *text, size_t length)
{
	struct op *last = check->waiting.first == NULL ? NULL : check->waiting.last;

	if (last == NULL || last->kind != FEED || last->length + length > PIECE_MAX)
		return false;
	last->text = mem_resize(last->text, last->length + length);
	memcpy(last->text + last->length, text, length);
	last->length += length;
	return true;
}

void answer_check_feed(struct answer_check *check, const char *text, size_t length)
{
	while (length > 0 && !check->stopped) {
		size_t piece = length < PIECE_MAX ? length : PIECE_MAX;

		if (!joins_last(check, text, piece)) {
			struct op *op = add(check, FEED, NULL);

			op->text = mem_copy_bytes(text, piece);
			op->length = piece;
			ask(check, op, (struct done){ NULL, NULL });
		}
		text += piece;
		length -= piece;
	}
}

void answer_check_flush(struct answer_check *check, struct done done)
{
	ask(check, add(check, FLUSH, NULL), done);
}

void answer_check_stop(struct answer_check *check)
{
	struct ops all = check->waiting;
	struct op *op;

	check->stopped = true;
	check->waiting = (struct ops){ NULL, NULL };
	while ((op = take_first(&all)) != NULL) {
		if (op->kind == FEED) {
			check->asking--;
			op_free(op);
		} else {
			append(&check->waiting, op);
		}
	}
}

void answer_check_counts(const struct answer_check *check, struct fact_check_counts *counts)
{
	*counts = check->counts;
}
