#include "adapters/aws/xml.h"

#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"

#define MAX_INPUT ((size_t)4 << 20)
#define MAX_NODES 100000
#define MAX_DEPTH 32

struct xml_node {
	char *name;
	struct str text;
	bool has_children;
	struct xml_node *first, *last, *next;
};

struct xml {
	struct xml_node *root;
};

/* What expat's callbacks build. */
struct building {
	XML_Parser parser;
	struct xml_node *open[MAX_DEPTH];
	size_t depth, count;
	struct xml_node *root;
	const char *refused; /* why it was stopped by us */
};

static void free_node(struct xml_node *node)
{
	for (struct xml_node *child = node->first, *next; child != NULL; child = next) {
		next = child->next;
		free_node(child); /* no deeper than MAX_DEPTH */
	}
	free(node->name);
	str_free(&node->text);
	free(node);
}

void xml_free(struct xml *xml)
{
	if (xml == NULL)
		return;
	free_node(xml->root);
	free(xml);
}

static void refuse(struct building *b, const char *why)
{
	b->refused = why;
	(void)XML_StopParser(b->parser, XML_FALSE);
}

/* What stands between elements is white space and means nothing. */
static void note_children(struct xml_node *parent)
{
	if (parent->has_children)
		return;
	parent->has_children = true;
	str_clear(&parent->text);
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct building *b = arg;
	const char *colon = strrchr(name, ':');
	struct xml_node *node, *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;

	(void)attributes;
	if (b->refused != NULL)
		return;
	if (b->depth == MAX_DEPTH || b->count == MAX_NODES) {
		refuse(b, b->depth == MAX_DEPTH ? "nested too deeply" : "too many elements");
		return;
	}
	node = mem_alloc(sizeof(*node));
	node->name = mem_copy_string(colon != NULL ? colon + 1 : name);
	str_init(&node->text, MAX_INPUT);
	b->count++;
	b->open[b->depth++] = node;
	if (parent == NULL) {
		b->root = node;
		return;
	}
	note_children(parent);
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
}

static void on_end(void *arg, const XML_Char *name)
{
	struct building *b = arg;

	(void)name;
	if (b->refused == NULL)
		b->depth--;
}

static void on_text(void *arg, const XML_Char *text, int length)
{
	struct building *b = arg;

	if (b->refused == NULL && b->depth > 0 && !b->open[b->depth - 1]->has_children)
		str_add_bytes(&b->open[b->depth - 1]->text, text, (size_t)length);
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                       int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	refuse(arg, "it has a document type");
}

static bool parse(struct building *b, const char *text, size_t length, struct err *err)
{
	XML_SetUserData(b->parser, b);
	XML_SetElementHandler(b->parser, on_start, on_end);
	XML_SetCharacterDataHandler(b->parser, on_text);
	XML_SetStartDoctypeDeclHandler(b->parser, on_doctype);
	if (XML_Parse(b->parser, text, (int)length, XML_TRUE) == XML_STATUS_OK && b->refused == NULL)
		return true;
	return err_set(err, ERR_USAGE, "not usable XML: line %lu: %s",
	               (unsigned long)XML_GetCurrentLineNumber(b->parser),
	               b->refused != NULL ? b->refused : XML_ErrorString(XML_GetErrorCode(b->parser)));
}

struct xml *xml_parse(const char *text, size_t length, struct err *err)
{
	struct building b = { 0 };
	struct xml *xml = NULL;

	if (length > MAX_INPUT) {
		(void)err_set(err, ERR_USAGE, "not usable XML: larger than %zu bytes", MAX_INPUT);
		return NULL;
	}
	b.parser = XML_ParserCreate(NULL);
	if (b.parser == NULL)
		mem_none_left();
	if (parse(&b, text, length, err)) {
		xml = mem_alloc(sizeof(*xml));
		xml->root = b.root;
	} else if (b.root != NULL) {
		free_node(b.root);
	}
	XML_ParserFree(b.parser);
	return xml;
}

/* --- reading --- */

const struct xml_node *xml_root(const struct xml *xml)
{
	return xml->root;
}

const char *xml_name(const struct xml_node *node)
{
	return node->name;
}

static bool is_named(const struct xml_node *node, const char *name, size_t length)
{
	return strncmp(node->name, name, length) == 0 && node->name[length] == '\0';
}

static const struct xml_node *child(const struct xml_node *node, const char *name, size_t length, size_t index)
{
	for (const struct xml_node *at = node->first; at != NULL; at = at->next)
		if (is_named(at, name, length) && index-- == 0)
			return at;
	return NULL;
}

const struct xml_node *xml_get(const struct xml_node *node, const char *path)
{
	while (node != NULL && *path != '\0') {
		size_t length = strcspn(path, ".["), index = 0;
		const char *name = path;

		path += length;
		if (*path == '[') {
			char *end;

			index = strtoul(path + 1, &end, 10);
			path = *end == ']' ? end + 1 : end;
		}
		node = child(node, name, length, index);
		path += *path == '.';
	}
	return node;
}

const char *xml_text(const struct xml_node *node, const char *path)
{
	const struct xml_node *found = xml_get(node, path);

	return found == NULL ? NULL : found->text.text;
}

/* The parent of the path's last part, and that part. */
static const struct xml_node *parent_of(const struct xml_node *node, const char *path, const char **last)
{
	const char *dot = strrchr(path, '.');
	const struct xml_node *parent;
	char *above;

	*last = dot == NULL ? path : dot + 1;
	if (dot == NULL)
		return node;
	above = mem_copy_bytes(path, (size_t)(dot - path));
	parent = xml_get(node, above);
	free(above);
	return parent;
}

size_t xml_count(const struct xml_node *node, const char *path)
{
	const char *last;
	const struct xml_node *parent = parent_of(node, path, &last);
	size_t count = 0;

	for (const struct xml_node *at = parent == NULL ? NULL : parent->first; at != NULL; at = at->next)
		count += is_named(at, last, strlen(last));
	return count;
}

const struct xml_node *xml_at(const struct xml_node *node, const char *path, size_t index)
{
	const char *last;
	const struct xml_node *parent = parent_of(node, path, &last);

	return parent == NULL ? NULL : child(parent, last, strlen(last), index);
}
