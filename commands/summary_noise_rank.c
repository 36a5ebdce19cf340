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

struct ranking {
	struct summary_noise *noise;
	struct incident **items; /* those that changed since */
	size_t count;
	int64_t heard_ms; /* the first change of all that are known: somebody listened from then on; 0: none */
	size_t room;      /* rows */
};

static void look_at(void *arg, struct incident *incident)
{
	struct ranking *r = arg;
	int64_t first_ms = incident->opened_ms != 0 ? incident->opened_ms : incident->changed_ms;

	if (r->heard_ms == 0 || first_ms < r->heard_ms)
		r->heard_ms = first_ms;
	if (incident->changed_ms < r->noise->from_ms)
		return;
	r->items = mem_resize(r->items, (r->count + 1) * sizeof(struct incident *));
	r->items[r->count++] = incident;
}

static int by_alarm(const void *a, const void *b)
{
	const struct incident *first = *(struct incident *const *)a, *second = *(struct incident *const *)b;
	int order = strcmp(first->fingerprint, second->fingerprint);

	return order != 0 ? order : (first->fired_ms > second->fired_ms) - (first->fired_ms < second->fired_ms);
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

/* NULL: it hardly fired. */
static struct summary_noise_past *look_back(const struct ranking *r, struct incident *const *items, size_t count)
{
	struct summary_noise_past *past;
	struct changes all = { 0 };
	int64_t changes = 0;

	for (size_t i = 0; i < count; i++)
		changes += items[i]->changes;
	if (changes < FIRINGS_LEAST)
		return NULL;
	past = mem_alloc(sizeof(*past));
	past->since_ms = r->noise->from_ms;
	if (r->heard_ms - HEARD_SLACK_MS > past->since_ms)
		past->since_ms = r->heard_ms - HEARD_SLACK_MS;
	for (size_t i = 0; i < count; i++)
		add_changes(&all, past, items[i]);
	qsort(all.items, all.count, sizeof(*all.items), by_time);
	find_firings(past, r->noise, &all);
	free(all.items);
	if (past->seen_count >= FIRINGS_LEAST) {
		fields_copy(alarm_fields, &past->alarm, &items[count - 1]->alarm);
		return past;
	}
	free_past(past);
	return NULL;
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

static void add_row(struct ranking *r, struct summary_noise_past *past, const struct incident *newest)
{
	struct summary_noise *noise = r->noise;

	if (noise->count == r->room) {
		r->room = r->room == 0 ? 16 : r->room * 2;
		noise->rows = mem_resize(noise->rows, r->room * sizeof(*noise->rows));
	}
	noise->rows[noise->count++] = (struct summary_noise_row){
		.alarm = mem_copy_string(newest->alarm.name == NULL ? "?" : newest->alarm.name),
		.fingerprint = mem_copy_string(newest->fingerprint),
		.incident = mem_copy_string(newest->id),
		.firings = past->seen_count,
		.past = past,
	};
}

static void add_rows(struct ranking *r)
{
	size_t next;

	for (size_t i = 0; i < r->count; i = next) {
		struct summary_noise_past *past;

		for (next = i + 1; next < r->count; next++)
			if (strcmp(r->items[i]->fingerprint, r->items[next]->fingerprint) != 0)
				break;
		past = look_back(r, r->items + i, next - i);
		if (past != NULL)
			add_row(r, past, r->items[next - 1]);
	}
}

static int noisiest_first(const void *a, const void *b)
{
	const struct summary_noise_row *first = a, *second = b;
	int order = (first->firings < second->firings) - (first->firings > second->firings);

	if (order == 0)
		order = strcmp(first->alarm, second->alarm);
	return order != 0 ? order : strcmp(first->fingerprint, second->fingerprint);
}

static void cut(struct summary_noise *noise)
{
	while (noise->count > SUMMARY_NOISE_MAX) {
		free_row(&noise->rows[--noise->count]);
		noise->left_out++;
	}
}

struct summary_noise *summary_noise_new(struct bot *bot, int64_t from_ms, int64_t until_ms)
{
	struct summary_noise *noise = mem_alloc(sizeof(*noise));
	struct ranking r = { .noise = noise };

	noise->from_ms = from_ms;
	noise->until_ms = until_ms;
	incidents_each(bot->incidents, look_at, &r);
	if (r.count > 0)
		qsort(r.items, r.count, sizeof(struct incident *), by_alarm);
	add_rows(&r);
	free(r.items);
	if (noise->count > 0)
		qsort(noise->rows, noise->count, sizeof(*noise->rows), noisiest_first);
	cut(noise);
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
