/* ssm_words.h - what SSM's statuses and errors mean, for people. Private to adapters/aws. */
#ifndef ADAPTERS_AWS_SSM_WORDS_H
#define ADAPTERS_AWS_SSM_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/aws/ssm.h"

/* status: StatusDetails or Status, with or without spaces within ("Delivery Timed Out"). One that is not
 * known counts as running: a new word of AWS must not end a command that goes on. */
enum ssm_phase ssm_words_phase(const char *status);
/* A sentence about a status that is over and not well; elapsed: "PT1M0.5S" or NULL. */
void ssm_words_why(const char *status, int64_t exit_code, const char *elapsed, char *out, size_t size);
/* The four usual causes why SSM does not know an instance. */
void ssm_words_not_managed(const char *instance, enum err_kind kind, struct err *err);
/* SSM kept only the beginning: the agent's own mark, or as much as it keeps. */
bool ssm_words_is_cut(const char *output);

#endif
