/*
 * tool_check.h - the arguments of a tool: as a JSON schema for the model, and held against what the model then gave.
 * One table says both.
 */
#ifndef COMMANDS_TOOL_CHECK_H
#define COMMANDS_TOOL_CHECK_H

#include <stdbool.h>

#include "bot/err.h"

struct config;
struct json_object;
struct str;
struct tool;
struct tool_call;

/* A toolSpec of Converse; owned by the caller. */
struct json_object *tool_check_spec(const struct tool *tool, const struct config *config);
/* Types, limits, names; sets the call's range and target. False: `why` says in our own words what does not do, without
 * repeating what the model gave: that would be foreign text outside of a fence. */
bool tool_check(struct tool_call *call, struct str *why) MUST_CHECK;

#endif
