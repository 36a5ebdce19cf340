/* mail.h - mail to the team through an SNS topic (SNS Publish, query protocol). */
#ifndef ADAPTERS_MAIL_MAIL_H
#define ADAPTERS_MAIL_MAIL_H

#include <stddef.h>

#include "bot/err.h"

struct aws;

/* SNS asks for less than 100 characters. */
#define MAIL_SUBJECT_SIZE 100

/* subject: any text; made ASCII, one line, at most 99 characters, beginning with a letter/digit/punctuation
 * as SNS asks. body: any UTF-8, cut at 256 KiB with a note. Not idempotent: ERR_UNKNOWN may have been sent.
 * The topic's own region and account decide where it goes (credentials: ours, or of aws.accounts).
 * ERR_REFUSED also when `topic` is no ARN of an SNS topic. */
void mail_send(struct aws *aws, const char *topic, const char *subject, const char *body, struct done done);

/* The subject that SNS takes. */
void mail_subject(const char *text, char out[MAIL_SUBJECT_SIZE]);

#endif
