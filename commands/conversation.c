#include "commands/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "bot/bot.h"
#include "bot/clock.h"
#include "bot/config.h"
#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/fence.h"
#include "bot/journal.h"
#include "bot/journal_damage.h"
#include "bot/json.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/str.h"

#define KIND "conversation"
#define TURNS_MAX 20
#define BYTES_MAX (64u << 10)   /* of one conversation's texts */
#define QUESTION_MAX (12u << 10)
#define ANSWER_MAX (24u << 10)
#define CONTEXT_MAX (8u << 10)
#define CONVERSATIONS_MAX 1000  /* more: the one that rested longest is forgotten */
#define FORGET_EVERY_MS (3600 * 1000LL)
#define DOCUMENT_MAX (1u << 20)
#define INTERRUPTED "(This answer was interrupted and not shown whole.)"
#define POSTED "(I have posted this summary.)"

struct turn {
	char *question, *answer, *context; /* context NULL: none */
};

struct conversation {
	char *key;
	struct conversation_topic *topic; /* NULL: none */
	struct turn turns[TURNS_MAX]; /* oldest first */
	size_t count;
	int64_t last_ms; /* of the last question */
};

struct conversations {
	struct bot *bot;
	struct conversation **items; /* in no order */
	size_t count;
	struct loop_timer *forget_timer;
};

static void turn_free(struct turn *turn)
{
	free(turn->question);
	free(turn->answer);
	free(turn->context);
}

static void topic_free(struct conversation_topic *topic)
{
	if (topic == NULL)
		return;
	free(topic->text);
	free(topic->words);
	free(topic->places);
	free(topic);
}

static void conversation_free(struct conversation *conversation)
{
	topic_free(conversation->topic);
	for (size_t i = 0; i < conversation->count; i++)
		turn_free(&conversation->turns[i]);
	free(conversation->key);
	free(conversation);
}

static size_t length_of(const char *text)
{
	return text == NULL ? 0 : strlen(text);
}

static size_t bytes_of(const struct conversation *conversation)
{
	const struct conversation_topic *topic = conversation->topic;
	size_t bytes = 0;

	if (topic != NULL)
		bytes = length_of(topic->text) + length_of(topic->words) + length_of(topic->places);
	for (size_t i = 0; i < conversation->count; i++) {
		const struct turn *turn = &conversation->turns[i];

		bytes += length_of(turn->question) + length_of(turn->answer) + length_of(turn->context);
	}
	return bytes;
}

static void drop_oldest_turn(struct conversation *conversation)
{
	turn_free(&conversation->turns[0]);
	conversation->count--;
	memmove(conversation->turns, conversation->turns + 1, conversation->count * sizeof(struct turn));
}

static char *cut(const char *text, size_t most)
{
	return text == NULL ? NULL : mem_copy_bytes(text, str_utf8_prefix(text, strlen(text), most));
}

static void add_turn(struct conversation *conversation, const char *question, const char *answer,
                     const char *context)
{
	if (conversation->count == TURNS_MAX)
		drop_oldest_turn(conversation);
	conversation->turns[conversation->count++] = (struct turn){
		.question = cut(question, QUESTION_MAX), .answer = cut(answer, ANSWER_MAX),
		.context = cut(context, CONTEXT_MAX),
	};
	while (bytes_of(conversation) > BYTES_MAX) /* one alone always fits, beside a topic too */
		drop_oldest_turn(conversation);
}

static struct conversation_topic *copy_topic(const struct conversation_topic *topic)
{
	struct conversation_topic *copy = mem_alloc(sizeof(*copy));

	*copy = (struct conversation_topic){
		.text = cut(topic->text, CONVERSATION_TOPIC_TEXT_MAX),
		.words = cut(topic->words, CONVERSATION_TOPIC_WORDS_MAX),
		.places = cut(topic->places, CONVERSATION_TOPIC_PLACES_MAX),
		.from_ms = topic->from_ms,
		.until_ms = topic->until_ms,
	};
	return copy;
}

/* --- all of them ------------------------------------------------------------------------------- */

static void key_of(struct str *key, const char *channel, const char *thread)
{
	str_init(key, 500); /* the journal's keys are at most 512 bytes; ids of the chat are far shorter */
	str_addf(key, "%s:%s", channel, thread);
}

static struct conversation *find(struct conversations *conversations, const char *key)
{
	for (size_t i = 0; i < conversations->count; i++)
		if (strcmp(conversations->items[i]->key, key) == 0)
			return conversations->items[i];
	return NULL;
}

static struct conversation *add(struct conversations *conversations, const char *key)
{
	struct conversation *conversation = mem_alloc(sizeof(*conversation));

	conversation->key = mem_copy_string(key);
	conversations->items = mem_resize(conversations->items,
	                                  (conversations->count + 1) * sizeof(struct conversation *));
	conversations->items[conversations->count++] = conversation;
	return conversation;
}

/* In the open journal batch. */
static void forget(struct conversations *conversations, size_t at)
{
	struct conversation *conversation = conversations->items[at];

	journal_delete(conversations->bot->journal, KIND, conversation->key);
	conversation_free(conversation);
	conversations->items[at] = conversations->items[--conversations->count];
}

static bool is_over(const struct conversations *conversations, const struct conversation *conversation)
{
	return conversation->last_ms + conversations->bot->config->answers.remember_ms <= clock_wall_ms();
}

static void forget_old(void *arg)
{
	struct conversations *conversations = arg;
	size_t before = conversations->count;

	for (size_t i = conversations->count; i-- > 0;)
		if (is_over(conversations, conversations->items[i]))
			forget(conversations, i);
	if (conversations->count < before)
		journal_commit(conversations->bot->journal, (struct done){ NULL, NULL });
	loop_timer_set(conversations->forget_timer, FORGET_EVERY_MS);
}

static void forget_longest_resting(struct conversations *conversations)
{
	size_t oldest = 0;

	for (size_t i = 1; i < conversations->count; i++)
		if (conversations->items[i]->last_ms < conversations->items[oldest]->last_ms)
			oldest = i;
	forget(conversations, oldest);
}

struct conversations *conversations_new(struct bot *bot)
{
	struct conversations *conversations = mem_alloc(sizeof(*conversations));

	conversations->bot = bot;
	conversations->forget_timer = loop_timer_new(bot->loop, forget_old, conversations);
	loop_timer_set(conversations->forget_timer, FORGET_EVERY_MS);
	return conversations;
}

void conversations_free(struct conversations *conversations)
{
	if (conversations == NULL)
		return;
	for (size_t i = 0; i < conversations->count; i++)
		conversation_free(conversations->items[i]);
	free(conversations->items);
	loop_timer_free(conversations->forget_timer);
	free(conversations);
}

/* --- in the journal ------------------------------------------------------------------------------ */

static struct json_object *topic_json(const struct conversation_topic *topic)
{
	struct json_object *json = json_new_object();

	json_put_string(json, "text", topic->text);
	json_put_string(json, "words", topic->words);
	json_put_string(json, "places", topic->places);
	json_put_int(json, "from", topic->from_ms);
	json_put_int(json, "until", topic->until_ms);
	return json;
}

static void put(struct conversations *conversations, const struct conversation *conversation)
{
	struct json_object *json = json_new_object(), *turns = json_new_array();
	struct str text;

	json_put_int(json, "last", conversation->last_ms);
	if (conversation->topic != NULL)
		json_put(json, "topic", topic_json(conversation->topic));
	for (size_t i = 0; i < conversation->count; i++) {
		struct json_object *turn = json_new_object();

		json_put_string(turn, "question", conversation->turns[i].question);
		json_put_string(turn, "answer", conversation->turns[i].answer);
		json_put_string(turn, "context", conversation->turns[i].context);
		json_append(turns, turn);
	}
	json_put(json, "turns", turns);
	str_init(&text, DOCUMENT_MAX);
	json_add(&text, json);
	journal_put(conversations->bot->journal, KIND, conversation->key, text.text);
	str_free(&text);
	json_free(json);
}

/* NULL: there is none. */
static struct conversation_topic *topic_of(struct json_object *json)
{
	const char *text = json_string(json, "text"), *words = json_string(json, "words");
	const char *places = json_string(json, "places");
	struct conversation_topic *topic;

	if (text == NULL || places == NULL)
		return NULL;
	topic = mem_alloc(sizeof(*topic));
	*topic = (struct conversation_topic){
		.text = mem_copy_string(text), .words = mem_copy_string(words), .places = mem_copy_string(places),
		.from_ms = json_int(json, "from", 0), .until_ms = json_int(json, "until", 0),
	};
	return topic;
}

static void load_one(void *arg, const char *key, const char *text, int64_t revision)
{
	struct conversations *conversations = arg;
	struct conversation *conversation;
	struct conversation_topic *topic;
	struct json_object *json, *turns;
	struct err err;

	(void)revision;
	json = json_parse(text, strlen(text), &err);
	turns = json_get(json, "turns");
	topic = topic_of(json_get(json, "topic"));
	if (json_count(turns) == 0 && topic == NULL) {
		journal_damage_unreadable(KIND, key);
		json_free(json);
		return;
	}
	conversation = add(conversations, key);
	conversation->topic = topic;
	conversation->last_ms = json_int(json, "last", 0);
	for (size_t i = 0; i < json_count(turns); i++) {
		struct json_object *turn = json_at(turns, i);
		const char *question = json_string(turn, "question"), *answer = json_string(turn, "answer");

		add_turn(conversation, question == NULL ? "" : question, answer == NULL ? "" : answer,
		         json_string(turn, "context"));
	}
	json_free(json);
}

bool conversations_load(struct conversations *conversations, struct err *err)
{
	return journal_load(conversations->bot->journal, KIND, load_one, conversations, err);
}

/* The thread's, without what is over; a new one where there is none. */
static struct conversation *open_thread(struct conversations *conversations, const char *channel, const char *thread)
{
	struct conversation *conversation;
	struct str key;

	key_of(&key, channel, thread);
	conversation = find(conversations, key.text);
	if (conversation == NULL) {
		if (conversations->count >= CONVERSATIONS_MAX)
			forget_longest_resting(conversations);
		conversation = add(conversations, key.text);
	} else if (is_over(conversations, conversation)) {
		while (conversation->count > 0)
			drop_oldest_turn(conversation);
		topic_free(conversation->topic);
		conversation->topic = NULL;
	}
	str_free(&key);
	conversation->last_ms = clock_wall_ms();
	return conversation;
}

void conversation_begin(struct conversations *conversations, const char *channel, const char *thread,
                        const struct conversation_topic *topic)
{
	struct conversation *conversation = open_thread(conversations, channel, thread);

	topic_free(conversation->topic);
	conversation->topic = copy_topic(topic);
	while (bytes_of(conversation) > BYTES_MAX)
		drop_oldest_turn(conversation);
	put(conversations, conversation);
}

void conversation_add(struct conversations *conversations, const char *channel, const char *thread,
                      const char *question, const char *answer, const char *context)
{
	struct conversation *conversation = open_thread(conversations, channel, thread);

	add_turn(conversation, question, answer, context);
	put(conversations, conversation);
}

/* --- what is known of one -------------------------------------------------------------------------- */

const struct conversation *conversation_find(struct conversations *conversations, const char *channel,
                                             const char *thread)
{
	const struct conversation *conversation;
	struct str key;

	if (channel == NULL || thread == NULL)
		return NULL;
	key_of(&key, channel, thread);
	conversation = find(conversations, key.text);
	str_free(&key);
	return conversation == NULL || is_over(conversations, conversation) ? NULL : conversation;
}

const struct conversation_topic *conversation_topic(const struct conversation *conversation)
{
	return conversation->topic;
}

struct conversation *conversation_copy(const struct conversation *conversation)
{
	struct conversation *copy;

	if (conversation == NULL)
		return NULL;
	copy = mem_alloc(sizeof(*copy));
	copy->key = mem_copy_string(conversation->key);
	copy->last_ms = conversation->last_ms;
	if (conversation->topic != NULL)
		copy->topic = copy_topic(conversation->topic);
	for (size_t i = 0; i < conversation->count; i++)
		copy->turns[copy->count++] = (struct turn){
			.question = mem_copy_string(conversation->turns[i].question),
			.answer = mem_copy_string(conversation->turns[i].answer),
			.context = mem_copy_string(conversation->turns[i].context),
		};
	return copy;
}

void conversation_copy_free(struct conversation *copy)
{
	if (copy != NULL)
		conversation_free(copy);
}

size_t conversation_turns(const struct conversation *conversation)
{
	return conversation->count;
}

const char *conversation_question(const struct conversation *conversation, size_t turn)
{
	return conversation->turns[turn].question;
}

const char *conversation_last_question(const struct conversation *conversation)
{
	return conversation->count == 0 ? NULL : conversation->turns[conversation->count - 1].question;
}

static void append_message(struct json_object *messages, const char *role, const char *text)
{
	struct json_object *message = json_new_object(), *content = json_new_array(), *block = json_new_object();

	json_put_string(block, "text", text);
	json_append(content, block);
	json_put_string(message, "role", role);
	json_put(message, "content", content);
	json_append(messages, message);
}

/* Bedrock refuses blank texts. */
static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static void append_topic(struct json_object *messages, const struct conversation_topic *topic, const char *fence)
{
	struct str text;

	str_init(&text, 2 * CONVERSATION_TOPIC_TEXT_MAX);
	fence_add(&text, fence, "the summary that this thread is about", topic->text, CONVERSATION_TOPIC_TEXT_MAX);
	append_message(messages, "user", text.text);
	append_message(messages, "assistant", topic->words == NULL || is_blank(topic->words) ? POSTED : topic->words);
	str_free(&text);
}

struct json_object *conversation_messages(const struct conversation *conversation, const char *fence)
{
	struct json_object *messages = json_new_array();
	struct str text;

	if (conversation->topic != NULL)
		append_topic(messages, conversation->topic, fence);
	for (size_t i = 0; i < conversation->count; i++) {
		const struct turn *turn = &conversation->turns[i];

		str_init(&text, 2 * QUESTION_MAX);
		fence_add(&text, fence, "earlier question", turn->question, QUESTION_MAX);
		append_message(messages, "user", text.text);
		append_message(messages, "assistant", is_blank(turn->answer) ? INTERRUPTED : turn->answer);
		str_free(&text);
	}
	return messages;
}

/* What was said before is known, but for the lines of it that held something unknown. */
static void add_answer(struct evidence *evidence, const char *answer)
{
	struct str known;

	str_init(&known, ANSWER_MAX);
	while (*answer != '\0') {
		size_t length = strcspn(answer, "\n");
		const char *mark = strstr(answer, FACT_CHECK_MARK);

		if (mark == NULL || mark >= answer + length) {
			str_add_bytes(&known, answer, length);
			str_add_char(&known, '\n');
		}
		answer += length + (answer[length] == '\n' ? 1 : 0);
	}
	evidence_text(evidence, known.text);
	str_free(&known);
}

void conversation_add_evidence(const struct conversation *conversation, struct evidence *evidence)
{
	const struct conversation_topic *topic = conversation->topic;

	if (topic != NULL)
		evidence_text(evidence, topic->text);
	if (topic != NULL && topic->words != NULL)
		add_answer(evidence, topic->words);
	for (size_t i = 0; i < conversation->count; i++) {
		const struct turn *turn = &conversation->turns[i];

		evidence_text(evidence, turn->question);
		if (turn->context != NULL)
			evidence_text(evidence, turn->context);
		add_answer(evidence, turn->answer);
	}
}
