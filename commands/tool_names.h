/*
 * tool_names.h - which names a model may use when it calls a tool, by where they were seen. Pure.
 *
 * A model repeats what it reads, so a name that it hands over proves nothing. What counts is whether a name stands in
 * a place that is made of names: a key of the configuration, an alarm's dimensions, a list that AWS gave; or in the
 * words of the person who asks. Free text of others (reasons, descriptions, log lines, earlier answers) is never put in
 * here, so that nothing can become known by being written there. docs/ANSWERS.md, "Hostile text", says why.
 */
#ifndef COMMANDS_TOOL_NAMES_H
#define COMMANDS_TOOL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct tool_names;

enum tool_trust {
	TOOL_FREE,    /* nothing is looked up by it: a query, a reason */
	TOOL_KNOWN,   /* it must be known */
	TOOL_POINTED, /* the person who asks, or an alarm of an incident, must have pointed at it */
};

struct tool_names *tool_names_new(void);
void tool_names_free(struct tool_names *names);
/* A name by itself; NULL and "": nothing. */
void tool_names_add(struct tool_names *names, const char *name, enum tool_trust trust);
/* A text whose whole words are known, in whatever case: the question. */
void tool_names_add_text(struct tool_names *names, const char *text, enum tool_trust trust);
/* Names of which there are too many to copy: asked for when nothing else knows one. One a tool_names. */
void tool_names_ask(struct tool_names *names, bool (*knows)(void *arg, const char *name, enum tool_trust trust),
                    void *arg);
bool tool_names_has(struct tool_names *names, const char *name, enum tool_trust trust);

#endif
