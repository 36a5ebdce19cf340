/*
 * config_problems.h - what is wrong with a configuration file: every problem, in the file's order.
 *
 * The first CONFIG_PROBLEMS_MAX by line are kept, the rest is counted, so that a hostile file
 * costs no memory. The key in a message is the place that the reader has entered last
 * ("aws.accounts[0].id"). Nothing here sees a value, so nothing here can leak one.
 */
#ifndef BOT_CONFIG_PROBLEMS_H
#define BOT_CONFIG_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct str;

#define CONFIG_PROBLEMS_MAX 20

struct config_problems {
	const char *file; /* as the user wrote it; borrowed */
	size_t count;     /* of all problems, kept or not */
	struct {
		int line; /* 0: the file as a whole */
		char *text;
	} kept[CONFIG_PROBLEMS_MAX]; /* sorted by line, stable */
	char place[256];
	size_t place_length;
};

void config_problems_init(struct config_problems *problems, const char *file);
void config_problems_free(struct config_problems *problems);

/* Go into a member or an element; the result takes config_leave back to where it was. */
size_t config_enter(struct config_problems *problems, const char *key);
size_t config_enter_index(struct config_problems *problems, size_t index);
void config_leave(struct config_problems *problems, size_t before);

/* "what is wrong; what to do", about the place entered last. */
void config_problem(struct config_problems *problems, int line, const char *format, ...)
	PRINTF(3, 4);

/* A line each: "FILE:LINE: KEY: what is wrong; what to do\n"; control characters become '?'. */
void config_problems_print(const struct config_problems *problems, struct str *out);

#endif
