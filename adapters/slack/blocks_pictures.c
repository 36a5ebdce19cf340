/*
 * blocks_pictures.c - the pictures of a message: image blocks of files that upload.c handed to Slack.
 *
 * docs.slack.dev reference/block-kit: image block (alt_text and title at most 2,000 characters), slack
 * file object (an id, of a PNG, JPEG or GIF that whoever posts the block has access to). The id's
 * form is what Slack names when it refuses one (python-slack-sdk#1521).
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/blocks_private.h"
#include "adapters/slack/text.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define NOT_SHOWN "The picture could not be shown: "
#define WORDLESS "a picture"
/* Of every picture's alt and title so much is kept free, whatever else the message says. */
#define ALT_KEPT 300
#define TITLE_KEPT 150
#define PICTURE_COST 64 /* the id, and NOT_SHOWN in its place */

static const char *alt_of(const struct message_part *part)
{
	return part->alt == NULL || part->alt[0] == '\0' ? WORDLESS : part->alt;
}

static size_t title_length(const struct message_part *part)
{
	return part->name == NULL ? 0 : strlen(part->name);
}

size_t slack_picture_cost(const struct message_part *part)
{
	if (part->image == NULL || !slack_text_is_file(part->image))
		return 0;
	return slack_smaller(strlen(alt_of(part)), ALT_KEPT) + slack_smaller(title_length(part), TITLE_KEPT) +
	       PICTURE_COST;
}

/* alt_text is a string, no text object. Returns its length. */
static size_t put_alt(struct slack_builder *b, struct json_object *block, const char *alt, size_t max_bytes)
{
	char *clean = utf8_clean(alt, true);
	char *fit = slack_text_fit(clean, SLACK_ALT_MAX, max_bytes);
	size_t length = strlen(fit);

	json_put_string(block, "alt_text", fit[strspn(fit, " ")] == '\0' ? WORDLESS : fit);
	slack_block_spend(b, length);
	free(fit);
	free(clean);
	return length;
}

static struct json_object *new_picture(struct slack_builder *b, const struct message_part *part, size_t room)
{
	struct json_object *block = slack_block_new("image"), *file = json_new_object();

	json_put_string(file, "id", part->image);
	json_put(block, "slack_file", file);
	slack_block_spend(b, PICTURE_COST);
	room -= PICTURE_COST;
	room -= put_alt(b, block, alt_of(part), room - slack_smaller(title_length(part), TITLE_KEPT));
	if (title_length(part) > 0)
		json_put(block, "title", slack_block_plain(b, part->name, SLACK_TITLE_MAX, room));
	return block;
}

void slack_picture_add(struct slack_builder *b, const struct message_part *part)
{
	size_t cost = slack_picture_cost(part), room;

	if (cost == 0 || b->pictures == SLACK_PICTURES_MAX || b->blocks_left < 2 || cost > b->bytes_left) {
		log_event(LOG_ERROR, "slack.picture_dropped", "image", part->image, NULL);
		b->parts_cut++;
		return;
	}
	b->bytes_for_pictures = slack_minus(b->bytes_for_pictures, cost);
	b->blocks_kept = slack_minus(b->blocks_kept, 1);
	b->pictures++;
	room = slack_minus(b->bytes_left, b->bytes_for_actions + b->bytes_for_contexts + b->bytes_for_pictures);
	slack_block_add(b, b->blocks, new_picture(b, part, room < cost ? cost : room));
}

static struct json_object *new_line(struct json_object *picture)
{
	struct json_object *block = slack_block_new("context"), *elements = json_new_array();
	struct json_object *text = slack_block_new("plain_text");
	struct str all;
	char *fit;

	str_init(&all, SLACK_ALT_MAX * 4);
	str_addf(&all, NOT_SHOWN "%s", json_string(picture, "alt_text"));
	fit = slack_text_fit(all.text, SLACK_CONTEXT_MAX, SLACK_CONTEXT_MAX);
	json_put_string(text, "text", fit);
	json_put_bool(text, "emoji", false);
	json_append(elements, text);
	json_put(block, "elements", elements);
	free(fit);
	str_free(&all);
	return block;
}

struct json_object *slack_pictures_replace(struct json_object *blocks)
{
	struct json_object *out = json_new_array();
	bool found = false;

	for (size_t i = 0; i < json_count(blocks); i++) {
		struct json_object *block = json_at(blocks, i);
		bool picture = strcmp(json_string(block, "type"), "image") == 0;

		json_append(out, picture ? new_line(block) : json_keep(block));
		found = found || picture;
	}
	if (found)
		return out;
	json_free(out);
	return NULL;
}
