/* tool_known.h - the names that are known before anything was looked up: the configuration's and the incidents'. */
#ifndef COMMANDS_TOOL_KNOWN_H
#define COMMANDS_TOOL_KNOWN_H

struct bot;
struct metric;
struct tool_names;

/* What an alarm's dimensions name, an incident points at; all else is known. */
void tool_known_begin(struct tool_names *names, struct bot *bot);
void tool_known_metric(struct tool_names *names, const struct metric *metric);
/* "instance=web-1, job=api": what is behind each "="; without one the whole. NULL: nothing. */
void tool_known_label(struct tool_names *names, const char *label);

#endif
