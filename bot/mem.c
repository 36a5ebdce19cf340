#include "bot/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/log.h"

#define SMALL_MAX 1024

struct mem_piece {
	struct mem_piece *before;
	void *bytes;
};

void mem_none_left(void)
{
	log_last_words("memory.none_left", "the system refused memory, a thread or a descriptor: raise the limits of "
	                                   "this process, and start it again. It goes on where it was");
	abort();
}

/* glibc's calloc passes by what a thread keeps ready of small blocks; large ones it gets zeroed from the kernel. */
void *mem_alloc(size_t size)
{
	void *bytes = size > SMALL_MAX ? calloc(1, size) : malloc(size > 0 ? size : 1);

	if (bytes == NULL)
		mem_none_left();
	if (size <= SMALL_MAX)
		memset(bytes, 0, size);
	return bytes;
}

void *mem_resize(void *old, size_t size)
{
	void *bytes = realloc(old, size > 0 ? size : 1);

	if (bytes == NULL)
		mem_none_left();
	return bytes;
}

char *mem_copy_bytes(const void *bytes, size_t length)
{
	char *copy = mem_resize(NULL, length + 1);

	if (length > 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

char *mem_copy_string(const char *text)
{
	return text == NULL ? NULL : mem_copy_bytes(text, strlen(text));
}

void mem_set_string(char **slot, const char *text)
{
	char *copy;

	if (*slot != NULL && text != NULL && strcmp(*slot, text) == 0)
		return;
	copy = mem_copy_string(text); /* first: text may be a part of the old value */
	free(*slot);
	*slot = copy;
}

void mem_adopt(struct mem *mem, void *piece)
{
	struct mem_piece *node = mem_alloc(sizeof(*node));

	node->bytes = piece;
	node->before = mem->last;
	mem->last = node;
}

void *mem_zalloc(struct mem *mem, size_t size)
{
	void *bytes = mem_alloc(size);

	mem_adopt(mem, bytes);
	return bytes;
}

char *mem_strdup(struct mem *mem, const char *text)
{
	char *copy = mem_copy_string(text);

	if (copy != NULL)
		mem_adopt(mem, copy);
	return copy;
}

char *mem_printf(struct mem *mem, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	int length;

	va_start(args, format);
	length = vasprintf(&text, format, args);
	va_end(args);
	if (length < 0)
		mem_none_left();
	mem_adopt(mem, text);
	return text;
}

void mem_free_all(struct mem *mem)
{
	while (mem->last != NULL) {
		struct mem_piece *node = mem->last;

		mem->last = node->before;
		free(node->bytes);
		free(node);
	}
}
