#include "tests/unit/support/chat_double.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"

#define SAID_MAX 2000
#define ACTS (DOUBLE_STATUS + 1)

/* The answer to one thing that was asked. */
struct owed {
	struct owed *next;
	struct chat_double *twin;
	enum chat_double_act act;
	char **id;       /* becomes given */
	char *given;
	struct err err;  /* ERR_NONE: success */
	struct done done;
};

struct chat_stream {
	struct chat_double *twin;
	size_t said;
	struct str text;
};

struct chat_double {
	struct chat chat;
	struct loop *loop;
	struct chat_double_said said[SAID_MAX];
	size_t count, ids;
	struct err fails[ACTS];
	bool hold[ACTS];
	struct owed *owed;
	char *finds;
};

static struct chat_double *of(struct chat *chat)
{
	return (struct chat_double *)(void *)chat;
}

/* --- answers -------------------------------------------------------------------------------- */

static void pay(void *arg)
{
	struct owed *owed = arg, **slot = &owed->twin->owed;
	struct done done = owed->done;
	struct err err = owed->err;

	if (owed->twin->hold[owed->act])
		return;
	while (*slot != owed)
		slot = &(*slot)->next;
	*slot = owed->next;
	if (owed->id != NULL && err.kind == ERR_NONE)
		mem_set_string(owed->id, owed->given);
	free(owed->given);
	free(owed);
	if (done.fn != NULL)
		done.fn(done.arg, err.kind == ERR_NONE ? NULL : &err);
}

static void owe(struct chat_double *twin, enum chat_double_act act, char **id, const char *given, struct done done)
{
	struct owed *owed = mem_alloc(sizeof(*owed)), **slot = &twin->owed;

	while (*slot != NULL)
		slot = &(*slot)->next;
	*slot = owed;
	*owed = (struct owed){ .twin = twin, .act = act, .id = id, .given = mem_copy_string(given),
		.err = twin->fails[act], .done = done };
	twin->fails[act] = (struct err){ 0 };
	loop_defer(twin->loop, pay, owed);
}

/* --- what is asked -------------------------------------------------------------------------- */

static struct chat_double_said *note(struct chat_double *twin, enum chat_double_act act, const char *channel,
                                     const char *thread)
{
	struct chat_double_said *said = &twin->said[twin->count++];

	assert_true(twin->count < SAID_MAX);
	said->act = act;
	said->channel = mem_copy_string(channel);
	said->thread = mem_copy_string(thread);
	return said;
}

static void note_actions(struct chat_double_said *said, const struct message *message)
{
	struct str ids;

	str_init(&ids, 10000);
	for (const struct message_part *part = message->first; part != NULL; part = part->next)
		if (part->type == PART_ACTION)
			str_addf(&ids, "%s ", part->name);
	said->actions = str_take(&ids);
}

static void note_id(struct chat_double *twin, struct chat_double_said *said)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "%zu.000000", ++twin->ids);
	said->id = mem_copy_string(id);
}

static void post(struct chat *chat, const struct chat_post *args, char **id, struct done done)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_POST, args->channel, args->thread);

	said->key = mem_copy_string(args->key);
	said->text = message_plain(args->message);
	note_actions(said, args->message);
	note_id(of(chat), said);
	owe(of(chat), DOUBLE_POST, id, said->id, done);
}

static void edit(struct chat *chat, const char *channel, const char *id, const struct message *message,
                 enum chat_priority priority, struct done done)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_EDIT, channel, NULL);

	(void)priority;
	said->id = mem_copy_string(id);
	said->text = message_plain(message);
	note_actions(said, message);
	owe(of(chat), DOUBLE_EDIT, NULL, NULL, done);
}

static void find(struct chat *chat, const char *channel, const char *thread, const char *key, int64_t since_ms,
                 char **id, struct done done)
{
	struct chat_double *twin = of(chat);
	struct chat_double_said *said = note(twin, DOUBLE_FIND, channel, thread);

	said->key = mem_copy_string(key);
	said->since_ms = since_ms;
	if (twin->finds == NULL && twin->fails[DOUBLE_FIND].kind == ERR_NONE)
		(void)err_set(&twin->fails[DOUBLE_FIND], ERR_NOT_FOUND, "no message with this key");
	owe(twin, DOUBLE_FIND, id, twin->finds, done);
}

static void respond(struct chat *chat, const char *response_url, const struct message *message, struct done done)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_RESPOND, NULL, NULL);

	said->id = mem_copy_string(response_url);
	said->text = message_plain(message);
	note_actions(said, message);
	owe(of(chat), DOUBLE_RESPOND, NULL, NULL, done);
}

static void upload(struct chat *chat, const char *name, const char *alt, const unsigned char *png, size_t size,
                   char **image, struct done done)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_UPLOAD, NULL, NULL);

	(void)alt;
	(void)png;
	(void)size;
	said->text = mem_copy_string(name);
	note_id(of(chat), said);
	owe(of(chat), DOUBLE_UPLOAD, image, said->id, done);
}

static struct chat_stream *stream(struct chat *chat, const struct chat_stream_place *place, struct chat_stream_ears ears)
{
	struct chat_stream *new = mem_alloc(sizeof(*new));
	struct chat_double_said *said = note(of(chat), DOUBLE_STREAM, place->channel, place->thread);

	said->user = mem_copy_string(place->user);
	said->ears = ears;
	said->text = mem_copy_string("");
	note_id(of(chat), said);
	new->twin = of(chat);
	new->said = of(chat)->count - 1;
	str_init(&new->text, 1u << 20);
	return new;
}

static void stream_say(struct chat_stream *s, const char *markdown, size_t length)
{
	struct chat_double_said *said = &s->twin->said[s->said];

	str_add_bytes(&s->text, markdown, length);
	mem_set_string(&said->text, s->text.text);
	said->pieces++;
}

static void note_last(struct chat_double_said *said, const struct message *last)
{
	said->last = last == NULL ? NULL : message_plain(last);
	if (last != NULL)
		note_actions(said, last);
}

static void stream_end(struct chat_stream *s, const struct message *last, struct done done)
{
	struct chat_double_said *said = &s->twin->said[s->said];

	said->ended = true;
	note_last(said, last);
	owe(s->twin, DOUBLE_STREAM, NULL, NULL, done);
	str_free(&s->text);
	free(s);
}

static void stream_mend(struct chat *chat, const struct chat_stream_place *place, int64_t since_ms,
                        const struct message *last, struct done done)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_MEND, place->channel, place->thread);

	said->user = mem_copy_string(place->user);
	said->since_ms = since_ms;
	note_last(said, last);
	owe(of(chat), DOUBLE_MEND, NULL, NULL, done);
}

static void status(struct chat *chat, const struct chat_stream_place *place, const char *text)
{
	struct chat_double_said *said = note(of(chat), DOUBLE_STATUS, place->channel, place->thread);

	said->user = mem_copy_string(place->user);
	said->text = mem_copy_string(text);
}

static char *permalink(struct chat *chat, const char *channel, const char *id)
{
	struct str url;

	(void)chat;
	str_init(&url, 200);
	str_addf(&url, "https://chat.example/%s/%s", channel, id);
	return str_take(&url);
}

static void watch_groups(struct chat *chat, char *const *groups)
{
	(void)chat;
	(void)groups;
}

static enum chat_membership in_group(struct chat *chat, const char *group, const char *user)
{
	(void)chat;
	(void)group;
	(void)user;
	return CHAT_IS_MEMBER;
}

static const struct chat_ops ops = {
	.post = post, .edit = edit, .find = find, .respond = respond, .upload = upload, .stream = stream,
	.stream_say = stream_say, .stream_end = stream_end, .stream_mend = stream_mend, .status = status,
	.permalink = permalink, .watch_groups = watch_groups, .in_group = in_group,
};

/* --- for tests ------------------------------------------------------------------------------ */

struct chat_double *chat_double_new(struct loop *loop)
{
	struct chat_double *twin = mem_alloc(sizeof(*twin));

	twin->chat.ops = &ops;
	twin->loop = loop;
	return twin;
}

struct chat *chat_double_chat(struct chat_double *twin)
{
	return &twin->chat;
}

void chat_double_free(struct chat_double *twin)
{
	while (twin->owed != NULL) {
		struct owed *next = twin->owed->next;

		loop_defer_cancel(twin->loop, twin->owed);
		free(twin->owed->given);
		free(twin->owed);
		twin->owed = next;
	}
	for (size_t i = 0; i < twin->count; i++) {
		struct chat_double_said *said = &twin->said[i];
		char *texts[] = { said->channel, said->thread, said->user, said->key, said->id, said->text, said->last,
			said->actions };

		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
			free(texts[k]);
	}
	free(twin->finds);
	free(twin);
}

size_t chat_double_count(const struct chat_double *twin, enum chat_double_act act)
{
	size_t count = 0;

	for (size_t i = 0; i < twin->count; i++)
		count += twin->said[i].act == act ? 1 : 0;
	return count;
}

const struct chat_double_said *chat_double_said(const struct chat_double *twin, enum chat_double_act act, size_t nth)
{
	for (size_t i = 0; i < twin->count; i++)
		if (twin->said[i].act == act && nth-- == 0)
			return &twin->said[i];
	fail_msg("the chat was not asked that");
	return NULL;
}

void chat_double_fail_next(struct chat_double *twin, enum chat_double_act act, enum err_kind kind, const char *text)
{
	(void)err_set(&twin->fails[act], kind, "%s", text);
}

void chat_double_finds(struct chat_double *twin, const char *id)
{
	mem_set_string(&twin->finds, id);
}

void chat_double_hold(struct chat_double *twin, enum chat_double_act act, bool hold)
{
	twin->hold[act] = hold;
	for (struct owed *owed = twin->owed; owed != NULL && !hold; owed = owed->next) {
		if (owed->act != act)
			continue;
		loop_defer_cancel(twin->loop, owed);
		loop_defer(twin->loop, pay, owed);
	}
}

void chat_double_stop(struct chat_double *twin, size_t nth)
{
	const struct chat_double_said *said = chat_double_said(twin, DOUBLE_STREAM, nth);

	assert_non_null(said->ears.stopped);
	said->ears.stopped(said->ears.arg);
}
