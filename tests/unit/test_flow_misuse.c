/* bot/flow.c: programming errors end the process at once; here, a child of ours. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bot/journal.h"
#include "bot/loop.h"
#include "tests/unit/support/flow_world.h"
#include "tests/unit/support/turn.h"

static enum flow_next wait_for_nothing(struct flow *flow)
{
	(void)flow;
	return FLOW_WAIT;
}

static enum flow_next take_two_tokens(struct flow *flow)
{
	(void)flow_wake(flow);
	(void)flow_wake(flow);
	return FLOW_WAIT;
}

static enum flow_next wake_inline(struct flow *flow)
{
	struct done done = flow_wake(flow);

	done.fn(done.arg, NULL);
	return FLOW_WAIT;
}

static enum flow_next go_nowhere(struct flow *flow)
{
	return flow_goto(flow, "nowhere");
}

static enum flow_next token_and_next(struct flow *flow)
{
	(void)flow_wake(flow);
	return FLOW_NEXT;
}

static enum flow_next token_and_sleep(struct flow *flow)
{
	(void)flow_wake(flow);
	return flow_sleep(flow, 1, "last");
}

static enum flow_next fail_without_error(struct flow *flow)
{
	(void)flow;
	return FLOW_FAIL;
}

static struct done twice;

static enum flow_next keep_token(struct flow *flow)
{
	twice = flow_wake(flow);
	return FLOW_WAIT;
}

static bool has_token(void *arg)
{
	(void)arg;
	return twice.fn != NULL;
}

static void run_child(enum flow_next (*step)(struct flow *flow))
{
	struct flow *flow;

	(void)alarm(60);
	(void)!freopen("/dev/null", "w", stderr);
	world_step = step;
	flow = world_start(&world_any, "0");
	if (step == keep_token) {
		turn_until(world_loop_, has_token, NULL);
		world_step = wait_for_nothing;
		flow->err.kind = ERR_NONE;
		twice.fn(twice.arg, &(struct err){ .kind = ERR_RETRY });
		twice.fn(twice.arg, NULL);
	}
	turn_for(world_loop_, 30000); /* it aborts long before, also where the disk is slow */
	_exit(0);
}

static void open_world(const char *name)
{
	struct err err;

	world_loop_ = turn_new_loop();
	world_journal = journal_open(world_loop_, scratch_path(name), &err);
	assert_non_null(world_journal);
	world_engine = flow_engine_new(NULL, world_loop_, world_journal, world_plans);
}

static void close_world(void)
{
	flow_engine_free(world_engine);
	journal_close(world_journal);
	loop_free(world_loop_);
}

static void test_programming_errors_abort(void **state)
{
	enum flow_next (*const steps[])(struct flow *flow) = {
		wait_for_nothing, take_two_tokens, wake_inline,        go_nowhere,
		token_and_next,   token_and_sleep, fail_without_error, keep_token,
	};

	(void)state;
	close_world(); /* no thread of the parent's holds a lock that a child would wait for */
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		pid_t child = fork();
		int status;

		assert_true(child >= 0);
		if (child == 0) {
			open_world("child");
			run_child(steps[i]);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
			fail_msg("case %zu: status %x", i, (unsigned)status);
	}
	open_world("db"); /* for the tear-down */
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup_teardown(test_programming_errors_abort, world_set_up, world_tear_down),
};

int main(void)
{
	return cmocka_run_group_tests_name("flow_misuse", tests, NULL, NULL);
}
