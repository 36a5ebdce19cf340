/* bot/answer_check.c: the check of an answer off the loop's thread is the check itself, in order, and ends rightly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "bot/answer_check.h"
#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/series.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "tests/unit/support/turn.h"

#define MINUTE INT64_C(60000)
#define ANSWER "CPU was 41 %, at most 97 % on web-1. It was 12 % before. Because of the deploy it rose. And so on.\n"

struct scene {
	struct loop *loop;
	struct worker *worker;
	struct answer_check *check;
	pthread_t loop_thread;
	sem_t gate, begun;
	struct str said;
	unsigned ends;
	enum err_kind kind; /* of the last end */
	size_t said_then;   /* so much was said when it came */
};

static struct scene scene;

static void say(void *arg, const char *text, size_t length)
{
	struct scene *s = arg;

	assert_true(pthread_equal(pthread_self(), s->loop_thread));
	str_add_bytes(&s->said, text, length);
}

static int begin(void **state)
{
	(void)state;
	scene = (struct scene){ .loop = turn_new_loop(), .loop_thread = pthread_self() };
	scene.worker = worker_new(scene.loop);
	scene.check = answer_check_new(scene.loop, scene.worker, NULL, NULL, say, &scene);
	(void)sem_init(&scene.gate, 0, 0);
	(void)sem_init(&scene.begun, 0, 0);
	str_init(&scene.said, 1 << 20);
	return 0;
}

static int end(void **state)
{
	(void)state;
	worker_free(scene.worker);
	answer_check_free(scene.check);
	loop_free(scene.loop);
	str_free(&scene.said);
	(void)sem_destroy(&scene.gate);
	(void)sem_destroy(&scene.begun);
	return 0;
}

static void ended(void *arg, const struct err *err)
{
	(void)arg;
	assert_true(pthread_equal(pthread_self(), scene.loop_thread));
	scene.ends++;
	scene.kind = err == NULL ? ERR_NONE : err->kind;
	scene.said_then = scene.said.length;
}

static bool have_ended(void *arg)
{
	return scene.ends == *(unsigned *)arg;
}

static void wait_ends(unsigned count)
{
	turn_until(scene.loop, have_ended, &count);
}

static const struct done end_token = { ended, NULL };

/* All evidence that there is for ANSWER. */
static void add_evidence(void)
{
	struct series series;

	answer_check_add_text(scene.check, "CPU was 41 %");
	answer_check_add_name(scene.check, "web-1");
	series_make_empty(&series, 0, MINUTE, 2);
	series.values[0] = 12;
	series.values[1] = 97;
	answer_check_add_series(scene.check, "CPU", &series, 0, 2 * MINUTE, "Percent");
	series_free(&series);
	answer_check_add_reason(scene.check, "ada: deploy of web");
}

/* The check itself, at once. */
static char *judged(const char *text)
{
	struct evidence *evidence = evidence_new(NULL);
	struct fact_check *check = fact_check_new(evidence, NULL);
	struct str out;

	str_init(&out, 1 << 20);
	fact_check_feed(check, text, strlen(text), &out);
	fact_check_flush(check, &out);
	fact_check_free(check);
	evidence_free(evidence);
	return str_take(&out);
}

static void test_evidence_of_every_kind_comes_before_what_is_fed_later(void **state)
{
	struct fact_check_counts counts;

	(void)state;
	add_evidence();
	answer_check_feed(scene.check, ANSWER, strlen(ANSWER));
	assert_int_equal(scene.said.length, 0); /* never at once */
	answer_check_flush(scene.check, end_token);
	assert_int_equal(scene.ends, 0);
	wait_ends(1);
	assert_string_equal(scene.said.text, ANSWER);
	answer_check_counts(scene.check, &counts);
	assert_true(counts.checked >= 4);
	assert_int_equal(counts.marked, 0);
	answer_check_feed(scene.check, "It was 555 % later. ", 20);
	answer_check_flush(scene.check, end_token);
	wait_ends(2);
	answer_check_counts(scene.check, &counts);
	assert_int_equal(counts.marked, 1);
}

static void test_a_long_answer_is_judged_in_pieces_as_if_at_once(void **state)
{
	char *expected;
	struct str text;

	(void)state;
	str_init(&text, 1 << 20);
	while (text.length < 20000)
		str_addf(&text, "It took %zu ms on host-%zu, né? ", text.length, text.length);
	expected = judged(text.text);
	answer_check_feed(scene.check, text.text, text.length - 9000);
	for (size_t i = text.length - 9000; i < text.length; i++)
		answer_check_feed(scene.check, text.text + i, 1);
	answer_check_flush(scene.check, end_token);
	wait_ends(1);
	assert_int_equal(scene.said_then, scene.said.length);
	assert_string_equal(scene.said.text, expected);
	assert_non_null(strstr(expected, FACT_CHECK_MARK));
	free(expected);
	str_free(&text);
}

static void test_a_sentence_apart(void **state)
{
	char *sentence = mem_copy_string("It was at 41 % and 42 %."), *none = NULL;

	(void)state;
	answer_check_add_text(scene.check, "CPU was 41 %");
	answer_check_apart(scene.check, &sentence);
	answer_check_apart(scene.check, &none);
	answer_check_flush(scene.check, end_token);
	wait_ends(1);
	assert_string_equal(sentence, "It was at 41 % and 42 %" FACT_CHECK_MARK ".");
	assert_null(none);
	assert_int_equal(scene.said.length, 0);
	free(sentence);
}

static void learn(void *arg, struct evidence *evidence)
{
	assert_false(pthread_equal(pthread_self(), scene.loop_thread));
	evidence_text(evidence, arg);
}

static void hold(void *arg, struct evidence *evidence)
{
	(void)arg;
	(void)evidence;
	(void)sem_post(&scene.begun);
	(void)sem_wait(&scene.gate);
}

static void test_work_has_its_turn(void **state)
{
	char known[] = "CPU was 41 %";

	(void)state;
	answer_check_feed(scene.check, "It was 41 %. ", 13);
	answer_check_work(scene.check, learn, known, end_token);
	answer_check_feed(scene.check, "It was 41 %. ", 13);
	answer_check_flush(scene.check, end_token);
	wait_ends(2);
	assert_string_equal(scene.said.text, "It was 41 %" FACT_CHECK_MARK ". It was 41 %. ");
}

static void test_after_the_stop_nothing_is_said(void **state)
{
	(void)state;
	answer_check_work(scene.check, hold, NULL, end_token);
	(void)sem_wait(&scene.begun);
	answer_check_feed(scene.check, ANSWER, strlen(ANSWER));
	answer_check_stop(scene.check);
	answer_check_feed(scene.check, ANSWER, strlen(ANSWER));
	answer_check_flush(scene.check, end_token);
	(void)sem_post(&scene.gate);
	wait_ends(2);
	assert_int_equal(scene.kind, ERR_NONE);
	assert_int_equal(scene.said.length, 0);
}

static void test_the_end_of_the_program_ends_all(void **state)
{
	(void)state;
	answer_check_work(scene.check, hold, NULL, end_token);
	(void)sem_wait(&scene.begun);
	answer_check_feed(scene.check, ANSWER, strlen(ANSWER));
	answer_check_flush(scene.check, end_token);
	answer_check_work(scene.check, hold, NULL, end_token);
	(void)sem_post(&scene.gate);
	worker_free(scene.worker); /* waits for the one that runs */
	scene.worker = NULL;
	assert_int_equal(scene.ends, 3);
	assert_int_equal(scene.kind, ERR_CANCELLED);
	assert_int_equal(scene.said.length, 0);
}

static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static bool wait_gate(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	(void)sem_post(&scene.begun);
	(void)sem_wait(&scene.gate);
	return true;
}

static void ignored(void *arg, const struct err *err)
{
	(void)arg;
	(void)err;
}

static void test_a_full_worker_is_tried_again(void **state)
{
	(void)state;
	worker_run(scene.worker, wait_gate, NULL, (struct done){ ignored, NULL });
	for (int i = 1; i < WORKER_QUEUE_MAX; i++)
		worker_run(scene.worker, nothing, NULL, (struct done){ ignored, NULL });
	answer_check_feed(scene.check, "Well. ", 6);
	answer_check_flush(scene.check, end_token);
	(void)sem_wait(&scene.begun);
	turn_for(scene.loop, 5);
	assert_int_equal(scene.ends, 0);
	(void)sem_post(&scene.gate);
	wait_ends(1);
	assert_int_equal(scene.kind, ERR_NONE);
	assert_string_equal(scene.said.text, "Well. ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_evidence_of_every_kind_comes_before_what_is_fed_later),
		TEST(test_a_long_answer_is_judged_in_pieces_as_if_at_once),
		TEST(test_a_sentence_apart),
		TEST(test_work_has_its_turn),
		TEST(test_after_the_stop_nothing_is_said),
		TEST(test_the_end_of_the_program_ends_all),
		TEST(test_a_full_worker_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
