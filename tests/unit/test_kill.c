/*
 * Real processes and real kill -9: the journal's lock and durability, and flows that die at every
 * crash point there is (the latter in builds with -DTOCSIN_CRASH_POINTS; others skip it).
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/flow.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/random.h"
#include "tests/unit/support/turn.h"

#define CHILD_SECONDS 120 /* a child that hangs ends by itself */
#define FLOWS 3
#define POINTS_MAX 500

static struct loop *loop;
static struct journal *journal;

static void no_line(const char *line)
{
	(void)line;
}

static int set_up(void **state)
{
	(void)state;
	log_sink(no_line);
	scratch_make();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove();
	log_sink(NULL);
	return 0;
}

/* Opens in this process; false and *err when it cannot. */
static bool open_here(struct err *err)
{
	loop = turn_new_loop();
	journal = journal_open(loop, scratch_path("db"), err);
	if (journal == NULL)
		loop_free(loop);
	return journal != NULL;
}

static void must_open(void)
{
	struct err err;

	if (!open_here(&err))
		fail_msg("%s", err.text);
}

static void close_here(void)
{
	journal_close(journal);
	loop_free(loop);
}

static pid_t start_child(void (*run)(int pipe), int *pipe_end)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(ends[0]);
		(void)alarm(CHILD_SECONDS);
		run(ends[1]);
		_exit(0);
	}
	(void)close(ends[1]);
	*pipe_end = ends[0];
	return child;
}

static void kill_child(pid_t child)
{
	int status;

	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static void hold_lock(int pipe_end)
{
	struct err err;
	char ok = open_here(&err) ? 'y' : 'n';

	if (write(pipe_end, &ok, 1) == 1)
		for (;;)
			(void)pause();
}

static void test_the_lock_names_its_holder_and_dies_with_it(void **state)
{
	char ok = 0, pid[32];
	struct err err;
	int pipe_end;
	pid_t child = start_child(hold_lock, &pipe_end);

	(void)state;
	assert_int_equal(read(pipe_end, &ok, 1), 1);
	assert_int_equal(ok, 'y');
	assert_false(open_here(&err));
	assert_int_equal(err.kind, ERR_CONFLICT);
	(void)snprintf(pid, sizeof(pid), "process %ld:", (long)child);
	if (strstr(err.text, pid) == NULL)
		fail_msg("%s", err.text);
	kill_child(child);
	(void)close(pipe_end);
	must_open();
	close_here();
}

/* Batches one after the other, each told through the pipe once it is durable. */
struct writer {
	int pipe_end;
	int64_t next;
};

struct written {
	struct writer *writer;
	int64_t number;
};

static void write_next(struct writer *writer);

static void told(void *arg, const struct err *err)
{
	struct written *written = arg;

	if (err != NULL || write(written->writer->pipe_end, &written->number, sizeof(written->number)) !=
	                           (ssize_t)sizeof(written->number))
		_exit(1);
	write_next(written->writer);
	free(written);
}

static void write_next(struct writer *writer)
{
	struct written *written = mem_alloc(sizeof(*written));
	char key[32], json[512];

	written->writer = writer;
	written->number = writer->next++;
	(void)snprintf(key, sizeof(key), "%08lld", (long long)written->number);
	(void)snprintf(json, sizeof(json), "{\"n\":%lld,\"text\":\"%0400d\"}", (long long)written->number, 0);
	journal_put(journal, "left", key, json);
	journal_put(journal, "same", "last", key);
	journal_put(journal, "right", key, json);
	journal_commit(journal, (struct done){ told, written });
}

static void write_for_ever(int pipe_end)
{
	static struct writer writer;
	struct err err;

	if (!open_here(&err))
		_exit(1);
	writer.pipe_end = pipe_end;
	for (int i = 0; i < 20; i++)
		write_next(&writer);
	loop_run(loop);
}

struct found {
	int64_t count;
	bool gap;
};

static void count_found(void *arg, const char *key, const char *json, int64_t revision)
{
	struct found *found = arg;

	(void)json;
	if (strtoll(key, NULL, 10) != found->count || revision != 1)
		found->gap = true;
	found->count++;
}

static void expect_last(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)key;
	assert_int_equal(strtoll(json, NULL, 10), *(int64_t *)arg - 1);
	assert_int_equal(revision, *(int64_t *)arg);
}

static void kill_after(int64_t count)
{
	struct found left = { 0 }, right = { 0 };
	struct err err;
	int64_t told_last = -1, number;
	int pipe_end;
	pid_t child = start_child(write_for_ever, &pipe_end);

	while (told_last < count && read(pipe_end, &number, sizeof(number)) == (ssize_t)sizeof(number))
		told_last = number;
	kill_child(child);
	while (read(pipe_end, &number, sizeof(number)) == (ssize_t)sizeof(number))
		told_last = number;
	(void)close(pipe_end);
	assert_true(told_last >= count);
	must_open();
	assert_true(journal_load(journal, "left", count_found, &left, &err));
	assert_true(journal_load(journal, "right", count_found, &right, &err));
	/* All that was told, in order, whole; perhaps some that was not told yet. */
	assert_false(left.gap || right.gap);
	assert_true(left.count > told_last);
	assert_int_equal(left.count, right.count);
	assert_true(journal_load(journal, "same", expect_last, &left.count, &err));
	close_here();
}

static void test_kill_loses_nothing_that_was_told(void **state)
{
	const int64_t counts[] = { 0, 1, 7, 50, 200, 1000, 3000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		kill_after(counts[i]);
		scratch_remove();
		scratch_make();
	}
}

#ifdef TOCSIN_CRASH_POINTS

/* The far side is a file: one byte for each effect, the flow's number. */
struct trip {
	int64_t number;
};

static const struct field trip_fields[] = { FIELD(FIELD_INT, trip, number), FIELDS_END };

struct reply {
	struct done done;
	enum err_kind kind;
};

static void send_reply(void *arg)
{
	struct reply *reply = arg;
	struct err err;

	(void)err_set(&err, reply->kind, "not there");
	reply->done.fn(reply->done.arg, reply->kind == ERR_NONE ? NULL : &err);
	free(reply);
}

static enum flow_next answer(struct flow *flow, enum err_kind kind)
{
	struct reply *reply = mem_alloc(sizeof(*reply));

	reply->done = flow_wake(flow);
	reply->kind = kind;
	loop_defer(loop, send_reply, reply);
	return FLOW_WAIT;
}

static unsigned count_effects(int64_t number)
{
	int fd = open(scratch_path("effects"), O_RDONLY | O_CREAT, 0600);
	unsigned count = 0;
	char byte;

	while (read(fd, &byte, 1) == 1)
		count += byte == (char)('0' + number);
	(void)close(fd);
	return count;
}

static enum flow_next effect(struct flow *flow)
{
	const struct trip *trip = flow->state;
	int fd = open(scratch_path("effects"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	char byte = (char)('0' + trip->number);

	if (write(fd, &byte, 1) != 1)
		_exit(1);
	(void)close(fd);
	return answer(flow, ERR_NONE);
}

static enum flow_next look(struct flow *flow)
{
	const struct trip *trip = flow->state;

	return answer(flow, count_effects(trip->number) > 0 ? ERR_NONE : ERR_NOT_FOUND);
}

static enum flow_next pause_a_bit(struct flow *flow)
{
	return flow_sleep(flow, 1, "finish");
}

static enum flow_next finish(struct flow *flow)
{
	return answer(flow, ERR_NONE);
}

static void ended(struct flow *flow, const struct err *err)
{
	const struct trip *trip = flow->state;
	char key[2] = { (char)('0' + trip->number), '\0' };

	if (err == NULL)
		journal_put(journal, "result", key, "{}");
}

static const struct flow_step steps[] = {
	{ "prepare", finish, NULL },    { "effect", effect, look }, { "pause", pause_a_bit, NULL },
	{ "finish", finish, NULL }, { NULL, NULL, NULL },
};
static const struct flow_plan plan = {
	.name = "trip",
	.state_size = sizeof(struct trip),
	.fields = trip_fields,
	.steps = steps,
	.ended = ended,
};
static const struct flow_plan *const plans[] = { &plan, NULL };

static struct flow_engine *engine;

static void count_one(void *arg, const char *key, const char *json, int64_t revision)
{
	(void)key;
	(void)json;
	(void)revision;
	++*(int64_t *)arg;
}

static int64_t count_documents(const char *kind)
{
	struct err err;
	int64_t count = 0;

	if (!journal_load(journal, kind, count_one, &count, &err))
		_exit(1);
	return count;
}

static bool is_over(void *arg)
{
	(void)arg;
	return flow_count(engine) == 0;
}

/* One process: takes up what an earlier one left, starts what none has started, ends when all have
 * ended. The "message" stands for what an outside sender would otherwise send again. */
static void run_flows(int pipe_end)
{
	struct err err;

	(void)pipe_end;
	clock_set_scale(0.0);
	if (!open_here(&err))
		_exit(1);
	engine = flow_engine_new(NULL, loop, journal, plans);
	if (!flow_engine_resume(engine, NULL, &err))
		_exit(1);
	if (count_documents("message") == 0) {
		journal_put_new(journal, "message", "m", "{}");
		for (int64_t i = 0; i < FLOWS; i++) {
			struct flow *flow = flow_new(engine, &plan);
			struct trip *trip = flow->state;

			trip->number = i;
			flow_start(flow);
		}
		journal_commit(journal, (struct done){ NULL, NULL });
	}
	turn_until(loop, is_over, NULL);
	flow_engine_free(engine);
	close_here();
}

/* True: the child was killed at its n-th crash point. n 0: it is not to be. */
static bool run_child(unsigned n)
{
	char at[16];
	int pipe_end, status;
	pid_t child;

	(void)snprintf(at, sizeof(at), "%u", n);
	assert_int_equal(setenv("TOCSIN_CRASH_AT", at, 1), 0);
	assert_int_equal(setenv("TOCSIN_CRASH_LOG", scratch_path("points"), 1), 0);
	child = start_child(run_flows, &pipe_end);
	(void)close(pipe_end);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(unsetenv("TOCSIN_CRASH_AT"), 0);
	assert_int_equal(unsetenv("TOCSIN_CRASH_LOG"), 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the child ended with status %x at crash point %u", (unsigned)status, n);
	return false;
}

static unsigned count_lines(const char *name)
{
	FILE *file = fopen(scratch_path(name), "r");
	unsigned count = 0;
	int c;

	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		count += c == '\n';
	(void)fclose(file);
	return count;
}

/* No crash point is passed in this process: the child's count begins at 1. */
static void check_outcome(unsigned n, unsigned again)
{
	for (int64_t i = 0; i < FLOWS; i++)
		if (count_effects(i) != 1)
			fail_msg("killed at %u and %u: flow %d had %u effects", n, again, (int)i, count_effects(i));
}

static bool ended_well(void)
{
	bool well;

	must_open();
	well = count_documents("flow") == 0 && count_documents("result") == FLOWS;
	close_here();
	return well;
}

/* Kills at the n-th point, then perhaps once more at the `again`-th of the next process. */
static bool sweep_at(unsigned n, unsigned again)
{
	bool killed = run_child(n);

	if (killed)
		assert_int_equal(count_lines("points"), n);
	if (again > 0)
		(void)run_child(again);
	assert_false(run_child(0));
	check_outcome(n, again);
	scratch_remove();
	scratch_make();
	return killed;
}

static void outcome_child(int pipe_end)
{
	char well = ended_well() ? 'y' : 'n';

	if (write(pipe_end, &well, 1) != 1)
		_exit(1);
}

static void test_killed_at_every_point(void **state)
{
	unsigned n = 1;

	(void)state;
	while (sweep_at(n, n % 7))
		assert_true(++n < POINTS_MAX);
	assert_true(n > 20);
}

static void test_killed_and_then_all_documents_are_right(void **state)
{
	char well = 0;
	int pipe_end, status;
	pid_t child;

	(void)state;
	for (unsigned n = 3; n < 30; n += 4) {
		(void)run_child(n);
		assert_false(run_child(0));
		/* In a child: opening passes crash points. */
		child = start_child(outcome_child, &pipe_end);
		assert_int_equal(read(pipe_end, &well, 1), 1);
		assert_int_equal(well, 'y');
		(void)close(pipe_end);
		assert_int_equal(waitpid(child, &status, 0), child);
		scratch_remove();
		scratch_make();
	}
}

#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const struct CMUnitTest tests[] = {
#ifdef TOCSIN_CRASH_POINTS
	/* First: later ones pass crash points in this process. */
	TEST(test_killed_at_every_point),
	TEST(test_killed_and_then_all_documents_are_right),
#endif
	TEST(test_the_lock_names_its_holder_and_dies_with_it),
	TEST(test_kill_loses_nothing_that_was_told),
};

int main(void)
{
#ifndef TOCSIN_CRASH_POINTS
	(void)puts("skipped without -DTOCSIN_CRASH_POINTS (MODE=crash or asan): the sweep of crash points");
#endif
	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
