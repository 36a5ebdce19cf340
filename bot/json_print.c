/* json_print.c - JSON values as text. */
#include <stdlib.h>

#include "bot/json.h"
#include "bot/json_value.h"
#include "bot/str.h"

#define TEXT_MAX (1u << 30)
#define COMPACT (-1)

/* depth: how far the lines are indented; COMPACT: one line. */
static void add(struct str *out, struct json_object *json, int depth);

static void add_break(struct str *out, int depth)
{
	if (depth == COMPACT)
		return;
	str_add_char(out, '\n');
	for (int i = 0; i < depth; i++)
		str_add(out, "  ");
}

static void add_members(struct str *out, const struct json_container *container, int depth)
{
	int inner = depth == COMPACT ? COMPACT : depth + 1;

	for (uint32_t i = 0; i < container->head.length; i++) {
		const struct json_member *member = &container->members[i];

		if (i > 0)
			str_add_char(out, ',');
		add_break(out, inner);
		if (member->name != NULL) {
			str_add_json(out, member->name, member->name_length);
			str_add(out, depth == COMPACT ? ":" : ": ");
		}
		add(out, member->value, inner);
	}
	if (container->head.length > 0)
		add_break(out, depth);
}

static void add(struct str *out, struct json_object *json, int depth)
{
	const struct json_container *container = json_container_of(json);

	if (json == NULL) {
		str_add(out, "null");
	} else if (container != NULL) {
		str_add_char(out, json->type == JSON_OBJECT ? '{' : '[');
		add_members(out, container, depth);
		str_add_char(out, json->type == JSON_OBJECT ? '}' : ']');
	} else if (json->type == JSON_STRING) {
		str_add_json(out, json->text, json->length);
	} else {
		str_add_bytes(out, json->text, json->length);
	}
}

void json_add(struct str *out, struct json_object *json)
{
	add(out, json, COMPACT);
}

static const char *print(struct json_object *json, int depth)
{
	struct str text;

	if (json == NULL)
		return "null";
	str_init(&text, TEXT_MAX);
	add(&text, json, depth);
	free(json->block->printed);
	json->block->printed = str_take(&text);
	return json->block->printed;
}

const char *json_print(struct json_object *json)
{
	return print(json, COMPACT);
}

const char *json_print_pretty(struct json_object *json)
{
	return print(json, 0);
}
