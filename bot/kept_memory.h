/*
 * kept_memory.h - how much free memory malloc keeps for its next use, and when it gives it back.
 *
 * Answers of a megabyte come by the hundred, and each would be mapped and given back by itself: a fifth of what reading
 * and judging them costs would be page faults. So much is kept instead, and given back once a minute: a summary in one
 * thread and a picture in another would else each hold the most that they ever needed.
 */
#ifndef BOT_KEPT_MEMORY_H
#define BOT_KEPT_MEMORY_H

struct kept_memory;
struct loop;
struct worker;

void kept_memory_begin(void); /* of the whole process, before there are threads */
struct kept_memory *kept_memory_new(struct loop *loop, struct worker *worker);
/* After the worker, which may be at it. NULL: none. */
void kept_memory_free(struct kept_memory *kept);

#endif
