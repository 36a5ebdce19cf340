/*
 * blocks.h - a message of ours as Block Kit. The one place that knows Slack's limits on messages.
 *
 * Everything inside blocks that may be foreign is rich_text or plain_text: Slack parses neither, so
 * nothing has to be escaped there, nothing can mention or link, and what a person copies (a name
 * with underscores, an ARN) is exactly what came in. Only the top-level text and small print with
 * times or links are mrkdwn: escaped, and with verbatim where that exists.
 *
 * Limits: docs.slack.dev reference/block-kit, @slack/types 3.2.0; the ceiling of a whole message
 * (13,200) is undocumented: bolt-js#2509.
 */
#ifndef ADAPTERS_SLACK_BLOCKS_H
#define ADAPTERS_SLACK_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct message;

#define SLACK_BLOCKS_MAX 50        /* in a message, attachments included */
#define SLACK_CONTENT_MAX 12000    /* bytes of all strings in blocks */
#define SLACK_TEXT_MAX 4000        /* top-level text, chat.update's limit */
#define SLACK_PARAGRAPH_MAX 3000
#define SLACK_CODE_MAX 8000
#define SLACK_MARKDOWN_MAX 4800    /* bytes of one, made harmless: the rest of the message needs room, too */
#define SLACK_FIELD_NAME_MAX 100
#define SLACK_CONTEXT_MAX 2000
#define SLACK_HEADER_MAX 150
#define SLACK_BUTTON_TEXT_MAX 75
#define SLACK_BUTTON_VALUE_MAX 2000
#define SLACK_ACTION_ID_MAX 255
#define SLACK_OPTION_VALUE_MAX 150
#define SLACK_OPTIONS_MAX 100
#define SLACK_OVERFLOW_MAX 5       /* options below three dots */
#define SLACK_ACTIONS_MAX 25       /* buttons and menus in one block */
#define SLACK_CONFIRM_TEXT_MAX 300
#define SLACK_CONFIRM_BUTTON_MAX 30
#define SLACK_URL_MAX 3000
#define SLACK_PICTURES_MAX 10      /* ours: more in one message nobody looks at */
#define SLACK_ALT_MAX 2000
#define SLACK_TITLE_MAX 2000

struct slack_content {
	char *text;                      /* top-level: phone push, screen readers; escaped; never empty */
	char *plain;                     /* the whole message as text, for when Slack refuses the blocks */
	struct json_object *blocks;      /* array */
	struct json_object *without_pictures; /* the same, a line for each picture; NULL: there is none */
	struct json_object *attachments; /* array: empty, or one that carries the colour bar */
};

void slack_content_make(struct slack_content *content, const struct message *message);
/* The same with at most so many bytes of strings in blocks, where other blocks stand above these. */
void slack_content_make_below(struct slack_content *content, const struct message *message, size_t most);
void slack_content_free(struct slack_content *content);

#endif
