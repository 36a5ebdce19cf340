#include "adapters/jira/waiters.h"

#include <stdlib.h>

#include "bot/mem.h"

void jira_waiters_add(struct waiter **list, void (*fn)(void *arg, const struct err *err), void *arg)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = mem_alloc(sizeof(**list));
	(*list)->fn = fn;
	(*list)->arg = arg;
}

void jira_waiters_call(struct waiter **list, const struct err *err)
{
	struct waiter *first = *list;

	*list = NULL;
	while (first != NULL) {
		struct waiter *next = first->next;

		first->fn(first->arg, err);
		free(first);
		first = next;
	}
}
