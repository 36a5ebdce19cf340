/* turn.h - a real loop, turned by a test until something is so; and a directory to work in. */
#ifndef TESTS_TURN_H
#define TESTS_TURN_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* A new loop that the functions below can turn. */
struct loop *turn_new_loop(void);

/* Turns the loop until so(arg). Fails the test after a minute: far beyond any real need. */
void turn_until(struct loop *loop, bool (*so)(void *arg), void *arg);
/* Turns the loop for a while, for what must not happen. */
void turn_for(struct loop *loop, int64_t ms);

/* A fresh directory. scratch_path: a file in it; valid until the next but three such calls. */
void scratch_make(void);
const char *scratch_path(const char *name);
void scratch_remove(void); /* with the files in it */

#endif
