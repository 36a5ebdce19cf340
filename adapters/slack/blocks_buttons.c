/* blocks_buttons.c - the buttons and menus of a message, and the questions that they ask first. */
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/blocks_private.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/message.h"
#include "bot/str.h"

static struct json_object *new_confirm(struct slack_builder *b, const char *question, const char *label)
{
	struct json_object *confirm = json_new_object();

	json_put(confirm, "title", slack_block_plain(b, "Are you sure?", 100, 100));
	json_put(confirm, "text", slack_block_plain(b, question, SLACK_CONFIRM_TEXT_MAX, SLACK_CONFIRM_TEXT_MAX * 3));
	json_put(confirm, "confirm", slack_block_plain(b, label, SLACK_CONFIRM_BUTTON_MAX,
	                                               SLACK_CONFIRM_BUTTON_MAX * 3));
	json_put(confirm, "deny", slack_block_plain(b, "Cancel", SLACK_CONFIRM_BUTTON_MAX, 10));
	return confirm;
}

static const char *label_of(const struct message_part *part)
{
	return part->line.first == NULL || part->line.first->text[0] == '\0' ? part->name : part->line.first->text;
}

/* Three dots: a menu without words of its own. */
static bool is_overflow(const struct message_part *part)
{
	return part->choices != NULL && part->line.first == NULL;
}

static bool is_token(const char *text, size_t max)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			return false;
	return length <= max && str_utf8_valid(text, length);
}

/* A button whose id or value Slack would refuse or change would come back as something else. */
static bool is_valid(const struct message_part *part)
{
	if (part->name[0] == '\0' || !is_token(part->name, SLACK_ACTION_ID_MAX) ||
	    !is_token(part->value, SLACK_BUTTON_VALUE_MAX) ||
	    part->choice_count > (is_overflow(part) ? SLACK_OVERFLOW_MAX : SLACK_OPTIONS_MAX))
		return false;
	for (size_t i = 0; i < part->choice_count; i++)
		if (part->choices[i].label[0] == '\0' || part->choices[i].value[0] == '\0' ||
		    !is_token(part->choices[i].value, SLACK_OPTION_VALUE_MAX))
			return false;
	return true;
}

size_t slack_button_cost(const struct message_part *part)
{
	size_t label = strlen(label_of(part)), cost;

	if (!is_valid(part))
		return 0;
	cost = strlen(part->name) + strlen(part->value) + slack_smaller(label, SLACK_BUTTON_TEXT_MAX * 3);
	for (size_t i = 0; i < part->choice_count; i++)
		cost += strlen(part->choices[i].value) +
		        slack_smaller(strlen(part->choices[i].label), SLACK_BUTTON_TEXT_MAX * 3);
	if (part->confirm != NULL)
		cost += slack_smaller(strlen(part->confirm), SLACK_CONFIRM_TEXT_MAX * 3) +
		        slack_smaller(label, SLACK_CONFIRM_BUTTON_MAX * 3) + 32;
	return cost;
}

static struct json_object *new_menu(struct slack_builder *b, const struct message_part *part)
{
	struct json_object *menu = slack_block_new(is_overflow(part) ? "overflow" : "static_select");
	struct json_object *options = json_new_array();

	if (!is_overflow(part))
		json_put(menu, "placeholder", slack_block_plain(b, label_of(part), SLACK_BUTTON_TEXT_MAX,
		                                                SLACK_BUTTON_TEXT_MAX * 3));
	json_put_string(menu, "action_id", part->name);
	slack_block_spend(b, strlen(part->name));
	for (size_t i = 0; i < part->choice_count; i++) {
		struct json_object *option = json_new_object();

		json_put(option, "text", slack_block_plain(b, part->choices[i].label, SLACK_BUTTON_TEXT_MAX,
		                                           SLACK_BUTTON_TEXT_MAX * 3));
		json_put_string(option, "value", part->choices[i].value);
		slack_block_spend(b, strlen(part->choices[i].value));
		json_append(options, option);
	}
	json_put(menu, "options", options);
	if (part->confirm != NULL)
		json_put(menu, "confirm", new_confirm(b, part->confirm, part->choices[0].label));
	return menu;
}

static struct json_object *new_button(struct slack_builder *b, const struct message_part *part)
{
	const char *label = label_of(part);
	struct json_object *button = slack_block_new("button");

	json_put(button, "text", slack_block_plain(b, label, SLACK_BUTTON_TEXT_MAX, SLACK_BUTTON_TEXT_MAX * 3));
	json_put_string(button, "action_id", part->name);
	if (part->value[0] != '\0')
		json_put_string(button, "value", part->value);
	if (part->style != STYLE_PLAIN)
		json_put_string(button, "style", part->style == STYLE_PRIMARY ? "primary" : "danger");
	if (part->confirm != NULL)
		json_put(button, "confirm", new_confirm(b, part->confirm, label));
	slack_block_spend(b, strlen(part->name) + strlen(part->value));
	return button;
}

/* An id must be unique within its block (Slack answers invalid_blocks otherwise). */
static bool fits_row(struct json_object *row, const char *id)
{
	if (json_count(row) >= SLACK_ACTIONS_MAX)
		return false;
	for (size_t i = 0; i < json_count(row); i++)
		if (strcmp(json_string(json_at(row, i), "action_id"), id) == 0)
			return false;
	return true;
}

static void add_row(struct slack_builder *b, struct json_object *row)
{
	struct json_object *block;

	if (json_count(row) == 0) {
		json_free(row);
		return;
	}
	block = slack_block_new("actions");
	json_put(block, "elements", row);
	slack_block_add(b, b->blocks, block);
}

const struct message_part *slack_buttons_add(struct slack_builder *b, const struct message_part *part)
{
	struct json_object *row = json_new_array();

	for (;; part = part->next) {
		size_t cost = slack_button_cost(part);

		b->bytes_for_actions = slack_minus(b->bytes_for_actions, cost);
		if (cost == 0 || cost > b->bytes_left || b->blocks_left < 2) {
			log_event(LOG_ERROR, "slack.button_dropped", "action", part->name, NULL);
			b->parts_cut++;
		} else {
			if (!fits_row(row, part->name)) {
				add_row(b, row);
				row = json_new_array();
			}
			json_append(row, part->choices == NULL ? new_button(b, part) : new_menu(b, part));
		}
		if (part->next == NULL || part->next->type != PART_ACTION)
			break;
	}
	add_row(b, row);
	return part;
}
