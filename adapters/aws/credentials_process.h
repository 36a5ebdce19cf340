/*
 * credentials_process.h - credential_process of a profile: a program that prints credentials.
 *
 * It is started directly, never by a shell, on a worker thread, with the environment of this process
 * and without its standard error (which may hold secrets). It has 20 s and 64 KiB.
 *
 * Fact: "Sourcing credentials with an external process", AWS CLI user guide.
 */
#ifndef ADAPTERS_AWS_CREDENTIALS_PROCESS_H
#define ADAPTERS_AWS_CREDENTIALS_PROCESS_H

#include "adapters/aws/credentials.h"

struct aws_process;
struct loop;

struct aws_process *aws_process_new(struct loop *loop);
void aws_process_free(struct aws_process *process); /* ends the program; nothing completes */
/* One at a time. */
void aws_process_run(struct aws_process *process, const char *command_line, aws_credentials_fn *done, void *arg);

/* Words as a shell would split them: blanks, quotes, backslashes; nothing else is special. NULL-ended,
 * free() each and the array; NULL: a quote is not closed, or no word. */
char **aws_process_split(const char *command_line);

#endif
