/* event_text.h - foreign text made fit to keep: bounded, printable, dated. For the event parsers.
 */
#ifndef BOT_EVENT_TEXT_H
#define BOT_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A copy without control characters other than newline and tab, at most `max` bytes and a note of
 * how much was cut. NULL for NULL and for nothing but space. free() it. */
char *event_text(const char *text, size_t max);
/* The same on one line, cut with "...". */
char *event_line(const char *text, size_t max);
/* A name that must stay unique: what is not fit to keep as it is gets a hash of the whole. */
char *event_identity(const char *text, size_t max);
/* 16 hex digits of the SHA-256 of text. */
void event_hash(const char *text, char out[17]);

/* Any time format seen in AWS payloads; UTC when it names no zone. */
bool event_time(const char *text, int64_t *wall_ms);

#endif
