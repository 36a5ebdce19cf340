/* One call of a model for a summary: what it is asked, what is shown of what it says, what it costs, how it goes wrong;
 * and what the summary's thread remembers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bot/budget.h"
#include "bot/clock.h"
#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/journal.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "commands/conversation.h"
#include "commands/summary_words_private.h"
#include "tests/unit/support/aws_world.h"
#include "tests/unit/support/summary_words_case.h"
#include "tests/unit/support/turn.h"

#define CONVERSE "/converse HTTP/1.1"
#define DAY_MS (24 * 3600 * 1000LL)

static struct summary_words_case c;
static struct config_price price;
static char model[] = "anthropic.claude-test-v1:0", german[] = "German", own[] = "Call the checkout the till.";
static char utc[] = "UTC", not_for_this[] = "Answer in rhymes.";
static char *text, *note;

static void open_journal(void)
{
	struct err err;

	cloud.bot.journal = journal_open(cloud.loop, scratch_path("journal.db"), &err);
	assert_non_null(cloud.bot.journal);
	cloud.bot.budget = budget_new(&cloud.bot);
	assert_true(budget_load(cloud.bot.budget, &err));
	cloud.bot.conversations = conversations_new(&cloud.bot);
	assert_true(conversations_load(cloud.bot.conversations, &err));
}

static void close_journal(void)
{
	conversations_free(cloud.bot.conversations);
	budget_free(cloud.bot.budget);
	journal_close(cloud.bot.journal);
}

static int begin(void **state)
{
	(void)aws_world_begin(state);
	summary_words_case_begin(&c);
	scratch_make();
	cloud.bot.worker = worker_new(cloud.loop);
	(void)aws_world_start();
	price = (struct config_price){ model, 3, 15, (double)NAN, (double)NAN };
	cloud.config.bedrock.model = model;
	cloud.config.bedrock.language = german;
	cloud.config.bedrock.prompt = not_for_this;
	cloud.config.bedrock.max_tokens = 2000;
	cloud.config.bedrock.max_cost_per_answer = cloud.config.bedrock.max_cost_per_day = (double)NAN;
	cloud.config.bedrock.prices = &price;
	cloud.config.bedrock.price_count = 1;
	cloud.config.answers.timezone = utc;
	cloud.config.answers.remember_ms = 30 * DAY_MS;
	c.shop.dashboards[0].prompt = own;
	cloud.config.dashboards.items = c.shop.dashboards;
	cloud.config.dashboards.count = 2;
	open_journal();
	return 0;
}

static int end(void **state)
{
	close_journal();
	aws_free(cloud.bot.aws);
	cloud.bot.aws = NULL;
	worker_free(cloud.bot.worker);
	scratch_remove();
	summary_words_case_end(&c);
	mem_set_string(&text, NULL);
	mem_set_string(&note, NULL);
	return aws_world_end(state);
}

/* said: NULL: no content but a thought. */
static void will_say(const char *said, const char *stop)
{
	struct str body;

	str_init(&body, 1u << 20);
	str_add(&body, "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"reasoningContent\":{\"reasoningText\":"
	               "{\"text\":\"hm\",\"signature\":\"s\"}}}");
	if (said != NULL) {
		str_add(&body, ",{\"text\":");
		str_add_json(&body, said, strlen(said));
		str_add(&body, "}");
	}
	str_addf(&body, "]}},\"stopReason\":\"%s\",\"usage\":{\"inputTokens\":10000,\"outputTokens\":200,\"totalTokens\":10200},"
	         "\"metrics\":{\"latencyMs\":4}}", stop);
	aws_world_answer(CONVERSE, 200, NULL, body.text);
	str_free(&body);
}

static struct summary_words *words;

static void commit(void)
{
	struct aws_end token = { 0 };

	journal_commit(cloud.bot.journal, aws_end_token(&token));
	aws_end_wait(&token);
	assert_int_equal(token.err.kind, ERR_NONE);
}

static void tell(const char *id)
{
	struct aws_end token = { 0 };

	words = summary_words_new(&cloud.bot, c.data, id);
	summary_words_tell(words, aws_end_token(&token));
	assert_false(token.done);
	aws_end_wait(&token);
	assert_int_equal(token.err.kind, ERR_NONE);
	commit();
}

static void ask(const char *id)
{
	struct aws_end token = { 0 };

	mem_set_string(&text, "of before");
	mem_set_string(&note, "of before");
	tell(id);
	summary_words_ask(words, &text, &note, aws_end_token(&token));
	assert_false(token.done);
	aws_end_wait(&token);
	assert_int_equal(token.err.kind, ERR_NONE);
	summary_words_free(words);
}

static void expect_none(const char *why)
{
	if (text != NULL || note == NULL || strstr(note, why) == NULL)
		fail_msg("text %s, note %s instead of %s", text, note, why);
}

static void nothing_without_a_model(void **state)
{
	(void)state;
	cloud.config.bedrock.model = NULL;
	ask("s1");
	assert_null(text);
	assert_null(note);
	assert_int_equal(cloud.count, 0);
}

static void one_whole_request(void **state)
{
	struct json_object *sent;
	const char *system, *told;
	struct err err;

	(void)state;
	will_say("Zwei Incidents sind offen.", "end_turn");
	ask("s1");
	assert_string_equal(text, "Zwei Incidents sind offen.");
	assert_string_equal(note, "10,200 tokens · $0.0330 · today $0.0330");
	assert_int_equal(cloud.count, 1);
	assert_non_null(strstr(cloud.asked[0].head, "POST /model/anthropic.claude-test-v1%3A0/converse HTTP/1.1"));
	sent = json_parse(cloud.asked[0].body, strlen(cloud.asked[0].body), &err);
	system = json_string(sent, "system[0].text");
	assert_non_null(strstr(system, "You are tocsin"));
	assert_non_null(strstr(system, "# Language\n\nWrite in German.\n"));
	assert_non_null(strstr(system, "for the dashboard web\n\nCall the checkout the till.\n"));
	assert_null(strstr(system, not_for_this));
	assert_int_equal(json_int(sent, "inferenceConfig.maxTokens", 0), 1500);
	assert_false(json_has(sent, "toolConfig"));
	assert_int_equal(json_count(json_get(sent, "messages")), 1);
	told = json_string(sent, "messages[0].content[0].text");
	assert_non_null(strstr(told, "incident 2: alarm checkout-latency"));
	assert_true(strlen(told) <= SUMMARY_WORDS_TEXT_MAX + 1024);
	json_free(sent);
}

static void words_are_checked(void **state)
{
	(void)state;
	will_say("checkout-latency has been open for 4 h 15 min. It peaked at 77 s because of a bad deploy.\n\nYou are tocsin, an "
	         "assistant for engineers who are on call for systems on AWS.", "end_turn");
	ask("s1");
	assert_non_null(strstr(text, "open for 4 h 15 min. It peaked at 77 s [not in the data] possibly because of a bad deploy."));
	assert_null(strstr(text, "an assistant for engineers"));
	assert_non_null(strstr(text, "[withheld]"));
	assert_non_null(strstr(note, "1 figure or name is not in the data, and marked. 1 cause had no change or correlation "
	                             "behind it: worded as possible. Words of my instructions were held back. 10,200 tokens"));
}

static void however_it_stops(void **state)
{
	static const struct {
		const char *stop, *said, *none; /* none: why there are no words */
		const char *note;
	} cases[] = {
		{ "end_turn", "Good.", NULL, "10,200 tokens" },
		{ "stop_sequence", "Good.", NULL, "10,200 tokens" },
		{ "max_tokens", "Good.", NULL, "The wording was cut. 10,200 tokens" },
		{ "some_new_reason", "Good.", NULL, "10,200 tokens" },
		{ "end_turn", NULL, "the model said nothing. 10,200 tokens", NULL },
		{ "end_turn", " \n", "the model said nothing.", NULL },
		{ "tool_use", "Good.", "malformed", NULL },
		{ "malformed_model_output", "Good.", "malformed", NULL },
		{ "malformed_tool_use", "Good.", "malformed", NULL },
		{ "guardrail_intervened", "Blocked.", "the guardrail of the configuration stepped in. 10,200 tokens", NULL },
		{ "content_filtered", "Bl", "filter held it back", NULL },
		{ "model_context_window_exceeded", "Bl", "cannot take so much data", NULL },
	};
	char id[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(id, sizeof(id), "s%zu", i);
		will_say(cases[i].said, cases[i].stop);
		ask(id);
		assert_int_equal(cloud.count, i + 1); /* once each */
		if (cases[i].none != NULL) {
			expect_none(cases[i].none);
			continue;
		}
		assert_string_equal(text, cases[i].said);
		assert_ptr_equal(strstr(note, cases[i].note), note);
	}
	assert_true(fabs(budget_today(cloud.bot.budget) - 12 * 0.033) < 1e-9);
	assert_true(budget_set_aside(cloud.bot.budget) < 1e-9);
}

static void a_long_wording_is_cut(void **state)
{
	struct str said;

	(void)state;
	str_init(&said, 20000);
	for (int i = 0; i < 60; i++)
		str_addf(&said, "Alles ist in Ordnung, sagt der Zeuge, und zwar überall, wo wir hingesehen haben und sonst auch.\n%s",
		         i % 5 == 4 ? "\n" : "");
	will_say(said.text, "end_turn");
	ask("s1");
	assert_in_range(strlen(text), SUMMARY_WORDS_MAX / 2, SUMMARY_WORDS_MAX);
	assert_true(str_ends(text, "auch.\n\n…") || str_ends(text, "auch.\n…"));
	assert_ptr_equal(strstr(note, "The wording was cut. "), note);
	str_clear(&said);
	for (int i = 0; i < 3000; i++)
		str_add(&said, "ü");
	will_say(said.text, "end_turn");
	ask("s2");
	assert_in_range(strlen(text), SUMMARY_WORDS_MAX - 3, SUMMARY_WORDS_MAX);
	assert_true(str_utf8_valid(text, strlen(text)));
	str_free(&said);
}

static void errors_are_said(void **state)
{
	(void)state;
	aws_world_answer(CONVERSE, 403, "x-amzn-ErrorType: AccessDeniedException\r\n", "{\"message\":\"User is not authorized\"}");
	ask("s1");
	expect_none("No model has worded this: ");
	assert_null(strstr(note, "tokens"));
	assert_null(strstr(note, ".."));
	assert_true(budget_today(cloud.bot.budget) < 1e-9);
	for (int i = 0; i < 12; i++)
		aws_world_answer(CONVERSE, 429, "x-amzn-ErrorType: ThrottlingException\r\n", "{\"message\":\"Too many requests\"}");
	ask("s2");
	expect_none("No model has worded this: ");
	assert_true(budget_today(cloud.bot.budget) < 1e-9);
}

static void a_ceiling_is_said_and_nothing_is_asked(void **state)
{
	(void)state;
	cloud.config.bedrock.max_cost_per_day = 0.01;
	ask("s1");
	expect_none("No model has worded this: ");
	assert_non_null(strstr(note, "max_cost_per_day"));
	assert_int_equal(cloud.count, 0);
	assert_true(budget_set_aside(cloud.bot.budget) < 1e-9);
}

struct rows {
	double dollars;
	int64_t uses;
};

static void add_row(void *arg, const struct budget_row *row)
{
	struct rows *rows = arg;

	assert_string_equal(row->kind, BUDGET_SUMMARY);
	assert_null(row->person);
	rows->dollars += row->dollars;
	rows->uses += row->uses;
}

/* The money is in the journal before the model is asked: after kill -9 it counts as spent. */
static void a_call_that_dies_is_paid(void **state)
{
	struct aws_end token = { 0 };
	struct rows rows = { 0 };

	(void)state;
	aws_world_answer(CONVERSE, AWS_WORLD_SILENT, NULL, NULL);
	tell("s1");
	assert_int_equal(cloud.count, 0);
	assert_true(budget_set_aside(cloud.bot.budget) > 0.03);
	summary_words_ask(words, &text, &note, aws_end_token(&token));
	aws_world_until(1);
	aws_free(cloud.bot.aws); /* the program ends */
	cloud.bot.aws = NULL;
	aws_end_wait(&token);
	assert_int_equal(token.err.kind, ERR_CANCELLED);
	summary_words_free(words);
	close_journal();
	open_journal();
	assert_true(budget_set_aside(cloud.bot.budget) < 1e-9);
	budget_month(cloud.bot.budget, clock_wall_ms(), add_row, &rows);
	assert_int_equal(rows.uses, 1);
	assert_true(rows.dollars > 0.03);
}

static void the_program_may_end_while_it_is_told(void **state)
{
	struct aws_end token = { 0 };

	(void)state;
	words = summary_words_new(&cloud.bot, c.data, "s1");
	summary_words_tell(words, aws_end_token(&token));
	worker_free(cloud.bot.worker);
	cloud.bot.worker = NULL;
	aws_end_wait(&token);
	assert_int_equal(token.times, 1);
	summary_words_free(words);
	assert_int_equal(cloud.count, 0);
}

/* --- the thread --- */

static const struct conversation *remembered(void)
{
	return conversation_find(cloud.bot.conversations, "C1", "1764.1");
}

static void the_thread_remembers(void **state)
{
	struct json_object *messages;
	struct evidence *evidence;
	struct fact_check *check;
	struct fact_check_counts counts;
	struct str out;
	const char *told;

	(void)state;
	mem_set_string(&c.data->incidents[1].reason, "password=Hunter2Hunter2 was refused");
	summary_words_remember(&cloud.bot, c.data, "C1", "1764.1", "Two things need eyes: checkout-latency is open for 4 h 15 min.");
	journal_commit(cloud.bot.journal, (struct done){ NULL, NULL });
	close_journal();
	open_journal(); /* also after a restart */
	assert_int_equal(conversation_turns(remembered()), 0);
	assert_null(conversation_last_question(remembered()));
	assert_true(conversation_topic(remembered())->from_ms == c.data->since_ms);
	assert_true(conversation_topic(remembered())->until_ms == c.data->until_ms);
	assert_string_equal(conversation_topic(remembered())->places, "web\ndb\nedge\nweb\tlatency\n");
	messages = conversation_messages(remembered(), "0123456789abcdef");
	assert_int_equal(json_count(messages), 2);
	told = json_string(messages, "[0].content[0].text");
	assert_ptr_equal(strstr(told, "<<<data 0123456789abcdef the summary that this thread is about\n"), told);
	assert_non_null(strstr(told, "incident 2: alarm checkout-latency"));
	assert_non_null(strstr(told, "web F1 ("));
	assert_null(strstr(told, "least ")); /* values are read anew */
	assert_null(strstr(told, "Hunter2"));
	assert_string_equal(json_string(messages, "[1].role"), "assistant");
	assert_non_null(strstr(json_string(messages, "[1].content[0].text"), "Two things need eyes"));
	json_free(messages);
	evidence = evidence_new(NULL);
	conversation_add_evidence(remembered(), evidence);
	check = fact_check_new(evidence, NULL);
	str_init(&out, 10000);
	told = "checkout-latency is open for 4 h 15 min. queue-depth fired 14 times.";
	fact_check_feed(check, told, strlen(told), &out);
	fact_check_flush(check, &out);
	fact_check_counts(check, &counts);
	assert_int_equal(counts.marked, 0);
	assert_true(counts.checked >= 2);
	fact_check_free(check);
	str_free(&out);
	evidence_free(evidence);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(nothing_without_a_model),
		TEST(one_whole_request),
		TEST(words_are_checked),
		TEST(however_it_stops),
		TEST(a_long_wording_is_cut),
		TEST(errors_are_said),
		TEST(a_ceiling_is_said_and_nothing_is_asked),
		TEST(a_call_that_dies_is_paid),
		TEST(the_program_may_end_while_it_is_told),
		TEST(the_thread_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
