/*
 * deed.h - what a person does to an incident or a silence, by words or by a button: ack, unack, resolve, silence,
 * unsilence.
 *
 * A deed is done in the commit of what was heard (a click) or of its flow's first step (words), once; words are
 * answered where they were said. Its act is told in the incident's thread, unless the answer stands there already, and
 * in its issue.
 */
#ifndef COMMANDS_DEED_H
#define COMMANDS_DEED_H

#include "bot/incident.h"
#include "commands/command.h"

struct chat_heard;

struct deed {
	struct origin origin;
	bool clicked;
	char *words;      /* behind the command's name; of a click: the button's value. NULL: none */
	char *failure;    /* why nothing was done; NULL: it was */
	char *what, *whom, *why; /* as in struct incident_act; `by` is the origin's user */
	int64_t at_ms;
	char *about;      /* small print of the answer */
	char *silence;    /* id of the one that holds now, for a button; NULL: none */
};

extern const struct field deed_fields[];

/* Does it, into the open journal batch; false: *err says, fit for chat, why not. */
typedef bool deed_fn(struct bot *bot, struct deed *deed, struct err *err);

/* A command's parse, and its two steps: { "do", one that calls deed_do }, { "answer", deed_answer, answer_find }. */
void deed_parse(void *state, const char *words);
enum flow_next deed_do(struct flow *flow, deed_fn *fn);
enum flow_next deed_answer(struct flow *flow);

/* A button: the same with its value as words. */
bool deed_click(struct bot *bot, const struct chat_heard *heard, deed_fn *fn, struct err *err) MUST_CHECK;

/* --- for those who do it --- */

/* Operators may; false: *err says who is one. */
bool deed_is_permitted(struct bot *bot, const struct deed *deed, struct err *err) MUST_CHECK;
/* Which incident is meant: the one whose number stands first in the words, else that of the thread, else the only open
 * one. *rest: the words behind the number. NULL: *err says so. A number with words behind it, said in an incident's
 * thread, belongs to them. */
struct incident *deed_incident(struct bot *bot, const struct deed *deed, const char **rest, struct err *err);
/* The one of that number; NULL: *err says that nobody ever saw such a one. */
struct incident *deed_numbered(struct bot *bot, const char *id, struct err *err);
/* The incident in whose thread it was said or whose button was pressed; NULL: none. */
struct incident *deed_thread(struct bot *bot, const struct deed *deed);
/* What was done. whom, why: may be NULL. */
void deed_say(struct deed *deed, const char *what, const char *whom, int64_t at_ms, const char *why);
/* After deed_say: tells it in the thread and in the issue, and has the message edited. */
void deed_tell(struct bot *bot, struct deed *deed, struct incident *incident);

/* Buttons (commands/buttons.c). */
bool ack_click(struct bot *bot, const struct chat_heard *heard, struct err *err) MUST_CHECK;
bool resolve_click(struct bot *bot, const struct chat_heard *heard, struct err *err) MUST_CHECK;
bool silence_click(struct bot *bot, const struct chat_heard *heard, struct err *err) MUST_CHECK;
bool unsilence_click(struct bot *bot, const struct chat_heard *heard, struct err *err) MUST_CHECK;

#endif
