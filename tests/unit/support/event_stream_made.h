/* event_stream_made.h - messages of an event stream, written from the description of the format. */
#ifndef TESTS_EVENT_STREAM_MADE_H
#define TESTS_EVENT_STREAM_MADE_H

#include <stddef.h>
#include <stdint.h>

#include "bot/str.h"

struct made {
	struct str headers;
};

void made_begin(struct made *made);
/* value: as on the wire, so with the length before a text. */
void made_header(struct made *made, const char *name, int type, const void *value, size_t length);
/* Adds the whole message to *out. */
void made_end(struct made *made, const void *payload, size_t length, struct str *out);
/* The first 12 bytes of a message, with the right checksum over these lengths. */
void made_prelude(unsigned char out[12], uint32_t total, uint32_t headers);

/* A message of an AWS service: type and JSON payload. */
void made_event(struct str *out, const char *type, const char *json);
void made_exception(struct str *out, const char *type, const char *json);

#endif
