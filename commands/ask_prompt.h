/*
 * ask_prompt.h - the model's instructions: prompts/answer.md, the language, and the configuration's own.
 */
#ifndef COMMANDS_ASK_PROMPT_H
#define COMMANDS_ASK_PROMPT_H

struct config;

/* The same for all questions of one configuration, so that the model's cache knows it. free() it. */
char *ask_prompt(const struct config *config);

#endif
