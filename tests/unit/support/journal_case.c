#include "tests/unit/support/journal_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bot/clock.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/metrics.h"
#include "tests/unit/support/fake_disk.h"
#include "tests/unit/support/turn.h"

struct loop *case_loop;
struct journal *case_journal;

static unsigned order;

void case_tell(void *arg, const struct err *err)
{
	struct told *told = arg;

	told->times++;
	told->order = ++order;
	told->kind = err == NULL ? ERR_NONE : err->kind;
	(void)snprintf(told->text, sizeof(told->text), "%s", err == NULL ? "" : err->text);
}

void case_order_anew(void)
{
	order = 0;
}

bool case_is_told(void *arg)
{
	return ((struct told *)arg)->times > 0;
}

void case_commit(struct told *told)
{
	*told = (struct told){ 0 };
	journal_commit(case_journal, (struct done){ case_tell, told });
	assert_int_equal(told->times, 0);
}

enum err_kind case_commit_and_wait(void)
{
	struct told told;

	case_commit(&told);
	turn_until(case_loop, case_is_told, &told);
	assert_int_equal(told.times, 1);
	return told.kind;
}

static void no_line(const char *line)
{
	(void)line;
}

void case_open_it(void)
{
	struct err err;

	case_journal = journal_open(case_loop, scratch_path("db"), &err);
	if (case_journal == NULL)
		fail_msg("%s", err.text);
}

void case_reopen(void)
{
	journal_close(case_journal);
	case_open_it();
}

int case_set_up(void **state)
{
	(void)state;
	case_order_anew();
	log_sink(no_line);
	metrics_reset();
	clock_set_scale(0.001);
	scratch_make();
	fake_disk_install();
	case_loop = turn_new_loop();
	case_open_it();
	return 0;
}

int case_tear_down(void **state)
{
	(void)state;
	journal_close(case_journal);
	loop_free(case_loop);
	fake_disk_remove();
	scratch_remove();
	clock_set_scale(1.0);
	metrics_reset();
	log_sink(NULL);
	return 0;
}

static char found[4096];

static void add_found(void *arg, const char *key, const char *json, int64_t revision)
{
	size_t length = strlen(found);

	(void)arg;
	(void)snprintf(found + length, sizeof(found) - length, "%s%s=%s@%lld", length > 0 ? " " : "", key, json,
	               (long long)revision);
}

const char *case_contents(const char *kind)
{
	struct err err;

	found[0] = '\0';
	assert_true(journal_load(case_journal, kind, add_found, NULL, &err));
	return found;
}
