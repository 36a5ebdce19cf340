/* blocks_private.h - a message on its way to Block Kit; for blocks.c, blocks_buttons.c, blocks_pictures.c. */
#ifndef ADAPTERS_SLACK_BLOCKS_PRIVATE_H
#define ADAPTERS_SLACK_BLOCKS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct message_part;

/* What later parts need is kept free for them: they must not fall victim to a long text before them. */
struct slack_builder {
	struct json_object *blocks, *bar; /* bar: the blocks of the attachment, or NULL */
	const struct message_part *last_body;
	size_t bytes_left, bytes_for_actions, bytes_for_contexts, bytes_for_pictures;
	size_t blocks_left, blocks_kept;
	size_t pictures;  /* in blocks */
	size_t parts_cut;
};

static inline size_t slack_smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t slack_minus(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

struct json_object *slack_block_new(const char *type);
void slack_block_add(struct slack_builder *b, struct json_object *list, struct json_object *block);
void slack_block_spend(struct slack_builder *b, size_t bytes);
/* A plain_text object of at most max UTF-16 units and max_bytes bytes; what it takes is spent. */
struct json_object *slack_block_plain(struct slack_builder *b, const char *text, size_t max, size_t max_bytes);

/* What is left for the body. */
size_t slack_block_room(const struct slack_builder *b);

/* A text with form of its own, made harmless; what there is no room for is cut. */
void slack_markdown_add(struct slack_builder *b, const char *markdown);

/* Bytes that a button or picture is sure to get; 0: Slack would refuse it, so it is left out. */
size_t slack_button_cost(const struct message_part *part);
size_t slack_picture_cost(const struct message_part *part);
/* A run of buttons as rows. Returns the last of the run. */
const struct message_part *slack_buttons_add(struct slack_builder *b, const struct message_part *part);
void slack_picture_add(struct slack_builder *b, const struct message_part *part);
/* The blocks with a line of small print in the place of each picture; NULL when there is no picture. */
struct json_object *slack_pictures_replace(struct json_object *blocks);

#endif
