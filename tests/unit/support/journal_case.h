/* journal_case.h - a journal on a disk that obeys the test, and what its commits were told. */
#ifndef TESTS_JOURNAL_CASE_H
#define TESTS_JOURNAL_CASE_H

#include <stdbool.h>

#include "bot/err.h"
#include "bot/journal.h"

/* Of the test that runs. The file is scratch_path("db"). */
extern struct loop *case_loop;
extern struct journal *case_journal;

/* One commit's outcome. */
struct told {
	unsigned times;
	unsigned order; /* 1 for the first that was told since order_anew */
	enum err_kind kind;
	char text[256];
};

void case_tell(void *arg, const struct err *err); /* a done.fn; arg: struct told */
bool case_is_told(void *arg);                     /* for turn_until */
void case_commit(struct told *told);              /* told must live until it is told */
enum err_kind case_commit_and_wait(void);
void case_order_anew(void);

void case_open_it(void);
void case_reopen(void); /* closed properly and opened again */
/* "key=json@revision ..." of a kind, as the file has it. Valid until the next call. */
const char *case_contents(const char *kind);

int case_set_up(void **state);
int case_tear_down(void **state);

#endif
