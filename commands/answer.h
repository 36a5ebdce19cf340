/*
 * answer.h - how a command answers: once, where it was asked.
 *
 * The answer is posted where everybody in the channel or thread can read it. Where the bot may
 * not post, the person who asked gets it privately, with what to do.
 */
#ifndef COMMANDS_ANSWER_H
#define COMMANDS_ANSWER_H

#include "bot/flow.h"

struct message;

/* Within a step named in the plan as { "answer", my_answer, answer_find }. */
enum flow_next answer_post(struct flow *flow, const struct message *message);
enum flow_next answer_find(struct flow *flow);
/* plan->ended of every command: a failure is told to the person who asked. */
void answer_ended(struct flow *flow, const struct err *err);

#endif
