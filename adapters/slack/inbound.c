#include "adapters/slack/inbound.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/text.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"

#define ID_MAX 255  /* Slack's own ceiling for block_id, action_id; other ids are far shorter */
#define KEY_HASH 16 /* bytes of SHA-256 that make a key */

static void ignore(struct slack_inbound *out, const char *why)
{
	out->ignored = why;
}

/* An id of sensible length, or NULL. */
static const char *id_at(struct json_object *json, const char *path)
{
	const char *id = json_string(json, path);

	return id != NULL && id[0] != '\0' && strlen(id) <= ID_MAX ? id : NULL;
}

/*
 * A key from several parts. Hashed, because a trigger_id is a credential for three seconds and
 * keys are stored and logged. Parts are separated by NUL, so that no two lists look the same.
 */
static const char *hashed_key(struct slack_inbound *out, const char *kind, const char *const *parts, size_t count)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char hex[KEY_HASH * 2 + 1];
	struct str all;

	str_init(&all, 8 * ID_MAX);
	for (size_t i = 0; i < count; i++) {
		str_add(&all, parts[i] == NULL ? "" : parts[i]);
		str_add_char(&all, '\0');
	}
	if (EVP_Digest(all.text, all.length, digest, NULL, EVP_sha256(), NULL) != 1)
		mem_none_left();
	for (size_t i = 0; i < KEY_HASH; i++)
		(void)snprintf(hex + i * 2, 3, "%02x", digest[i]);
	str_free(&all);
	return mem_printf(&out->mem, "%s:%s", kind, hex);
}

static const char *typed(struct slack_inbound *out, const char *text, const char *me)
{
	char *plain = slack_text_typed(text, me);

	mem_adopt(&out->mem, plain);
	return plain;
}

static void read_slash(struct slack_inbound *out, struct json_object *envelope, struct json_object *payload)
{
	const char *command = id_at(payload, "command");
	const char *trigger = id_at(payload, "trigger_id");
	const char *parts[] = { trigger != NULL ? trigger : id_at(envelope, "envelope_id") };
	struct chat_heard *heard = &out->heard[0];

	*heard = (struct chat_heard){
		.type = HEARD_SLASH,
		.user = id_at(payload, "user_id"),
		.channel = id_at(payload, "channel_id"),
		.response_url = json_string(payload, "response_url"),
	};
	if (command == NULL || command[0] != '/' || command[1] == '\0' || heard->user == NULL ||
	    heard->channel == NULL || parts[0] == NULL) {
		ignore(out, "malformed");
		return;
	}
	heard->word = command + 1;
	heard->text = typed(out, json_string(payload, "text"), NULL);
	heard->key = hashed_key(out, "slash", parts, 1);
	out->count = 1;
}

/* What an element of any kind says was chosen. */
static const char *action_value(struct json_object *action)
{
	static const char *const paths[] = {
		"value", "selected_option.value", "selected_user", "selected_channel",
		"selected_conversation", "selected_date", "selected_time",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (json_string(action, paths[i]) != NULL)
			return json_string(action, paths[i]);
	return NULL;
}

static void read_action(struct slack_inbound *out, struct json_object *payload, struct json_object *action,
                        const struct chat_heard *common)
{
	const char *action_id = id_at(action, "action_id");
	const char *trigger = id_at(payload, "trigger_id");
	/* The trigger alone is unique; without one, who, where, what and when have to do. */
	const char *parts[] = {
		trigger, id_at(action, "action_ts"), action_id, id_at(action, "block_id"),
		trigger != NULL ? NULL : common->user, trigger != NULL ? NULL : common->message,
	};

	if (action_id == NULL || (trigger == NULL && parts[1] == NULL))
		return;
	out->heard[out->count] = *common;
	out->heard[out->count].word = action_id;
	out->heard[out->count].text = action_value(action);
	out->heard[out->count].key = hashed_key(out, "click", parts, sizeof(parts) / sizeof(parts[0]));
	out->count++;
}

static const char *first_id(struct json_object *json, const char *one, const char *other)
{
	const char *id = id_at(json, one);

	return id != NULL ? id : id_at(json, other);
}

static void read_actions(struct slack_inbound *out, struct json_object *payload)
{
	struct json_object *actions = json_get(payload, "actions");
	struct chat_heard common = {
		.type = HEARD_CLICK,
		.user = id_at(payload, "user.id"),
		.channel = first_id(payload, "channel.id", "container.channel_id"),
		.message = first_id(payload, "container.message_ts", "message.ts"),
		.thread = first_id(payload, "message.thread_ts", "container.thread_ts"),
		.response_url = json_string(payload, "response_url"),
	};

	/* An ephemeral message is no place for a thread. */
	if (common.thread == NULL && !json_flag(payload, "container.is_ephemeral", false))
		common.thread = common.message;
	if (common.user == NULL || !json_is_array(actions)) {
		ignore(out, "malformed");
		return;
	}
	for (size_t i = 0; i < json_count(actions) && out->count < SLACK_ACTIONS_HEARD_MAX; i++)
		read_action(out, payload, json_at(actions, i), &common);
	if (out->count == 0)
		ignore(out, "malformed");
}

static void read_interactive(struct slack_inbound *out, struct json_object *payload)
{
	const char *type = json_string(payload, "type");

	if (type != NULL && strcmp(type, "block_actions") == 0)
		read_actions(out, payload);
	else
		ignore(out, type == NULL ? "malformed" : "interaction");
}

/* Only what a person wrote, once: no edits, joins, other bots' or our own messages. */
static const char *why_not_heard(struct json_object *event, const struct slack_self *self, const char *me)
{
	const char *subtype = json_string(event, "subtype");
	const char *user = id_at(event, "user");
	const char *bot = json_string(event, "bot_id");

	if (subtype != NULL && strcmp(subtype, "file_share") != 0 && strcmp(subtype, "thread_broadcast") != 0)
		return "subtype";
	if (bot != NULL && self->bot_id != NULL && strcmp(bot, self->bot_id) == 0)
		return "own";
	if (user != NULL && me != NULL && strcmp(user, me) == 0)
		return "own";
	if (bot != NULL)
		return "bot";
	if (user == NULL || strcmp(user, "USLACKBOT") == 0)
		return "nobody";
	if (id_at(event, "channel") == NULL || id_at(event, "ts") == NULL)
		return "malformed";
	return NULL;
}

static bool is_direct(struct json_object *event)
{
	const char *type = json_string(event, "channel_type");

	return type != NULL ? strcmp(type, "im") == 0 : id_at(event, "channel")[0] == 'D';
}

static void read_message(struct slack_inbound *out, struct json_object *event, const struct slack_self *self,
                         const char *me, bool mentioned)
{
	const char *thread = id_at(event, "thread_ts");
	const char *text = json_string(event, "text");
	struct chat_heard *heard = &out->heard[0];

	*heard = (struct chat_heard){
		.user = id_at(event, "user"), .channel = id_at(event, "channel"), .message = id_at(event, "ts"),
	};
	ignore(out, why_not_heard(event, self, me));
	if (out->ignored != NULL)
		return;
	heard->thread = thread;
	if (is_direct(event)) {
		heard->type = HEARD_DIRECT;
	} else if (mentioned || (text != NULL && slack_text_mentions(text, me))) {
		heard->type = HEARD_MENTION;
		heard->thread = thread != NULL ? thread : heard->message;
	} else if (thread != NULL && strcmp(thread, heard->message) != 0) {
		heard->type = HEARD_REPLY;
	} else {
		ignore(out, "not_for_us");
		return;
	}
	heard->text = typed(out, text, me);
	/* One for app_mention and message.*: two events tell of one message. */
	heard->key = mem_printf(&out->mem, "message:%s:%s", heard->channel, heard->message);
	out->count = 1;
}

static void read_stop(struct slack_inbound *out, struct json_object *event)
{
	out->stopped_channel = id_at(event, "channel");
	out->stopped_thread = id_at(event, "thread_ts");
	if (out->stopped_channel == NULL)
		out->stopped_thread = NULL;
	ignore(out, out->stopped_thread == NULL ? "malformed" : "stopped");
}

static void read_event(struct slack_inbound *out, struct json_object *payload, const struct slack_self *self)
{
	struct json_object *event = json_get(payload, "event");
	const char *type = json_string(event, "type");
	const char *kind = json_string(payload, "type");
	const char *me = self->user_id;

	/* Until auth.test has answered: whom the event was delivered for. */
	if (me == NULL && json_flag(payload, "authorizations[0].is_bot", false))
		me = id_at(payload, "authorizations[0].user_id");
	if (kind != NULL && strcmp(kind, "app_rate_limited") == 0)
		ignore(out, "rate_limited");
	else if (type == NULL)
		ignore(out, "malformed");
	else if (strcmp(type, "app_mention") == 0)
		read_message(out, event, self, me, true);
	else if (strcmp(type, "message") == 0)
		read_message(out, event, self, me, false);
	else if (strcmp(type, "agent_session_stopped") == 0)
		read_stop(out, event);
	else
		ignore(out, "event");
}

void slack_inbound_read(struct slack_inbound *out, struct json_object *envelope, const struct slack_self *self)
{
	const char *type = json_string(envelope, "type");
	struct json_object *payload = json_get(envelope, "payload");

	*out = (struct slack_inbound){ 0 };
	if (type == NULL || !json_is_object(payload))
		ignore(out, "malformed");
	else if (strcmp(type, "slash_commands") == 0)
		read_slash(out, envelope, payload);
	else if (strcmp(type, "interactive") == 0)
		read_interactive(out, payload);
	else if (strcmp(type, "events_api") == 0)
		read_event(out, payload, self);
	else
		ignore(out, "unknown");
}

void slack_inbound_free(struct slack_inbound *inbound)
{
	mem_free_all(&inbound->mem);
	*inbound = (struct slack_inbound){ 0 };
}
