/*
 * ask_prompt.h - the model's instructions: prompts/answer.md, the language, and the configuration's own.
 */
#ifndef COMMANDS_ASK_PROMPT_H
#define COMMANDS_ASK_PROMPT_H

struct config;

#define ASK_PROMPT_OWN_MAX (16 * 1024) /* bytes of bedrock.prompt that are read */

/* The same for all questions of one configuration, so that the model's cache knows it. Own instructions that cannot
 * be read are left out, and logged. free() it. */
char *ask_prompt(const struct config *config);

#endif
