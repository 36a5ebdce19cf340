/* waiters.h - those who wait for one answer that serves them all. */
#ifndef ADAPTERS_JIRA_WAITERS_H
#define ADAPTERS_JIRA_WAITERS_H

struct err;

struct waiter {
	struct waiter *next;
	void (*fn)(void *arg, const struct err *err);
	void *arg;
};

void jira_waiters_add(struct waiter **list, void (*fn)(void *arg, const struct err *err), void *arg);
/* Calls all, in order; those added meanwhile wait for the next time. */
void jira_waiters_call(struct waiter **list, const struct err *err);

#endif
