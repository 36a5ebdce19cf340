/*
 * blocks_markdown.c - a foreign text with form in an ordinary message: a markdown block (docs.slack.dev
 * reference/block-kit/blocks/markdown-block: 12,000 characters in all of a message's).
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/blocks_private.h"
#include "adapters/slack/markdown.h"
#include "adapters/slack/markdown_cut.h"
#include "bot/json.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define BRIDGE_MAX 512 /* what closes a fence or a table */
#define CUT_MARK "\n\n…"

/* Cut where it is read as before. */
static void add_cut(struct str *out, const char *safe, size_t room)
{
	size_t at = room <= BRIDGE_MAX ? 0 : slack_markdown_cut(safe, 0, room - BRIDGE_MAX, SLACK_CUT_ANYWHERE);
	struct str begin;

	str_init(&begin, BRIDGE_MAX);
	str_add_bytes(out, safe, at);
	slack_markdown_bridge(safe, at, out, &begin);
	str_add(out, CUT_MARK);
	str_free(&begin);
}

void slack_markdown_add(struct slack_builder *b, const char *markdown)
{
	char *safe = slack_markdown_safe(markdown);
	size_t room = slack_smaller(slack_block_room(b), SLACK_MARKDOWN_MAX);
	struct json_object *block;
	struct str text;

	str_init(&text, room);
	if (strlen(safe) <= room)
		str_add(&text, safe);
	else
		add_cut(&text, safe, room - strlen(CUT_MARK));
	free(safe);
	if (text.text[strspn(text.text, " \n")] != '\0') {
		block = slack_block_new("markdown");
		json_put_string(block, "text", text.text);
		slack_block_add(b, b->blocks, block);
		slack_block_spend(b, text.length);
	}
	str_free(&text);
}
