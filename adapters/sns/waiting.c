#include "adapters/sns/waiting.h"

#include <stdlib.h>

#include "bot/mem.h"

struct waiting_one {
	struct waiting_one *next;
	struct done done;
};

void waiting_add(struct waiting *waiting, struct done done)
{
	struct waiting_one *one = mem_alloc(sizeof(*one));
	struct waiting_one **end = &waiting->first;

	one->done = done;
	while (*end != NULL)
		end = &(*end)->next;
	*end = one;
	waiting->count++;
}

void waiting_complete(struct waiting *waiting, const struct err *err)
{
	struct waiting_one *one = waiting->first;

	*waiting = (struct waiting){ 0 };
	while (one != NULL) {
		struct waiting_one *next = one->next;

		one->done.fn(one->done.arg, err);
		free(one);
		one = next;
	}
}
