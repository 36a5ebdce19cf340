/*
 * answer.h - how a command answers: once, where it was asked.
 *
 * The answer is posted where everybody in the channel or thread can read it. Where the bot may
 * not post, the person who asked gets it privately, with what to do.
 */
#ifndef COMMANDS_ANSWER_H
#define COMMANDS_ANSWER_H

#include "bot/chat.h"
#include "bot/flow.h"

struct message;
struct origin;

/* Within a step named in the plan as { "answer", my_answer, answer_find }. */
enum flow_next answer_post(struct flow *flow, const struct message *message);
enum flow_next answer_find(struct flow *flow);

/* The thread that the answer is in, or begins; NULL: it is to begin one, and is not posted yet. */
const char *answer_thread(const struct origin *origin);
/*
 * What follows the answer in its thread, one message a step: { "post part", my_part, my_find }. n: which one it
 * is, from 0 on within its step. *id (owned string) becomes the message's.
 */
enum flow_next answer_reply(struct flow *flow, int64_t n, enum chat_priority priority, const struct message *message,
                            char **id);
enum flow_next answer_find_reply(struct flow *flow, int64_t n, char **id);

/* plan->ended of every command: a failure is told to the person who asked. */
void answer_ended(struct flow *flow, const struct err *err);

#endif
