/* Which alarms fired most, by the incidents' history. */
#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/incident.h"
#include "bot/incident_history.h"
#include "bot/mem.h"
#include "commands/summary_noise_private.h"

#define FIRINGS_LEAST 3
/* The first change that was ever heard is recorded a little later than its metric shows it. */
#define HEARD_SLACK_MS ((int64_t)10 * 60 * 1000)

/* An incident whose alarm fired in the time that is told. */
struct fired {
	uint64_t hash; /* of the fingerprint: most comparisons need no more */
	struct incident *incident;
	size_t firings;
};

/* All of one alarm: neighbours among them. */
struct group {
	size_t first, count, firings;
};

struct ranking {
	struct summary_noise *noise;
	struct fired *items;
	size_t count, room;
	struct group *groups; /* those that fired often enough */
	size_t group_count;
	int64_t heard_ms; /* the first change of all that are known: somebody listened from then on; 0: none */
};

/* FNV-1a */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash;
}

static void look_at(void *arg, struct incident *incident)
{
	struct ranking *r = arg;
	int64_t first_ms = incident->opened_ms != 0 ? incident->opened_ms : incident->changed_ms;
	size_t firings;

	if (r->heard_ms == 0 || first_ms < r->heard_ms)
		r->heard_ms = first_ms;
	if (incident->changed_ms < r->noise->from_ms)
		return;
	firings = incident_history_count(incident, r->noise->from_ms, r->noise->until_ms);
	if (firings == 0)
		return;
	if (r->count == r->room) {
		r->room = r->room == 0 ? 64 : r->room * 2;
		r->items = mem_resize(r->items, r->room * sizeof(*r->items));
	}
	r->items[r->count++] = (struct fired){ hash_of(incident->fingerprint), incident, firings };
}

static bool is_same_alarm(const struct fired *a, const struct fired *b)
{
	return a->hash == b->hash && strcmp(a->incident->fingerprint, b->incident->fingerprint) == 0;
}

static int by_alarm(const void *a, const void *b)
{
	const struct fired *first = a, *second = b;
	int order;

	if (first->hash != second->hash)
		return first->hash < second->hash ? -1 : 1;
	order = strcmp(first->incident->fingerprint, second->incident->fingerprint);
	return order != 0 ? order : (first->incident->fired_ms > second->incident->fired_ms) -
	                            (first->incident->fired_ms < second->incident->fired_ms);
}

static void find_groups(struct ranking *r)
{
	if (r->count == 0)
		return;
	qsort(r->items, r->count, sizeof(*r->items), by_alarm);
	r->groups = mem_alloc(r->count * sizeof(*r->groups));
	for (size_t i = 0; i < r->count;) {
		struct group group = { .first = i };

		while (i < r->count && is_same_alarm(&r->items[group.first], &r->items[i]))
			group.firings += r->items[i++].firings;
		group.count = i - group.first;
		if (group.firings >= FIRINGS_LEAST)
			r->groups[r->group_count++] = group;
	}
}

/* --- the firings of one alarm --- */

struct changes {
	struct recent_change *items;
	size_t count;
};

static int by_time(const void *a, const void *b)
{
	const struct recent_change *first = a, *second = b;

	if (first->at_ms != second->at_ms)
		return first->at_ms < second->at_ms ? -1 : 1;
	return (first->state == RECENT_ACTED[0]) - (second->state == RECENT_ACTED[0]);
}

/* Before it was noted when people act: somebody approved something, and it may have been for any firing. */
static bool acted_at_some_time(const struct incident *incident)
{
	return incident->acts == 0 && incident->decision != NULL && strcmp(incident->decision, "approved") == 0;
}

static void add_act(struct changes *all, int64_t at_ms)
{
	all->items[all->count++] = (struct recent_change){ at_ms, RECENT_ACTED[0] };
}

static void add_changes(struct changes *all, struct summary_noise_past *past, const struct incident *incident)
{
	bool acted = acted_at_some_time(incident);
	size_t count;
	struct recent_change *own = incident_history_take(incident, &count);

	if (!incident_history_is_whole(incident, count) && count > 0 && own[0].at_ms > past->since_ms)
		past->since_ms = own[0].at_ms;
	all->items = mem_resize(all->items, (all->count + 2 * count + 2) * sizeof(*all->items));
	for (size_t i = 0; i < count; i++) {
		all->items[all->count++] = own[i];
		if (acted && own[i].state == ALARM_STATE_ALARM[0])
			add_act(all, own[i].at_ms);
	}
	if (incident->holder != NULL)
		add_act(all, incident->held_ms);
	free(own);
}

/*
 * An alarm that sends no OK has only ALARM after ALARM: each began anew. Where it ended is then where the next one
 * begins. What somebody did was about the newest firing.
 */
static void find_firings(struct summary_noise_past *past, const struct summary_noise *noise, const struct changes *all)
{
	struct noise_seen *last = NULL;

	past->seen = mem_alloc((all->count + 1) * sizeof(*past->seen));
	for (size_t i = 0; i < all->count; i++) {
		const struct recent_change *change = &all->items[i];

		if (change->state == RECENT_ACTED[0]) {
			if (last != NULL)
				last->acted = true;
			continue;
		}
		if (last != NULL && last->to_ms == 0)
			last->to_ms = change->at_ms;
		if (change->state != ALARM_STATE_ALARM[0])
			continue;
		last = NULL;
		if (change->at_ms < noise->from_ms || change->at_ms >= noise->until_ms)
			continue;
		last = &past->seen[past->seen_count++];
		*last = (struct noise_seen){ .from_ms = change->at_ms };
	}
}

static void free_past(struct summary_noise_past *past)
{
	if (past == NULL)
		return;
	fields_free(alarm_fields, &past->alarm);
	free(past->seen);
	free(past);
}

static struct summary_noise_past *look_back(const struct ranking *r, const struct group *group)
{
	struct summary_noise_past *past = mem_alloc(sizeof(*past));
	const struct incident *newest = r->items[group->first + group->count - 1].incident;
	struct changes all = { 0 };

	past->since_ms = r->noise->from_ms;
	if (r->heard_ms - HEARD_SLACK_MS > past->since_ms)
		past->since_ms = r->heard_ms - HEARD_SLACK_MS;
	for (size_t i = 0; i < group->count; i++)
		add_changes(&all, past, r->items[group->first + i].incident);
	qsort(all.items, all.count, sizeof(*all.items), by_time);
	find_firings(past, r->noise, &all);
	free(all.items);
	fields_copy(alarm_fields, &past->alarm, &newest->alarm);
	return past;
}

/* --- all of them --- */

static void free_row(struct summary_noise_row *row)
{
	free(row->alarm);
	free(row->fingerprint);
	free(row->incident);
	free(row->text);
	if (row->is_judged)
		noise_report_free(&row->report);
	free_past(row->past);
}

static void add_row(const struct ranking *r, const struct group *group)
{
	const struct incident *newest = r->items[group->first + group->count - 1].incident;
	struct summary_noise_past *past = look_back(r, group);

	if (past->seen_count < FIRINGS_LEAST) { /* some were counted twice */
		free_past(past);
		return;
	}
	r->noise->rows[r->noise->count++] = (struct summary_noise_row){
		.alarm = mem_copy_string(newest->alarm.name == NULL ? "?" : newest->alarm.name),
		.fingerprint = mem_copy_string(newest->fingerprint),
		.incident = mem_copy_string(newest->id),
		.firings = past->seen_count,
		.past = past,
	};
}

static int noisiest_first(const void *a, const void *b, void *items)
{
	const struct group *first = a, *second = b;
	const struct fired *fired = items;

	if (first->firings != second->firings)
		return first->firings > second->firings ? -1 : 1;
	return strcmp(fired[first->first].incident->fingerprint, fired[second->first].incident->fingerprint);
}

struct summary_noise *summary_noise_new(struct bot *bot, int64_t from_ms, int64_t until_ms)
{
	struct summary_noise *noise = mem_alloc(sizeof(*noise));
	struct ranking r = { .noise = noise };

	noise->from_ms = from_ms;
	noise->until_ms = until_ms;
	noise->rows = mem_alloc(SUMMARY_NOISE_MAX * sizeof(*noise->rows));
	incidents_each(bot->incidents, look_at, &r);
	find_groups(&r);
	if (r.group_count > 0)
		qsort_r(r.groups, r.group_count, sizeof(*r.groups), noisiest_first, r.items);
	for (size_t i = 0; i < r.group_count && i < SUMMARY_NOISE_MAX; i++)
		add_row(&r, &r.groups[i]);
	noise->left_out = r.group_count > SUMMARY_NOISE_MAX ? r.group_count - SUMMARY_NOISE_MAX : 0;
	free(r.groups);
	free(r.items);
	return noise;
}

void summary_noise_free(struct summary_noise *noise)
{
	if (noise == NULL)
		return;
	for (size_t i = 0; i < noise->count; i++)
		free_row(&noise->rows[i]);
	free(noise->rows);
	free(noise);
}
