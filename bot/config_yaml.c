/* config_yaml.c - libyaml's events to a tree; its errors in plain words. */
#include "bot/config_yaml.h"

#include <yaml.h>

#include "bot/config_problems.h"
#include "bot/mem.h"
#include "bot/str.h"

struct reader {
	yaml_parser_t parser;
	struct config_problems *problems;
	const char *text;
	size_t length;
	size_t nodes;
	int depth;
	bool failed; /* nothing more can be read */
};

static struct config_node *read_node(struct reader *r, const yaml_event_t *event);

static int line_of_offset(const struct reader *r, size_t offset)
{
	int line = 1;

	for (size_t i = 0; i < offset && i < r->length; i++)
		line += r->text[i] == '\n';
	return line;
}

/* The byte at a mark of libyaml, which counts characters, not bytes; '\0' past the end. */
static char byte_at(const struct reader *r, const yaml_mark_t *mark)
{
	size_t i = 0;

	for (size_t line = 0; i < r->length && line < mark->line; i++)
		line += r->text[i] == '\n';
	for (size_t column = 0; i < r->length && column < mark->column; column++)
		do
			i++;
		while (i < r->length && (r->text[i] & 0xc0) == 0x80);
	return i < r->length ? r->text[i] : '\0';
}

/* What to do about a problem of libyaml's. */
static const char *advice_for(const char *problem, char byte)
{
	static const struct {
		const char *problem, *advice;
	} table[] = {
		{ "control characters", "remove them; save the file as plain UTF-8 text" },
		{ "mapping values are not allowed",
		  "there is one colon too many or wrong indentation; put text that holds ': ' in quotes" },
		{ "block sequence entries", "put the '-' on a line of its own below its key" },
		{ "found a tab", "indent with spaces, not with tabs" },
		{ "found unexpected end", "close the quote or bracket" },
		{ "found unexpected document", "close the quote or bracket" },
		{ "did not find expected ','", "close the bracket, put a comma between the entries, and "
		  "within brackets put ${NAME} in quotes" },
		{ "found unknown escape", "write \\\\ for a backslash, or use single quotes" },
		{ "did not find expected alphabetic",
		  "put a value that begins with * or & in quotes" },
	};

	if (byte == '\t')
		return "indent with spaces, not with tabs";
	if (byte == '@' || byte == '`' || byte == '%')
		return "put a value that begins with @, ` or % in quotes";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_starts(problem, table[i].problem))
			return table[i].advice;
	return "check the indentation, colons and quotes here and on the line before";
}

static void report_syntax(struct reader *r)
{
	const yaml_parser_t *parser = &r->parser;
	const char *problem = parser->problem != NULL ? parser->problem : "it cannot be parsed";
	char byte = '\0', began[48] = "";
	int line;

	if (parser->error == YAML_MEMORY_ERROR)
		mem_none_left();
	config_leave(r->problems, 0); /* libyaml reads ahead: the key entered last may be another */
	if (parser->error == YAML_READER_ERROR) {
		line = line_of_offset(r, parser->problem_offset);
	} else {
		line = (int)parser->problem_mark.line + 1;
		byte = byte_at(r, &parser->problem_mark);
		if (parser->context != NULL && parser->context_mark.line != parser->problem_mark.line)
			(void)snprintf(began, sizeof(began), " in what began on line %d",
			               (int)parser->context_mark.line + 1);
	}
	config_problem(r->problems, line, "not valid YAML: %s%s; %s", problem, began,
	               advice_for(problem, byte));
}

static bool fail(struct reader *r)
{
	r->failed = true;
	return false;
}

static bool next_event(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	report_syntax(r);
	return fail(r);
}

static struct config_node *new_node(enum config_node_kind kind, const yaml_event_t *event)
{
	struct config_node *node = mem_alloc(sizeof(*node));

	node->kind = kind;
	node->line = (int)event->start_mark.line + 1;
	return node;
}

/* Anchors and tags on any kind of node. */
static void refuse_decoration(struct reader *r, struct config_node *node, const yaml_char_t *anchor,
                              const yaml_char_t *tag)
{
	if (anchor != NULL)
		config_problem(r->problems, node->line, "anchors and aliases (& and *) are not accepted; "
		               "write the value out, in quotes when it begins with & or *");
	if (tag != NULL)
		config_problem(r->problems, node->line, "tags (!) are not accepted; "
		               "put a value that begins with ! in quotes");
	node->bad = anchor != NULL || tag != NULL;
}

static struct config_node *read_scalar(struct reader *r, const yaml_event_t *event)
{
	struct config_node *node = new_node(CONFIG_NODE_SCALAR, event);
	const char *value = (const char *)event->data.scalar.value;

	node->text = mem_copy_bytes(value, event->data.scalar.length);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	refuse_decoration(r, node, event->data.scalar.anchor, event->data.scalar.tag);
	if (!node->bad && memchr(value, '\0', event->data.scalar.length) != NULL) {
		config_problem(r->problems, node->line, "holds a NUL character; remove it");
		node->bad = true;
	}
	return node;
}

static struct config_node *read_alias(struct reader *r, const yaml_event_t *event)
{
	struct config_node *node = new_node(CONFIG_NODE_SCALAR, event);

	node->text = mem_copy_string("");
	refuse_decoration(r, node, event->data.alias.anchor, NULL);
	return node;
}

/* Asked before the next member is read. */
static bool has_room(struct reader *r, const struct config_node *parent, int line)
{
	if (parent->count < CONFIG_YAML_WIDTH)
		return true;
	config_problem(r->problems, line, "has more than %d entries; shorten it", CONFIG_YAML_WIDTH);
	return fail(r);
}

static void append(struct config_node *parent, struct config_node *child)
{
	if (parent->last != NULL)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	parent->count++;
}

static struct config_node *read_list(struct reader *r, const yaml_event_t *start)
{
	struct config_node *list = new_node(CONFIG_NODE_LIST, start);
	yaml_event_t event;

	refuse_decoration(r, list, start->data.sequence_start.anchor, start->data.sequence_start.tag);
	while (!r->failed && next_event(r, &event)) {
		bool end = event.type == YAML_SEQUENCE_END_EVENT;
		if (!end && has_room(r, list, (int)event.start_mark.line + 1)) {
			size_t before = config_enter_index(r->problems, list->count);
			append(list, read_node(r, &event));
			config_leave(r->problems, before);
		}
		yaml_event_delete(&event);
		if (end)
			break;
	}
	return list;
}

/* The key of the next member; NULL at the end of the map or when the reader has failed. */
static struct config_node *read_key(struct reader *r, struct config_node *map)
{
	struct config_node *key = NULL;
	yaml_event_t event;

	if (!next_event(r, &event))
		return NULL;
	if (event.type == YAML_SCALAR_EVENT) {
		key = read_scalar(r, &event);
	} else if (event.type != YAML_MAPPING_END_EVENT) {
		config_problem(r->problems, (int)event.start_mark.line + 1,
		               "a key must be plain text, not a list, a map or an alias; put it in quotes "
		               "when it begins with *, & , [ or {");
		map->bad = true;
		fail(r);
	}
	yaml_event_delete(&event);
	return key;
}

/* A member takes over the key's text. */
static void add_member(struct reader *r, struct config_node *map, struct config_node *key,
                       struct config_node *member)
{
	struct config_node *same = config_yaml_member(map, key->text);

	member->key = key->text;
	member->key_line = key->line;
	member->bad = member->bad || key->bad;
	if (key->plain && strcmp(key->text, "<<") == 0) {
		config_problem(r->problems, key->line, "merge keys are not accepted; write the keys out");
		member->bad = true;
	} else if (same != NULL) {
		config_problem(r->problems, key->line,
		               "duplicate key, first given on line %d; remove one of them", same->key_line);
		member->bad = true;
	}
	key->text = NULL;
	append(map, member);
}

static struct config_node *read_map(struct reader *r, const yaml_event_t *start)
{
	struct config_node *map = new_node(CONFIG_NODE_MAP, start);
	struct config_node *key;
	yaml_event_t event;

	refuse_decoration(r, map, start->data.mapping_start.anchor, start->data.mapping_start.tag);
	while (!r->failed && (key = read_key(r, map)) != NULL) {
		size_t before = r->problems->place_length;
		if (has_room(r, map, key->line) && next_event(r, &event)) {
			(void)config_enter(r->problems, key->text);
			struct config_node *value = read_node(r, &event);
			yaml_event_delete(&event);
			add_member(r, map, key, value);
		}
		config_leave(r->problems, before);
		config_yaml_free(key);
	}
	return map;
}

/* Always a node, so that the caller has something to hold; r->failed says whether to go on. */
static struct config_node *read_node(struct reader *r, const yaml_event_t *event)
{
	struct config_node *node;

	if (++r->nodes > CONFIG_YAML_NODES) {
		config_problem(r->problems, (int)event->start_mark.line + 1,
		               "the file has more than %d values; shorten it", CONFIG_YAML_NODES);
		fail(r);
		return new_node(CONFIG_NODE_LIST, event);
	}
	if (r->depth == CONFIG_YAML_DEPTH) {
		config_problem(r->problems, (int)event->start_mark.line + 1,
		               "nested deeper than %d levels; flatten it", CONFIG_YAML_DEPTH);
		fail(r);
		return new_node(CONFIG_NODE_LIST, event);
	}
	r->depth++;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		node = read_list(r, event);
	else if (event->type == YAML_MAPPING_START_EVENT)
		node = read_map(r, event);
	else if (event->type == YAML_ALIAS_EVENT)
		node = read_alias(r, event);
	else
		node = read_scalar(r, event);
	r->depth--;
	return node;
}

/* The stream: at most one document. */
static void read_stream(struct reader *r, struct config_node **root)
{
	bool end = false;
	int documents = 0;

	while (!r->failed && !end) {
		yaml_event_t event;
		if (!next_event(r, &event))
			return;
		if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
			config_problem(r->problems, (int)event.start_mark.line + 1,
			               "a second document begins here; keep one document in the file, "
			               "without '---' in between");
			fail(r);
		} else if (event.type == YAML_STREAM_END_EVENT) {
			end = true;
		} else if (event.type != YAML_STREAM_START_EVENT &&
		           event.type != YAML_DOCUMENT_START_EVENT &&
		           event.type != YAML_DOCUMENT_END_EVENT) {
			*root = read_node(r, &event);
		}
		yaml_event_delete(&event);
	}
}

/* What libyaml would report in words of its own, or decode from UTF-16 without asking. */
static bool is_utf8_text(struct reader *r)
{
	size_t i = 0;

	if (r->length > CONFIG_YAML_SIZE) {
		config_problem(r->problems, 0, "is larger than 1 MiB; shorten it");
		return false;
	}
	if (r->length >= 2 &&
	    (memcmp(r->text, "\xff\xfe", 2) == 0 || memcmp(r->text, "\xfe\xff", 2) == 0)) {
		config_problem(r->problems, 1, "the file is UTF-16; save it as UTF-8");
		return false;
	}
	if (str_utf8_valid(r->text, r->length))
		return true;
	while (i < r->length) { /* the first line that is not valid */
		const char *end = memchr(r->text + i, '\n', r->length - i);
		size_t size = end == NULL ? r->length - i : (size_t)(end - r->text) - i + 1;
		if (!str_utf8_valid(r->text + i, size))
			break;
		i += size;
	}
	config_problem(r->problems, line_of_offset(r, i), "the text is not UTF-8; save the file as UTF-8");
	return false;
}

bool config_yaml_read(const char *text, size_t length, struct config_problems *problems,
                      struct config_node **root)
{
	struct reader r = { .problems = problems, .text = text, .length = length };

	*root = NULL;
	if (!is_utf8_text(&r))
		return false;
	if (!yaml_parser_initialize(&r.parser))
		mem_none_left();
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
	read_stream(&r, root);
	yaml_parser_delete(&r.parser);
	return !r.failed;
}

void config_yaml_free(struct config_node *node)
{
	if (node == NULL)
		return;
	for (struct config_node *child = node->first, *next; child != NULL; child = next) {
		next = child->next;
		config_yaml_free(child);
	}
	if (node->text != NULL)
		explicit_bzero(node->text, strlen(node->text));
	free(node->text);
	free(node->key);
	free(node);
}

struct config_node *config_yaml_member(const struct config_node *node, const char *key)
{
	if (node == NULL || node->kind != CONFIG_NODE_MAP)
		return NULL;
	for (struct config_node *member = node->first; member != NULL; member = member->next)
		if (strcmp(member->key, key) == 0)
			return member;
	return NULL;
}

bool config_yaml_is_absent(const struct config_node *node)
{
	if (node == NULL)
		return true;
	return node->kind == CONFIG_NODE_SCALAR && node->plain && !node->foreign && !node->bad &&
	       (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *config_yaml_kind(const struct config_node *node)
{
	if (node->kind == CONFIG_NODE_LIST)
		return "a list";
	return node->kind == CONFIG_NODE_MAP ? "a map" : "one value";
}
