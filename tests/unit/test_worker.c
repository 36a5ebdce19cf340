/* bot/worker.c: off the loop's thread, in order, bounded, and each job is told its end exactly once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bot/loop.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "tests/unit/support/turn.h"

#define JOBS (WORKER_QUEUE_MAX + 3)

struct scene;

struct job {
	struct scene *scene;
	int number;
	bool fails;
	enum err_kind kind; /* what its end said */
	unsigned times;
};

struct scene {
	struct loop *loop;
	struct worker *worker;
	pthread_t loop_thread;
	sem_t gate, begun; /* the job `hold` waits at the gate */
	struct str ran, ended;
	struct job jobs[JOBS];
	unsigned ends;
};

static struct scene *scene;

static int begin(void **state)
{
	static struct scene fresh;

	(void)state;
	memset(&fresh, 0, sizeof(fresh));
	scene = &fresh;
	scene->loop = turn_new_loop();
	scene->worker = worker_new(scene->loop);
	scene->loop_thread = pthread_self();
	(void)sem_init(&scene->gate, 0, 0);
	(void)sem_init(&scene->begun, 0, 0);
	str_init(&scene->ran, 1 << 14);
	str_init(&scene->ended, 1 << 14);
	for (int i = 0; i < JOBS; i++)
		scene->jobs[i] = (struct job){ .scene = scene, .number = i };
	return 0;
}

static int end(void **state)
{
	(void)state;
	worker_free(scene->worker);
	loop_free(scene->loop);
	str_free(&scene->ran);
	str_free(&scene->ended);
	(void)sem_destroy(&scene->gate);
	(void)sem_destroy(&scene->begun);
	return 0;
}

static bool work(void *arg, struct err *err)
{
	struct job *job = arg;

	if (pthread_equal(pthread_self(), job->scene->loop_thread))
		return err_set(err, ERR_LOCAL, "on the loop's thread");
	str_addf(&job->scene->ran, "%d ", job->number);
	return !job->fails || err_set(err, ERR_USAGE, "job %d", job->number);
}

static bool hold(void *arg, struct err *err)
{
	struct job *job = arg;

	(void)sem_post(&job->scene->begun);
	(void)sem_wait(&job->scene->gate);
	return work(arg, err);
}

static void told(void *arg, const struct err *err)
{
	struct job *job = arg;

	assert_true(pthread_equal(pthread_self(), job->scene->loop_thread));
	job->times++;
	job->kind = err == NULL ? ERR_NONE : err->kind;
	job->scene->ends++;
	str_addf(&job->scene->ended, "%d ", job->number);
}

static void submit(int number, bool (*fn)(void *arg, struct err *err))
{
	struct job *job = &scene->jobs[number];

	worker_run(scene->worker, fn, job, (struct done){ told, job });
	assert_int_equal(job->times, 0);
}

static bool all_ended(void *arg)
{
	return scene->ends == *(unsigned *)arg;
}

static void test_jobs_run_in_order_elsewhere_and_end_on_the_loop(void **state)
{
	unsigned count = 4;

	(void)state;
	scene->jobs[2].fails = true;
	for (int i = 0; i < 4; i++)
		submit(i, work);
	turn_until(scene->loop, all_ended, &count);
	assert_string_equal(scene->ran.text, "0 1 2 3 ");
	assert_string_equal(scene->ended.text, "0 1 2 3 ");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(scene->jobs[i].kind, i == 2 ? ERR_USAGE : ERR_NONE);
		assert_int_equal(scene->jobs[i].times, 1);
	}
}

static void test_a_full_queue_refuses_at_once_and_takes_again_later(void **state)
{
	unsigned refused = 2, all = WORKER_QUEUE_MAX + 3;

	(void)state;
	submit(0, hold);
	for (int i = 1; i < WORKER_QUEUE_MAX + 2; i++)
		submit(i, work);
	turn_until(scene->loop, all_ended, &refused);
	assert_string_equal(scene->ended.text, "256 257 ");
	assert_int_equal(scene->jobs[WORKER_QUEUE_MAX].kind, ERR_RETRY);
	assert_int_equal(scene->jobs[WORKER_QUEUE_MAX + 1].kind, ERR_RETRY);
	(void)sem_post(&scene->gate);
	all--;
	turn_until(scene->loop, all_ended, &all);
	assert_int_equal(scene->jobs[WORKER_QUEUE_MAX - 1].kind, ERR_NONE);
	submit(WORKER_QUEUE_MAX + 2, work);
	all++;
	turn_until(scene->loop, all_ended, &all);
	assert_int_equal(scene->jobs[WORKER_QUEUE_MAX + 2].kind, ERR_NONE);
}

static void *open_gate(void *arg)
{
	struct timespec little = { .tv_nsec = 20 * 1000 * 1000 };

	(void)arg;
	(void)nanosleep(&little, NULL); /* worker_free has begun by then; later would do as well */
	(void)sem_post(&scene->gate);
	return NULL;
}

static void test_the_end_waits_for_one_and_cancels_the_others(void **state)
{
	pthread_t opener;

	(void)state;
	submit(0, hold);
	for (int i = 1; i <= WORKER_QUEUE_MAX; i++) /* the last one is refused; nothing turns the loop */
		submit(i, work);
	(void)sem_wait(&scene->begun);
	assert_int_equal(pthread_create(&opener, NULL, open_gate, NULL), 0);
	worker_free(scene->worker);
	scene->worker = NULL;
	(void)pthread_join(opener, NULL);
	assert_string_equal(scene->ran.text, "0 ");
	assert_int_equal(scene->jobs[0].kind, ERR_NONE);
	for (int i = 1; i <= WORKER_QUEUE_MAX; i++) {
		assert_int_equal(scene->jobs[i].kind, i == WORKER_QUEUE_MAX ? ERR_RETRY : ERR_CANCELLED);
		assert_int_equal(scene->jobs[i].times, 1);
	}
	turn_for(scene->loop, 5); /* nothing comes afterwards */
	assert_int_equal(scene->ends, WORKER_QUEUE_MAX + 1);
}

/* In a child: no descriptor is left for a thread's bell. */
static void test_a_thread_that_cannot_be_made_ends_the_process_with_a_word(void **state)
{
	struct loop *loop;
	char words[512] = "";
	size_t length = 0;
	int ends[2], status;
	ssize_t got;
	pid_t child;

	(void)state;
	if (getenv("TOCSIN_UNDER_VALGRIND") != NULL)
		skip(); /* it imposes no limit of descriptors */
	loop = turn_new_loop(); /* and no other thread, whose locks the child would inherit */
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		(void)setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
		(void)loop_worker_new(loop, "none");
		_exit(0);
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], words + length, sizeof(words) - 1 - length)) > 0)
		length += (size_t)got;
	(void)close(ends[0]);
	loop_free(loop);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(words, "error memory.none_left why=\"the system refused memory, a thread or a descriptor: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_jobs_run_in_order_elsewhere_and_end_on_the_loop, begin, end),
		cmocka_unit_test_setup_teardown(test_a_full_queue_refuses_at_once_and_takes_again_later, begin, end),
		cmocka_unit_test_setup_teardown(test_the_end_waits_for_one_and_cancels_the_others, begin, end),
		cmocka_unit_test(test_a_thread_that_cannot_be_made_ends_the_process_with_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
