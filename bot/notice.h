/* notice.h - building a struct notice (alarm.h) out of foreign JSON. Private to the parsers. */
#ifndef BOT_NOTICE_H
#define BOT_NOTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

struct event_input;
struct json_object;
struct notice;

#define NOTICE_TEXT_MAX 8192 /* bytes, of text and raw alike */

/* Account and region from the payload's "account" and "region" where they make sense, else from
 * the topic; the time from "time", else when it was sent; severity "info". */
struct notice *notice_new(const struct event_input *input, const char *source);
void notice_title(struct notice *notice, const char *format, ...) PRINTF(2, 3);
/* "EC2 instance {instance-id} is {state}": {path} is that member of json, "?" when it is absent;
 * {arn} the last part of `arn`. */
void notice_title_from(struct notice *notice, const char *pattern, struct json_object *json,
                       const char *arn);
void notice_set_text(struct notice *notice, const char *text);
/* Leaves out empty values; at most 40 are kept. */
void notice_detail(struct notice *notice, const char *name, const char *value);
/* Every scalar member whose name does not sound secret and whose value is neither in the title nor
 * the text. */
void notice_details_of(struct notice *notice, struct json_object *object);
void notice_severity(struct notice *notice, const char *severity);
/* "warning" when the words tell of a failure, else "info". */
const char *notice_severity_of(const char *words);
/* "disk" out of "arn:aws:ec2:us-east-1:1:volume/disk" and "a/b/disk"; borrowed. */
const char *notice_last_part(const char *arn);

/* "token", "Password", "aws_secret_key"... notice_raw.c */
bool notice_name_is_secret(const char *name);
/* A copy in which secret members are left out by a note, and with them every text that repeats
 * their value; JSON inside strings is opened. json_free it. */
struct json_object *notice_redact(struct json_object *json);
/* That, indented for people; at most NOTICE_TEXT_MAX bytes and a note of what was cut.
 * free() it. */
char *notice_raw(struct json_object *json);

#endif
