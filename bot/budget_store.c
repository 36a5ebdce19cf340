#include "bot/budget_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bot/clock.h"
#include "bot/fields.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define RESERVATION "reservation"
#define COST "cost"
#define ANSWER "answer_cost"
#define TEXT_MAX (16u << 10) /* ids and a model's name are a small part of it */
#define MONTHS_KEPT 13
#define ANSWER_DAYS_KEPT 1

static const struct field reservation_fields[] = {
	FIELD(FIELD_STRING, budget_reservation, id),
	FIELD(FIELD_STRING, budget_reservation, kind),
	FIELD(FIELD_STRING, budget_reservation, model),
	FIELD(FIELD_STRING, budget_reservation, person),
	FIELD(FIELD_STRING, budget_reservation, answer),
	FIELD(FIELD_INT, budget_reservation, day),
	FIELD(FIELD_INT, budget_reservation, bytes),
	FIELD(FIELD_INT, budget_reservation, input),
	FIELD(FIELD_INT, budget_reservation, output),
	FIELD(FIELD_NUMBER, budget_reservation, dollars),
	FIELD(FIELD_NUMBER, budget_reservation, price_input),
	FIELD(FIELD_NUMBER, budget_reservation, price_output),
	FIELD(FIELD_NUMBER, budget_reservation, price_cache_read),
	FIELD(FIELD_NUMBER, budget_reservation, price_cache_write),
	FIELDS_END,
};

static const struct field cost_fields[] = {
	FIELD(FIELD_STRING, budget_cost, person),
	FIELD(FIELD_STRING, budget_cost, kind),
	FIELD(FIELD_STRING, budget_cost, model),
	FIELD(FIELD_INT, budget_cost, day),
	FIELD(FIELD_INT, budget_cost, uses),
	FIELD(FIELD_INT, budget_cost, guessed),
	FIELD(FIELD_INT, budget_cost, unpriced),
	FIELD(FIELD_INT, budget_cost, input),
	FIELD(FIELD_INT, budget_cost, output),
	FIELD(FIELD_INT, budget_cost, cache_read),
	FIELD(FIELD_INT, budget_cost, cache_write),
	FIELD(FIELD_NUMBER, budget_cost, dollars),
	FIELDS_END,
};

static const struct field answer_fields[] = {
	FIELD(FIELD_STRING, budget_answer, id),
	FIELD(FIELD_INT, budget_answer, day),
	FIELD(FIELD_NUMBER, budget_answer, dollars),
	FIELDS_END,
};

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void put(struct budget_store *store, const char *kind, const char *key, const struct field *fields,
                const void *object)
{
	struct str text;

	str_init(&text, TEXT_MAX);
	str_add_char(&text, '{');
	fields_print(fields, object, &text);
	str_add_char(&text, '}');
	journal_put(store->journal, kind, key, text.text);
	str_free(&text);
}

/* --- reservations --- */

struct budget_reservation *budget_store_find(const struct budget_store *store, const char *id)
{
	struct budget_reservation *reservation = store->reservations;

	while (reservation != NULL && strcmp(reservation->id, id) != 0)
		reservation = reservation->next;
	return reservation;
}

void budget_store_free_reservation(struct budget_reservation *reservation)
{
	fields_free(reservation_fields, reservation);
	free(reservation);
}

static void keep_reservation(struct budget_store *store, struct budget_reservation *reservation)
{
	reservation->next = store->reservations;
	store->reservations = reservation;
}

void budget_store_add(struct budget_store *store, struct budget_reservation *reservation)
{
	keep_reservation(store, reservation);
	put(store, RESERVATION, reservation->id, reservation_fields, reservation);
}

void budget_store_drop(struct budget_store *store, struct budget_reservation *reservation)
{
	struct budget_reservation **slot = &store->reservations;

	while (*slot != reservation)
		slot = &(*slot)->next;
	*slot = reservation->next;
	journal_delete(store->journal, RESERVATION, reservation->id);
	budget_store_free_reservation(reservation);
}

/* --- costs --- */

static void free_cost(struct budget_cost *cost)
{
	fields_free(cost_fields, cost);
	free(cost->key);
	free(cost);
}

/* A model's ARN may be longer than a key: the document's name is its day and a number. */
static char *new_key(struct budget_store *store, int64_t day)
{
	char date[CLOCK_TEXT_SIZE], key[64];

	clock_format_iso(day * BUDGET_STORE_DAY_MS, date);
	(void)snprintf(key, sizeof(key), "%.10s.%lld", date, (long long)++store->last_number);
	return mem_copy_string(key);
}

struct budget_cost *budget_store_cost(struct budget_store *store, const struct budget_reservation *reservation)
{
	struct budget_cost *cost;

	for (cost = store->costs; cost != NULL; cost = cost->next)
		if (cost->day == reservation->day && same(cost->person, reservation->person) &&
		    same(cost->kind, reservation->kind) && same(cost->model, reservation->model))
			return cost;
	cost = mem_alloc(sizeof(*cost));
	cost->key = new_key(store, reservation->day);
	cost->person = mem_copy_string(reservation->person);
	cost->kind = mem_copy_string(reservation->kind);
	cost->model = mem_copy_string(reservation->model);
	cost->day = reservation->day;
	cost->next = store->costs;
	store->costs = cost;
	return cost;
}

void budget_store_put_cost(struct budget_store *store, const struct budget_cost *cost)
{
	put(store, COST, cost->key, cost_fields, cost);
}

/* --- answers --- */

static void free_answer(struct budget_answer *answer)
{
	fields_free(answer_fields, answer);
	free(answer->last_id);
	free(answer->last_model);
	free(answer);
}

struct budget_answer *budget_store_find_answer(const struct budget_store *store, const char *id)
{
	struct budget_answer *answer = store->answers;

	while (answer != NULL && strcmp(answer->id, id) != 0)
		answer = answer->next;
	return answer;
}

struct budget_answer *budget_store_answer(struct budget_store *store, const char *id)
{
	struct budget_answer *answer = budget_store_find_answer(store, id);

	if (answer != NULL)
		return answer;
	answer = mem_alloc(sizeof(*answer));
	answer->id = mem_copy_string(id);
	answer->next = store->answers;
	store->answers = answer;
	return answer;
}

void budget_store_put_answer(struct budget_store *store, const struct budget_answer *answer)
{
	put(store, ANSWER, answer->id, answer_fields, answer);
}

/* --- forgetting --- */

int64_t budget_store_month(int64_t day)
{
	time_t seconds = (time_t)(day * BUDGET_STORE_DAY_MS / 1000);
	struct tm tm = { 0 };

	(void)gmtime_r(&seconds, &tm);
	return tm.tm_year * INT64_C(12) + tm.tm_mon;
}

static bool is_open(const struct budget_store *store, const struct budget_answer *answer)
{
	for (const struct budget_reservation *r = store->reservations; r != NULL; r = r->next)
		if (same(r->answer, answer->id))
			return true;
	return false;
}

void budget_store_forget(struct budget_store *store, int64_t today)
{
	int64_t month = budget_store_month(today);
	struct budget_answer **answer = &store->answers;
	struct budget_cost **cost = &store->costs;

	if (today == store->forgotten_day)
		return;
	store->forgotten_day = today;
	while (*cost != NULL) {
		struct budget_cost *old = *cost;

		if (month - budget_store_month(old->day) <= MONTHS_KEPT) {
			cost = &old->next;
			continue;
		}
		*cost = old->next;
		journal_delete(store->journal, COST, old->key);
		free_cost(old);
	}
	while (*answer != NULL) {
		struct budget_answer *old = *answer;

		if (today - old->day <= ANSWER_DAYS_KEPT || is_open(store, old)) {
			answer = &old->next;
			continue;
		}
		*answer = old->next;
		journal_delete(store->journal, ANSWER, old->id);
		free_answer(old);
	}
}

/* --- loading --- */

/* Every document has dollars: a sum that is no number would lift the ceilings. */
static struct json_object *read_document(const char *kind, const char *key, const char *text)
{
	struct err err;
	struct json_object *json = json_parse(text, strlen(text), &err);

	if (json != NULL && isfinite(json_number(json, "dollars", (double)NAN)))
		return json;
	journal_damage_unreadable(kind, key);
	json_free(json);
	return NULL;
}

static void load_reservation(void *arg, const char *key, const char *text, int64_t revision)
{
	struct budget_reservation *reservation;
	struct json_object *json = read_document(RESERVATION, key, text);

	(void)revision;
	if (json == NULL)
		return;
	reservation = mem_alloc(sizeof(*reservation));
	fields_load(reservation_fields, reservation, json);
	mem_set_string(&reservation->id, key);
	keep_reservation(arg, reservation);
	json_free(json);
}

static void load_cost(void *arg, const char *key, const char *text, int64_t revision)
{
	struct budget_store *store = arg;
	struct json_object *json = read_document(COST, key, text);
	const char *dot = strchr(key, '.');
	int64_t number = dot == NULL ? 0 : strtoll(dot + 1, NULL, 10);
	struct budget_cost *cost;

	(void)revision;
	if (number > store->last_number)
		store->last_number = number;
	if (json == NULL)
		return;
	cost = mem_alloc(sizeof(*cost));
	fields_load(cost_fields, cost, json);
	cost->key = mem_copy_string(key);
	cost->next = store->costs;
	store->costs = cost;
	json_free(json);
}

static void load_answer(void *arg, const char *key, const char *text, int64_t revision)
{
	struct budget_store *store = arg;
	struct json_object *json = read_document(ANSWER, key, text);
	struct budget_answer *answer;

	(void)revision;
	if (json == NULL)
		return;
	answer = mem_alloc(sizeof(*answer));
	fields_load(answer_fields, answer, json);
	mem_set_string(&answer->id, key);
	answer->next = store->answers;
	store->answers = answer;
	json_free(json);
}

bool budget_store_load(struct budget_store *store, struct err *err)
{
	return journal_load(store->journal, COST, load_cost, store, err) &&
	       journal_load(store->journal, ANSWER, load_answer, store, err) &&
	       journal_load(store->journal, RESERVATION, load_reservation, store, err);
}

void budget_store_free(struct budget_store *store)
{
	for (struct budget_reservation *r = store->reservations, *next; r != NULL; r = next) {
		next = r->next;
		budget_store_free_reservation(r);
	}
	for (struct budget_cost *cost = store->costs, *next; cost != NULL; cost = next) {
		next = cost->next;
		free_cost(cost);
	}
	for (struct budget_answer *answer = store->answers, *next; answer != NULL; answer = next) {
		next = answer->next;
		free_answer(answer);
	}
}
