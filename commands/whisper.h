/*
 * whisper.h - a word to one person alone, by the link that came with a slash command or a click.
 *
 * At most once: the chat cannot be asked whether it came. Who hears nothing asks again; who hears the same twice looks
 * for a second refusal. It leaves once what it is about is durable (the end of a flow, the click), so that a process
 * that does that work anew does not say it anew; a kill in the moment of sending loses it. One that waits is said by
 * the next process.
 */
#ifndef COMMANDS_WHISPER_H
#define COMMANDS_WHISPER_H

#include "bot/message.h"

struct bot;
struct flow_plan;

extern const struct flow_plan whisper_plan;

struct whisper {
	const char *response_url; /* a secret; NULL: nobody can be told */
	enum message_tone tone;
	const char *headline;     /* NULL: none */
	const char *text;
	const char *details;      /* in small print; NULL: none */
};

/* Into the open journal batch. All texts are copied. */
void whisper(struct bot *bot, const struct whisper *words);

#endif
