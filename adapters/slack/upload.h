/*
 * upload.h - hands a picture to Slack, where nobody sees it until a message of ours shows it.
 *
 * Three steps and a look (docs.slack.dev messaging/working-with-files): files.getUploadURLExternal,
 * the bytes to the address that it gives, files.completeUploadExternal without a channel, then
 * files.info until Slack has processed the file: before that an image block with it is refused
 * ("invalid slack file"), and its mimetype is what tells (java-slack-sdk#1349, node-slack-sdk#2040).
 *
 * Without a channel the file is private to the bot. A block may show it because the bot posts both
 * (docs.slack.dev slack-file-object: "the user posting these blocks must have access to this file"),
 * and what a bot shows it shares: everyone who can read the message sees it (bolt-python#1018).
 * Scopes: files:write, and files:read for the look.
 */
#ifndef ADAPTERS_SLACK_UPLOAD_H
#define ADAPTERS_SLACK_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct loop;
struct slack_uploads;
struct slack_web;

#define SLACK_PICTURE_MAX (4u << 20) /* bytes; ours: a chart has a tenth of a megabyte */
#define SLACK_UPLOADS_MAX 32         /* at once; more are ERR_RETRY */

#define SLACK_UPLOAD_DEADLINE_MS 120000

/* loopback: http to a loopback address is good enough for the bytes. deadline_ms: of each upload; not scaled. */
struct slack_uploads *slack_uploads_new(struct loop *loop, struct slack_web *web, bool loopback, int64_t deadline_ms);
/* Those under way complete with ERR_CANCELLED. After slack_web_free. */
void slack_uploads_free(struct slack_uploads *uploads);

/* As chat_ops.upload. alt may be NULL. */
void slack_upload(struct slack_uploads *uploads, const char *name, const char *alt, const unsigned char *png,
                  size_t size, char **image, struct done done);

#endif
