/*
 * event_stream.h - messages out of application/vnd.amazon.eventstream, however the bytes were split.
 *
 * A message is: u32 total length, u32 length of the headers, u32 CRC-32 of these eight bytes; the headers; the
 * payload; u32 CRC-32 of all before it. Numbers are big-endian; the polynomial is that of zlib. A header is: u8
 * length of the name, the name, u8 type, the value; texts and bytes have a u16 length before them. No length is
 * believed before the CRC over it is right. A stream that was wrong once stays wrong: nothing behind can be trusted.
 *
 * Facts: "Amazon event stream encoding" of the AWS SDKs' common documentation; limits as in aws-c-event-stream and
 * botocore (headers 128 KiB, a message 24 MiB).
 */
#ifndef ADAPTERS_AWS_EVENT_STREAM_H
#define ADAPTERS_AWS_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

#define EVENT_STREAM_HEADERS_SIZE ((size_t)128 << 10) /* bytes */
#define EVENT_STREAM_MESSAGE_SIZE ((size_t)24 << 20)
#define EVENT_STREAM_HEADERS_MAX 64                   /* of one message */

enum event_stream_type { /* the values are those on the wire */
	EVENT_STREAM_TRUE,
	EVENT_STREAM_FALSE,
	EVENT_STREAM_INT8,
	EVENT_STREAM_INT16,
	EVENT_STREAM_INT32,
	EVENT_STREAM_INT64,
	EVENT_STREAM_BYTES,
	EVENT_STREAM_TEXT,
	EVENT_STREAM_TIME, /* milliseconds since 1970-01-01 UTC */
	EVENT_STREAM_UUID, /* 16 bytes */
};

struct event_stream_header {
	const char *name; /* valid UTF-8 */
	enum event_stream_type type;
	int64_t number;    /* of the integers, the time and the truth values */
	const char *bytes; /* of bytes, text and UUID; NUL-terminated; text is valid UTF-8 without NUL */
	size_t length;
};

/* Borrowed during the callback. */
struct event_stream_message {
	const struct event_stream_header *headers;
	size_t header_count;
	const char *payload; /* any bytes */
	size_t payload_length;
};

struct event_stream;
/* The stream must not be fed or freed from within. */
typedef void event_stream_fn(void *arg, const struct event_stream_message *message);

/* max_message: bytes of a whole message, at most EVENT_STREAM_MESSAGE_SIZE; larger ones are an error. */
struct event_stream *event_stream_new(size_t max_message, event_stream_fn *each, void *arg);
void event_stream_free(struct event_stream *stream); /* NULL: nothing */
/* Any number of bytes; calls back for each message that is complete. ERR_UNKNOWN: the stream is damaged. */
bool event_stream_feed(struct event_stream *stream, const void *bytes, size_t length, struct err *err) MUST_CHECK;
/* After the last byte. ERR_UNKNOWN: the stream was damaged, or ends within a message. */
bool event_stream_end(const struct event_stream *stream, struct err *err) MUST_CHECK;

/* The text of a header; NULL: there is none, or it is of another type. */
const char *event_stream_text(const struct event_stream_message *message, const char *name);
/* CRC-32 as zlib's; `crc` is 0 at first, else that of the bytes before. */
uint32_t event_stream_crc(uint32_t crc, const void *bytes, size_t length);

#endif
