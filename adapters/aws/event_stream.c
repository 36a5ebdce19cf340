#include "adapters/aws/event_stream.h"

#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/str.h"

#define PRELUDE 12u
#define TRAILER 4u
#define BUFFER_FIRST ((size_t)4 << 10)

struct event_stream {
	size_t max_message;
	event_stream_fn *each;
	void *arg;
	unsigned char *bytes; /* of the message that is being received */
	size_t length, capacity;
	size_t total;         /* its length; 0: not known yet */
	size_t headers_length;
	char *texts;          /* names, texts and bytes of its headers, each with a NUL */
	size_t texts_capacity, texts_length;
	struct event_stream_header headers[EVENT_STREAM_HEADERS_MAX];
	size_t header_count;
	bool damaged;
};

struct event_stream *event_stream_new(size_t max_message, event_stream_fn *each, void *arg)
{
	struct event_stream *stream = mem_alloc(sizeof(*stream));

	stream->max_message = max_message < EVENT_STREAM_MESSAGE_SIZE ? max_message : EVENT_STREAM_MESSAGE_SIZE;
	stream->each = each;
	stream->arg = arg;
	return stream;
}

void event_stream_free(struct event_stream *stream)
{
	if (stream == NULL)
		return;
	free(stream->bytes);
	free(stream->texts);
	free(stream);
}

/* Half a byte at a time: the messages are small. */
uint32_t event_stream_crc(uint32_t crc, const void *bytes, size_t length)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const unsigned char *at = bytes;

	crc = ~crc;
	for (size_t i = 0; i < length; i++) {
		crc ^= at[i];
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}

static uint64_t read_number(const unsigned char *at, unsigned size)
{
	uint64_t number = 0;

	while (size-- > 0)
		number = number << 8 | *at++;
	return number;
}

/* Two's complement of so many bytes. */
static int64_t read_signed(const unsigned char *at, unsigned size)
{
	uint64_t number = read_number(at, size);
	unsigned shift = 64 - 8 * size;

	return (int64_t)(number << shift) >> shift;
}

static bool damage(struct event_stream *stream, struct err *err, const char *what)
{
	stream->damaged = true;
	return err_set(err, ERR_UNKNOWN, "the event stream is damaged: %s", what);
}

/* --- headers --- */

/* The bytes are NUL-terminated in a place of their own: there is room for one NUL a header and one a name. */
static const char *keep(struct event_stream *stream, const unsigned char *at, size_t length)
{
	char *kept = stream->texts + stream->texts_length;

	memcpy(kept, at, length);
	kept[length] = '\0';
	stream->texts_length += length + 1;
	return kept;
}

/* The size of a value without a length of its own; 0: it has one. */
static unsigned fixed_size(unsigned type)
{
	static const unsigned sizes[] = {
		[EVENT_STREAM_INT8] = 1, [EVENT_STREAM_INT16] = 2, [EVENT_STREAM_INT32] = 4, [EVENT_STREAM_INT64] = 8,
		[EVENT_STREAM_TIME] = 8, [EVENT_STREAM_UUID] = 16,
	};

	return sizes[type];
}

/* Returns how many bytes the value takes, or 0 with what is wrong with it. */
static size_t read_value(struct event_stream *stream, struct event_stream_header *header, const unsigned char *at,
                         size_t left, const char **wrong)
{
	size_t before = 0, length = fixed_size(header->type);

	if (header->type == EVENT_STREAM_BYTES || header->type == EVENT_STREAM_TEXT) {
		before = 2;
		length = left < before ? SIZE_MAX : (size_t)read_number(at, 2);
	}
	if (length > left || before > left - length) {
		*wrong = "a header passes the end of the headers";
		return 0;
	}
	if (before > 0 || header->type == EVENT_STREAM_UUID) {
		header->bytes = keep(stream, at + before, length);
		header->length = length;
	} else {
		header->number = read_signed(at, (unsigned)length);
	}
	if (header->type == EVENT_STREAM_TEXT &&
	    (strlen(header->bytes) != length || !str_utf8_valid(header->bytes, length)))
		*wrong = "a header's text is no UTF-8";
	return before + length;
}

static bool is_new(const struct event_stream *stream, const char *name)
{
	for (size_t i = 0; i + 1 < stream->header_count; i++)
		if (strcmp(stream->headers[i].name, name) == 0)
			return false;
	return true;
}

/* Returns how many bytes the header takes, or 0 with what is wrong with it. */
static size_t read_header(struct event_stream *stream, const unsigned char *at, size_t left, const char **wrong)
{
	struct event_stream_header *header;
	size_t name_length = *at;
	unsigned type;

	if (name_length == 0 || left < name_length + 2) {
		*wrong = "a header's name passes the end of the headers";
		return 0;
	}
	type = at[1 + name_length];
	if (type > EVENT_STREAM_UUID || stream->header_count == EVENT_STREAM_HEADERS_MAX) {
		*wrong = type > EVENT_STREAM_UUID ? "a header of an unknown type" : "too many headers";
		return 0;
	}
	header = &stream->headers[stream->header_count++];
	*header = (struct event_stream_header){ .name = keep(stream, at + 1, name_length), .type = type };
	if (strlen(header->name) != name_length || !str_utf8_valid(header->name, name_length) ||
	    !is_new(stream, header->name)) {
		*wrong = "a header's name is no UTF-8, or occurs twice";
		return 0;
	}
	if (type == EVENT_STREAM_TRUE || type == EVENT_STREAM_FALSE) {
		header->number = type == EVENT_STREAM_TRUE;
		return name_length + 2;
	}
	return name_length + 2 + read_value(stream, header, at + name_length + 2, left - name_length - 2, wrong);
}

static bool read_headers(struct event_stream *stream, struct err *err)
{
	const unsigned char *at = stream->bytes + PRELUDE;
	size_t left = stream->headers_length, room = left + (size_t)2 * EVENT_STREAM_HEADERS_MAX;
	const char *wrong = NULL;

	stream->header_count = stream->texts_length = 0;
	if (stream->texts_capacity < room) {
		stream->texts = mem_resize(stream->texts, room);
		stream->texts_capacity = room;
	}
	while (left > 0) {
		size_t used = read_header(stream, at, left, &wrong);

		if (wrong != NULL)
			return damage(stream, err, wrong);
		at += used;
		left -= used;
	}
	return true;
}

/* --- messages --- */

/* The prelude is there: the lengths, once they may be believed. */
static bool read_prelude(struct event_stream *stream, struct err *err)
{
	size_t total = (size_t)read_number(stream->bytes, 4), headers = (size_t)read_number(stream->bytes + 4, 4);

	if (event_stream_crc(0, stream->bytes, 8) != read_number(stream->bytes + 8, 4))
		return damage(stream, err, "the checksum of a prelude is wrong");
	if (total < PRELUDE + TRAILER || headers > total - PRELUDE - TRAILER)
		return damage(stream, err, "the lengths of a message contradict each other");
	if (headers > EVENT_STREAM_HEADERS_SIZE || total > stream->max_message)
		return damage(stream, err, "a message is too large");
	stream->total = total;
	stream->headers_length = headers;
	return true;
}

static bool read_message(struct event_stream *stream, struct err *err)
{
	size_t checked = stream->total - TRAILER;
	struct event_stream_message message = {
		.headers = stream->headers,
		.payload = (const char *)stream->bytes + PRELUDE + stream->headers_length,
		.payload_length = checked - PRELUDE - stream->headers_length,
	};

	if (event_stream_crc(0, stream->bytes, checked) != read_number(stream->bytes + checked, 4))
		return damage(stream, err, "the checksum of a message is wrong");
	if (!read_headers(stream, err))
		return false;
	message.header_count = stream->header_count;
	stream->each(stream->arg, &message);
	stream->length = stream->total = 0;
	return true;
}

/* Takes at most what the prelude, then the message, still needs. */
static size_t collect(struct event_stream *stream, const unsigned char *at, size_t left)
{
	size_t needed = stream->total > 0 ? stream->total : PRELUDE;
	size_t take = needed - stream->length < left ? needed - stream->length : left;

	if (stream->length + take > stream->capacity) {
		size_t capacity = stream->capacity > 0 ? stream->capacity : BUFFER_FIRST;

		while (capacity < stream->length + take)
			capacity *= 2;
		stream->bytes = mem_resize(stream->bytes, capacity);
		stream->capacity = capacity;
	}
	memcpy(stream->bytes + stream->length, at, take);
	stream->length += take;
	return take;
}

bool event_stream_feed(struct event_stream *stream, const void *bytes, size_t length, struct err *err)
{
	const unsigned char *at = bytes;

	if (stream->damaged)
		return damage(stream, err, "an earlier message was wrong");
	while (length > 0) {
		size_t used = collect(stream, at, length);

		at += used;
		length -= used;
		if (stream->total == 0 && stream->length == PRELUDE && !read_prelude(stream, err))
			return false;
		if (stream->total > 0 && stream->length == stream->total && !read_message(stream, err))
			return false;
	}
	return true;
}

bool event_stream_end(const struct event_stream *stream, struct err *err)
{
	if (stream->damaged)
		return err_set(err, ERR_UNKNOWN, "the event stream is damaged");
	if (stream->length > 0)
		return err_set(err, ERR_UNKNOWN, "the event stream ends within a message");
	return true;
}

const char *event_stream_text(const struct event_stream_message *message, const char *name)
{
	for (size_t i = 0; i < message->header_count; i++)
		if (message->headers[i].type == EVENT_STREAM_TEXT && strcmp(message->headers[i].name, name) == 0)
			return message->headers[i].bytes;
	return NULL;
}
