#include "bot/silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/alarm.h"
#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/fields.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"

#define KIND "silence"
#define LAST_KIND "silence_last" /* its one document: the newest id, so that no button ends another's silence */
#define LAST_KEY "last"
#define LOOK_EVERY_MS 60000
#define DOCUMENT_MAX (16u << 10)

static const struct field fields[] = {
	FIELD(FIELD_STRING, silence, id),
	FIELD(FIELD_STRING, silence, pattern),
	FIELD(FIELD_STRING, silence, fingerprint),
	FIELD(FIELD_STRING, silence, by),
	FIELD(FIELD_STRING, silence, reason),
	FIELD(FIELD_INT, silence, from_ms),
	FIELD(FIELD_INT, silence, until_ms),
	FIELDS_END,
};

struct silences {
	struct bot *bot;
	struct silence *items[SILENCES_MAX]; /* ending soonest first */
	size_t count;
	int64_t last_id;
	struct loop_timer *timer;
	void (*ended)(void *arg, const struct silence *silence);
	void *ended_arg;
};

void silence_free(struct silence *silence)
{
	if (silence == NULL)
		return;
	fields_free(fields, silence);
	free(silence);
}

static void put(struct silences *silences, const char *kind, const char *key, const char *members)
{
	struct str text;

	str_init(&text, DOCUMENT_MAX);
	str_addf(&text, "{%s}", members);
	journal_put(silences->bot->journal, kind, key, text.text);
	str_free(&text);
}

static void save(struct silences *silences, const struct silence *silence)
{
	char last[STR_INT_SIZE + 8];
	struct str members;

	str_init(&members, DOCUMENT_MAX);
	fields_print(fields, silence, &members);
	put(silences, KIND, silence->id, members.text);
	str_free(&members);
	(void)snprintf(last, sizeof(last), "\"id\":%lld", (long long)silences->last_id);
	put(silences, LAST_KIND, LAST_KEY, last);
}

static void count_them(const struct silences *silences)
{
	metrics_gauge("tocsin_silences", NULL, NULL, (int64_t)silences->count);
}

static void insert(struct silences *silences, struct silence *silence)
{
	size_t at = silences->count++;

	for (; at > 0 && silences->items[at - 1]->until_ms > silence->until_ms; at--)
		silences->items[at] = silences->items[at - 1];
	silences->items[at] = silence;
	count_them(silences);
}

/* Out of the list and of the journal's open batch. */
static struct silence *take(struct silences *silences, size_t at)
{
	struct silence *silence = silences->items[at];

	silences->count--;
	memmove(&silences->items[at], &silences->items[at + 1], (silences->count - at) * sizeof(silences->items[0]));
	journal_delete(silences->bot->journal, KIND, silence->id);
	count_them(silences);
	return silence;
}

static void set_timer(struct silences *silences)
{
	int64_t left_ms;

	if (silences->count == 0) {
		loop_timer_stop(silences->timer);
		return;
	}
	left_ms = silences->items[0]->until_ms - clock_wall_ms();
	loop_timer_set(silences->timer, left_ms < LOOK_EVERY_MS ? left_ms : LOOK_EVERY_MS);
}

/* Also one that ends farther off than any may: the clock was ahead when it began. */
static bool is_over(const struct silence *silence, int64_t now_ms)
{
	return silence->until_ms <= now_ms || silence->until_ms - now_ms > SILENCE_LONGEST_MS;
}

static size_t first_over(const struct silences *silences, int64_t now_ms)
{
	size_t at = 0;

	while (at < silences->count && !is_over(silences->items[at], now_ms))
		at++;
	return at;
}

static void look(void *arg)
{
	struct silences *silences = arg;
	bool any = false;
	size_t at;

	while ((at = first_over(silences, clock_wall_ms())) < silences->count) {
		struct silence *silence = take(silences, at);

		log_event(LOG_INFO, "silence.over", "silence", silence->id, "alarms", silence->pattern, NULL);
		if (silences->ended != NULL)
			silences->ended(silences->ended_arg, silence);
		silence_free(silence);
		any = true;
	}
	if (any)
		journal_commit(silences->bot->journal, (struct done){ NULL, NULL });
	set_timer(silences);
}

struct silences *silences_new(struct bot *bot)
{
	struct silences *silences = mem_alloc(sizeof(*silences));

	silences->bot = bot;
	silences->timer = loop_timer_new(bot->loop, look, silences);
	return silences;
}

void silences_free(struct silences *silences)
{
	if (silences == NULL)
		return;
	for (size_t i = 0; i < silences->count; i++)
		silence_free(silences->items[i]);
	loop_timer_free(silences->timer);
	free(silences);
}

void silences_on_end(struct silences *silences, void (*ended)(void *arg, const struct silence *silence), void *arg)
{
	silences->ended = ended;
	silences->ended_arg = arg;
}

static void load_one(void *arg, const char *key, const char *text, int64_t revision)
{
	struct silences *silences = arg;
	struct silence *silence = mem_alloc(sizeof(*silence));
	struct json_object *json;
	struct err err;

	(void)revision;
	json = json_parse(text, strlen(text), &err);
	if (json != NULL)
		fields_load(fields, silence, json);
	json_free(json);
	if (silence->id == NULL || silence->pattern == NULL || silence->by == NULL ||
	    silences->count == SILENCES_MAX) {
		journal_damage_unreadable(KIND, key);
		silence_free(silence);
		return;
	}
	insert(silences, silence);
}

static void load_last(void *arg, const char *key, const char *text, int64_t revision)
{
	struct silences *silences = arg;
	struct json_object *json;
	struct err err;

	(void)key;
	(void)revision;
	json = json_parse(text, strlen(text), &err);
	if (json != NULL)
		silences->last_id = json_int(json, "id", 0);
	json_free(json);
}

bool silences_load(struct silences *silences, struct err *err)
{
	struct journal *journal = silences->bot->journal;

	if (!journal_load(journal, KIND, load_one, silences, err) ||
	    !journal_load(journal, LAST_KIND, load_last, silences, err))
		return false;
	set_timer(silences);
	return true;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_for_same(const struct silence *a, const struct silence *b)
{
	return same(a->fingerprint, b->fingerprint) && (a->fingerprint != NULL || same(a->pattern, b->pattern));
}

static bool may_add(const struct silences *silences, const struct silence *draft, size_t replaced, int64_t now_ms,
                    struct err *err)
{
	if (draft->until_ms <= now_ms)
		return err_set(err, ERR_REFUSED, "That time is over already.");
	if (draft->until_ms - now_ms > SILENCE_LONGEST_MS)
		return err_set(err, ERR_REFUSED, "A silence lasts 7 days at most: 168h. An alarm that nobody wants to "
		               "hear for longer is better changed or deleted in CloudWatch.");
	if (strlen(draft->pattern) > SILENCE_PATTERN_MAX)
		return err_set(err, ERR_REFUSED, "No alarm has a name of more than 255 characters.");
	if (silences->count - replaced == SILENCES_MAX)
		return err_set(err, ERR_REFUSED, "There are %d silences already: end some, or use a pattern such as "
		               "checkout-*.", SILENCES_MAX);
	return true;
}

static char *new_id(struct silences *silences)
{
	char id[STR_INT_SIZE];

	(void)str_format_int(id, ++silences->last_id);
	return mem_copy_string(id);
}

const struct silence *silences_add(struct silences *silences, const struct silence *draft, struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	struct silence *silence;
	size_t earlier = 0;

	while (earlier < silences->count && !is_for_same(silences->items[earlier], draft))
		earlier++;
	if (!may_add(silences, draft, earlier < silences->count ? 1 : 0, now_ms, err))
		return NULL;
	if (earlier < silences->count)
		silence_free(take(silences, earlier));
	silence = mem_alloc(sizeof(*silence));
	fields_copy(fields, silence, draft);
	free(silence->id);
	silence->id = new_id(silences);
	silence->from_ms = now_ms;
	insert(silences, silence);
	save(silences, silence);
	set_timer(silences);
	log_event(LOG_INFO, "silence.begun", "silence", silence->id, "alarms", silence->pattern, "user", silence->by,
	          NULL);
	return silence;
}

static size_t index_of(const struct silences *silences, const char *id)
{
	size_t at = 0;

	while (at < silences->count && strcmp(silences->items[at]->id, id) != 0)
		at++;
	return at;
}

struct silence *silences_end(struct silences *silences, const char *id)
{
	size_t at = index_of(silences, id);
	struct silence *silence;

	if (at == silences->count)
		return NULL;
	silence = take(silences, at);
	set_timer(silences);
	log_event(LOG_INFO, "silence.ended", "silence", silence->id, "alarms", silence->pattern, NULL);
	return silence;
}

bool silence_is_for(const struct silence *silence, const struct alarm *alarm)
{
	char *fingerprint;
	bool is;

	if (alarm->name == NULL)
		return false;
	if (silence->fingerprint == NULL)
		return str_glob(silence->pattern, alarm->name);
	if (strcmp(silence->pattern, alarm->name) != 0)
		return false;
	fingerprint = alarm_fingerprint(alarm);
	is = strcmp(fingerprint, silence->fingerprint) == 0;
	free(fingerprint);
	return is;
}

const struct silence *silences_find(const struct silences *silences, const struct alarm *alarm)
{
	int64_t now_ms;

	if (silences == NULL || silences->count == 0)
		return NULL;
	now_ms = clock_wall_ms();
	for (size_t i = silences->count; i-- > 0;)
		if (!is_over(silences->items[i], now_ms) && silence_is_for(silences->items[i], alarm))
			return silences->items[i];
	return NULL;
}

const struct silence *silences_get(const struct silences *silences, const char *id)
{
	size_t at = index_of(silences, id);

	return at < silences->count && !is_over(silences->items[at], clock_wall_ms()) ? silences->items[at] : NULL;
}

void silences_each(const struct silences *silences, void (*each)(void *arg, const struct silence *silence), void *arg)
{
	int64_t now_ms = clock_wall_ms();

	for (size_t i = 0; silences != NULL && i < silences->count; i++)
		if (!is_over(silences->items[i], now_ms))
			each(arg, silences->items[i]);
}
