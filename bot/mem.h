/*
 * mem.h - memory that cannot fail, and scopes that are freed at once.
 *
 * Running out of memory aborts, with one line in the log: the supervisor restarts the process and the journal resumes
 * the work, which is a better state than a half-built answer.
 */
#ifndef BOT_MEM_H
#define BOT_MEM_H

#include <stddef.h>

/* For whoever was refused memory by a library, or by the system what is made of it and without which nothing goes on
 * (a thread, a descriptor of its own): says so and aborts. */
_Noreturn void mem_none_left(void);
void *mem_alloc(size_t size);                 /* zeroed; free() it */
void *mem_resize(void *old, size_t size);     /* realloc(); new bytes are not zeroed */
char *mem_copy_string(const char *text);      /* NULL gives NULL; free() it */
char *mem_copy_bytes(const void *bytes, size_t length); /* adds a NUL; free() it */
void mem_set_string(char **slot, const char *text);     /* frees the old value; copies the new */

/* A scope: many pieces, one end. Each piece is its own malloc, so that ASan sees every overrun. */
struct mem {
	struct mem_piece *last;
};

void *mem_zalloc(struct mem *mem, size_t size);
char *mem_strdup(struct mem *mem, const char *text); /* NULL gives NULL */
char *mem_printf(struct mem *mem, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mem_adopt(struct mem *mem, void *piece);        /* free(piece) with the scope */
void mem_free_all(struct mem *mem);                  /* the scope may be used again */

#endif
