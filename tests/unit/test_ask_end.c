/* An answer whose head cannot be edited waits, maybe for hours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "bot/flow.h"
#include "bot/journal.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "commands/ask.h"
#include "commands/ask_private.h"
#include "commands/command.h"
#include "tests/unit/support/briefing_case.h"
#include "tests/unit/support/turn.h"

static struct flow *flow;

static bool is_asleep(void *arg)
{
	const struct ask *ask = flow->state;

	(void)arg;
	return strcmp(flow_step_name(flow), "head again") == 0 && ask->outcome != NULL;
}

static void what_waits_for_its_head_holds_nothing_that_was_read(void **state)
{
	struct briefing_case shop;
	struct ask *ask;
	struct err err;

	(void)state;
	scratch_make();
	briefing_case_init(&shop);
	shop.bot.loop = turn_new_loop();
	shop.bot.journal = journal_open(shop.bot.loop, scratch_path("journal.db"), &err);
	assert_non_null(shop.bot.journal);
	shop.bot.flows = flow_engine_new(&shop.bot, shop.bot.loop, shop.bot.journal, all_plans());
	flow = flow_new(shop.bot.flows, &ask_plan);
	ask = flow->state;
	mem_set_string(&ask->outcome, ASK_ANSWERED);
	ask->briefing = briefing_case_read(&shop, "why is checkout slow?");
	flow_start_at(flow, "wait for head");
	turn_until(shop.bot.loop, is_asleep, NULL);
	assert_null(ask->briefing);
	flow_engine_free(shop.bot.flows);
	journal_close(shop.bot.journal);
	shop.bot.journal = NULL;
	loop_free(shop.bot.loop);
	briefing_case_free(&shop);
	scratch_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_for_its_head_holds_nothing_that_was_read),
	};

	return cmocka_run_group_tests_name("ask_end", tests, NULL, NULL);
}
