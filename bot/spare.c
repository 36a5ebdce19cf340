#include "bot/spare.h"

#include <stdlib.h>

#include "bot/mem.h"

#ifdef __clang__
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

void *spare_take(struct spare *spare)
{
	void *block = spare->first;

	if (block == NULL)
		return mem_resize(NULL, spare->size);
	spare->first = *(void **)block;
	spare->count--;
	return block;
}

void spare_give(struct spare *spare, void *block)
{
	if (SANITIZED || spare->count == spare->most) {
		free(block);
		return;
	}
	*(void **)block = spare->first;
	spare->first = block;
	spare->count++;
}

void spare_free_all(struct spare *spare)
{
	while (spare->count > 0)
		free(spare_take(spare));
}
