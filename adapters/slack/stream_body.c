#include "adapters/slack/stream_body.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/history.h"
#include "adapters/slack/text.h"
#include "adapters/slack/web_api.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"

void slack_stream_parts(struct slack_content *parts, const struct message *last)
{
	struct message plain = *last;

	plain.tone = TONE_NEUTRAL; /* chat.stopStream takes no attachment, which is what carries a colour */
	slack_content_make_below(parts, &plain, SLACK_STREAM_PARTS_MAX);
}

struct json_object *slack_stream_metadata(const char *key, bool open)
{
	struct json_object *metadata = json_new_object(), *payload = json_new_object();

	json_put_string(payload, "key", key);
	json_put_bool(payload, "open", open);
	json_put_string(metadata, "event_type", SLACK_KEY_EVENT_TYPE);
	json_put(metadata, "event_payload", payload);
	return metadata;
}

char *slack_stream_plain(const char *text, size_t length)
{
	struct str plain;
	char *escaped;

	str_init(&plain, SIZE_MAX / 2);
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\\' && i + 1 < length && strchr("[]*_~|\\:-", text[i + 1]) != NULL)
			i++;
		if (str_starts(text + i, "&amp;") || str_starts(text + i, "&lt;") || str_starts(text + i, "&gt;")) {
			str_add_char(&plain, text[i + 1] == 'a' ? '&' : text[i + 1] == 'l' ? '<' : '>');
			i += strcspn(text + i, ";");
		} else {
			str_add_char(&plain, text[i]);
		}
	}
	escaped = slack_text_escape(plain.text, SLACK_TEXT_MAX, SLACK_TEXT_MAX * 4);
	str_free(&plain);
	if (escaped[strspn(escaped, " \n\t")] != '\0')
		return escaped;
	free(escaped);
	return mem_copy_string("…");
}

static struct json_object *new_body(const struct slack_stream_body *body)
{
	struct json_object *json = json_new_object();

	json_put_string(json, "channel", body->channel);
	json_put_string(json, "ts", body->ts);
	return json;
}

static void put_text(struct json_object *json, const char *name, const char *text, size_t length)
{
	char *copy = length == 0 ? NULL : mem_copy_bytes(text, length);

	json_put_string(json, name, copy);
	free(copy);
}

static char *print(struct json_object *json)
{
	return mem_copy_string(json_print(json));
}

char *slack_stream_start_body(const struct slack_stream_body *body)
{
	struct json_object *json = new_body(body);
	char *text;

	json_put_string(json, "thread_ts", body->thread);
	json_put_string(json, "recipient_user_id", body->user);
	json_put_string(json, "recipient_team_id", body->team);
	put_text(json, "markdown_text", body->text, body->length);
	text = print(json);
	json_free(json);
	return text;
}

char *slack_stream_append_body(const struct slack_stream_body *body)
{
	struct json_object *json = new_body(body);
	char *text;

	put_text(json, "markdown_text", body->text, body->length);
	text = print(json);
	json_free(json);
	return text;
}

static char *print_stop(struct json_object *json, struct json_object *blocks)
{
	if (json_count(blocks) > 0)
		json_put(json, "blocks", json_keep(blocks));
	return print(json);
}

void slack_stream_stop_bodies(struct slack_call *call, const struct slack_stream_body *body)
{
	const struct slack_content *parts = body->parts;
	struct json_object *json = new_body(body);

	if (body->key != NULL)
		json_put(json, "metadata", slack_stream_metadata(body->key, body->open));
	put_text(json, "markdown_text", body->text, body->length);
	if (parts == NULL) {
		call->body = print(json);
	} else {
		/* Without its parts it would not be whole: that is for chat.update to say in words. */
		call->body = print_stop(json, parts->blocks);
		if (parts->without_pictures != NULL)
			call->without_pictures = print_stop(json, parts->without_pictures);
	}
	json_free(json);
}

static struct json_object *new_blocks(const struct slack_stream_body *body, struct json_object *parts)
{
	struct json_object *blocks = json_new_array(), *block;

	if (body->length > 0) {
		block = json_new_object();
		json_put_string(block, "type", "markdown");
		put_text(block, "text", body->text, body->length);
		json_append(blocks, block);
	}
	for (size_t i = 0; i < json_count(parts); i++)
		json_append(blocks, json_keep(json_at(parts, i)));
	return blocks;
}

static char *print_message(struct json_object *json, const char *text, struct json_object *blocks)
{
	json_put_string(json, "text", text);
	json_put(json, "blocks", blocks);
	return print(json);
}

static struct json_object *new_message(const struct slack_stream_body *body)
{
	struct json_object *json = new_body(body);

	if (body->ts == NULL) {
		json_put_string(json, "thread_ts", body->thread);
		json_put_bool(json, "unfurl_links", false);
		json_put_bool(json, "unfurl_media", false);
	}
	json_put_string(json, "parse", "none");
	json_put(json, "attachments", json_new_array());
	if (body->key != NULL)
		json_put(json, "metadata", slack_stream_metadata(body->key, body->open));
	return json;
}

/* The longest prefix of an escaped text that ends between characters and entities. */
static size_t fit(const char *escaped, size_t max)
{
	size_t length = str_utf8_prefix(escaped, strlen(escaped), max);

	for (size_t back = 1; back <= 4 && back <= length; back++)
		if (escaped[length - back] == '&')
			return memchr(escaped + length - back, ';', back) == NULL ? length - back : length;
	return length;
}

/* The text, and in words what its parts would have shown; at most as long as a message's text may be. */
static char *whole_in_words(const struct slack_stream_body *body, const char *plain)
{
	struct str all;
	size_t room = SLACK_TEXT_MAX, keep;

	if (body->parts == NULL)
		return mem_copy_string(plain);
	if (body->length == 0)
		return mem_copy_string(body->parts->plain);
	keep = strlen(body->parts->plain) + 2;
	room = keep < room ? room - keep : 0;
	str_init(&all, SIZE_MAX / 2);
	str_add_bytes(&all, plain, fit(plain, room));
	str_addf(&all, "\n\n%s", body->parts->plain);
	all.length = fit(all.text, SLACK_TEXT_MAX);
	all.text[all.length] = '\0';
	return str_take(&all);
}

void slack_stream_message_bodies(struct slack_call *call, const struct slack_stream_body *body)
{
	const struct slack_content *parts = body->parts;
	struct json_object *json = new_message(body);
	char *plain = body->length == 0 && parts != NULL ? mem_copy_string(parts->text) :
	                                                   slack_stream_plain(body->text, body->length);
	char *words = whole_in_words(body, plain);

	call->body = print_message(json, plain, new_blocks(body, parts == NULL ? NULL : parts->blocks));
	if (parts != NULL && parts->without_pictures != NULL)
		call->without_pictures = print_message(json, plain, new_blocks(body, parts->without_pictures));
	call->text_only = print_message(json, words, json_new_array());
	free(words);
	free(plain);
	json_free(json);
}

void slack_stream_told_bodies(struct slack_call *call, const struct slack_stream_body *body, struct json_object *told)
{
	const struct slack_content *parts = body->parts;
	struct json_object *json = new_message(body), *blocks = json_new_array();
	const char *text = json_string(told, "text");

	for (size_t i = 0; i < json_count(json_get(told, "blocks")); i++)
		json_append(blocks, json_keep(json_at(json_get(told, "blocks"), i)));
	for (size_t i = 0; parts != NULL && i < json_count(parts->blocks); i++)
		json_append(blocks, json_keep(json_at(parts->blocks, i)));
	call->body = print_message(json, text == NULL || text[0] == '\0' ? "…" : text, blocks);
	if (parts != NULL)
		call->text_only = print_message(json, parts->plain, json_new_array());
	json_free(json);
}
