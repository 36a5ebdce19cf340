/* incident_find.c - one incident by its message, and all of them in the order of their age. */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "bot/incident_store.h"
#include "bot/mem.h"

struct visit {
	void (*each)(void *arg, struct incident *incident);
	void *arg;
};

static void visit_node(const void *node, VISIT order, void *closure)
{
	const struct visit *visit = closure;

	if (order == postorder || order == leaf)
		visit->each(visit->arg, *(struct incident *const *)node);
}

size_t incidents_open_count(const struct incidents *incidents)
{
	return incidents->open_count;
}

void incidents_each(struct incidents *incidents, void (*each)(void *arg, struct incident *incident), void *arg)
{
	struct visit visit = { each, arg };

	twalk_r(incidents->by_id, visit_node, &visit);
}

static void keep_newest_open(void *arg, struct incident *incident)
{
	struct incident **newest = arg;

	if (incident_is_open(incident) && (*newest == NULL || incident->fired_ms > (*newest)->fired_ms))
		*newest = incident;
}

struct incident *incidents_newest_open(struct incidents *incidents)
{
	struct incident *newest = NULL;

	incidents_each(incidents, keep_newest_open, &newest);
	return newest;
}

static int compare_messages(const void *a, const void *b)
{
	const struct incident *one = a, *other = b;
	int order = strcmp(one->message, other->message);

	return order != 0 ? order : strcmp(one->channel, other->channel);
}

void incident_find_index(struct incidents *incidents, struct incident *incident)
{
	if (incident->message == NULL || incident->channel == NULL)
		return;
	if (tsearch(incident, &incidents->by_message, compare_messages) == NULL)
		mem_none_left();
}

void incident_find_forget(struct incidents *incidents, const struct incident *incident)
{
	struct incident **slot;

	if (incident->message == NULL || incident->channel == NULL)
		return;
	slot = tfind(incident, &incidents->by_message, compare_messages);
	if (slot != NULL && *slot == incident)
		(void)tdelete(incident, &incidents->by_message, compare_messages);
}

void incident_set_message(struct incidents *incidents, struct incident *incident, const char *message)
{
	incident_find_forget(incidents, incident);
	mem_set_string(&incident->message, message);
	incident_find_index(incidents, incident);
	incident_save(incidents, incident);
}

/* By an index: every click and every line of a thread asks, and a walk through ten thousand took milliseconds. */
struct incident *incidents_find_message(struct incidents *incidents, const char *channel, const char *message)
{
	struct incident probe = { .message = mem_copy_string(message), .channel = mem_copy_string(channel) };
	struct incident **slot = NULL;

	if (channel != NULL && message != NULL)
		slot = tfind(&probe, &incidents->by_message, compare_messages);
	free(probe.message);
	free(probe.channel);
	return slot == NULL ? NULL : *slot;
}
