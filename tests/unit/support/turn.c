#include "tests/unit/support/turn.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "bot/loop.h"

#define PATIENCE_MS 300000 /* valgrind on a busy machine */

struct turn {
	struct loop *loop;
	bool (*so)(void *arg);
	void *arg;
	bool late;
};

static struct turn *present;
static char directory[256];

static void look(void *arg)
{
	(void)arg;
	if (present != NULL && present->so(present->arg))
		loop_stop(present->loop);
}

struct loop *turn_new_loop(void)
{
	struct err err;
	struct loop *loop = loop_new(&err);

	if (loop == NULL)
		fail_msg("%s", err.text);
	loop_on_pass(loop, look, NULL);
	return loop;
}

static void give_up(void *arg)
{
	struct turn *turn = arg;

	turn->late = true;
	loop_stop(turn->loop);
}

static void turn_with_limit(struct turn *turn, int64_t ms)
{
	struct loop_timer *timer = loop_timer_new(turn->loop, give_up, turn);

	present = turn;
	loop_timer_set(timer, ms);
	loop_run(turn->loop);
	present = NULL;
	loop_timer_free(timer);
}

void turn_until(struct loop *loop, bool (*so)(void *arg), void *arg)
{
	struct turn turn = { .loop = loop, .so = so, .arg = arg };

	if (so(arg))
		return;
	turn_with_limit(&turn, PATIENCE_MS);
	assert_false(turn.late);
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

void turn_for(struct loop *loop, int64_t ms)
{
	struct turn turn = { .loop = loop, .so = never };

	turn_with_limit(&turn, ms);
}

void scratch_make(void)
{
	const char *parent = getenv("TMPDIR");

	(void)snprintf(directory, sizeof(directory), "%s/tocsin-test-XXXXXX",
	               parent != NULL ? parent : P_tmpdir);
	assert_non_null(mkdtemp(directory));
}

const char *scratch_path(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	char *path = paths[next++ % 4];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

void scratch_remove(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlink(scratch_path(entry->d_name));
	(void)closedir(dir);
	assert_int_equal(rmdir(directory), 0);
}
