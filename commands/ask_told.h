/*
 * ask_told.h - what the model is told at the beginning of an answer: the data, the thread so far, the question; and the
 * same as evidence for the check. For commands/ask_turn.c alone.
 */
#ifndef COMMANDS_ASK_TOLD_H
#define COMMANDS_ASK_TOLD_H

#include <stdbool.h>

struct briefing;
struct conversation;
struct evidence;
struct json_object;

struct ask_told {
	const struct briefing *briefing; /* all borrowed; nobody else uses it meanwhile */
	struct conversation *earlier;    /* NULL: nothing was asked here before */
	const char *fence, *question;
	const char *incident;            /* NULL: the thread is about none */
	bool reduced;                    /* the model could not take all: without `earlier`, and a part of the data */
	struct json_object *messages;    /* the result: Converse's; owned by whoever takes it */
};

/* told is a struct ask_told: fills `messages`, and adds to the evidence unless it is reduced: then all of it is known.
 * Takes long; touches nothing else, so that it may be done on the worker's thread. */
void ask_told_make(void *told, struct evidence *evidence);

#endif
