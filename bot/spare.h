/*
 * spare.h - blocks of one size that are kept for their next use instead of going back to malloc.
 *
 * For what many messages at once need and then give back: more of it than malloc keeps ready at hand, so that its slow
 * path would run for each. One thread at a time. Under AddressSanitizer nothing is kept, so that it sees what is used
 * after its end.
 */
#ifndef BOT_SPARE_H
#define BOT_SPARE_H

#include <stddef.h>

struct spare {
	size_t size; /* of a block, at least that of a pointer */
	size_t most; /* that are kept */
	size_t count;
	void *first;
};

/* Not zeroed; spare_give() it, or free() it. */
void *spare_take(struct spare *spare);
void spare_give(struct spare *spare, void *block);
void spare_free_all(struct spare *spare);

#endif
