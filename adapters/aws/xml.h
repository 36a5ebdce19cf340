/*
 * xml.h - answers of EC2, STS and SNS, read by expat into a small tree.
 *
 * Names lose their namespace prefix; attributes, comments and white space between elements are
 * dropped. A document type is refused, and with it every entity of the document's own. Bounds: depth
 * 32, 100,000 elements, 4 MiB of input.
 *
 * A path names elements below a node: "reservationSet.item[1].instanceId". Without an index the
 * first of that name is meant. Getters return NULL when anything on the way is absent.
 */
#ifndef ADAPTERS_AWS_XML_H
#define ADAPTERS_AWS_XML_H

#include <stddef.h>

#include "bot/err.h"

struct xml;
struct xml_node;

/* ERR_USAGE and why, with the line. xml_free the result. */
struct xml *xml_parse(const char *text, size_t length, struct err *err) MUST_CHECK;
void xml_free(struct xml *xml);

const struct xml_node *xml_root(const struct xml *xml); /* never NULL */
const char *xml_name(const struct xml_node *node);
const struct xml_node *xml_get(const struct xml_node *node, const char *path); /* node may be NULL */
/* The text directly inside the element, "" when there is none; borrowed. */
const char *xml_text(const struct xml_node *node, const char *path);
/* How many elements the path fits; its last part has no index. */
size_t xml_count(const struct xml_node *node, const char *path);
/* The element number `index` of those. */
const struct xml_node *xml_at(const struct xml_node *node, const char *path, size_t index);

#endif
