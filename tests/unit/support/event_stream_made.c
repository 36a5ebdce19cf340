#include "tests/unit/support/event_stream_made.h"

#include <string.h>

/* Bit by bit, as the polynomial is defined: no part of the decoder. */
static uint32_t crc_of(const unsigned char *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void put(unsigned char *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(number >> (24 - 8 * i));
}

void made_begin(struct made *made)
{
	str_init(&made->headers, 1u << 20);
}

void made_header(struct made *made, const char *name, int type, const void *value, size_t length)
{
	str_add_char(&made->headers, (char)strlen(name));
	str_add(&made->headers, name);
	str_add_char(&made->headers, (char)type);
	str_add_bytes(&made->headers, value, length);
}

void made_prelude(unsigned char out[12], uint32_t total, uint32_t headers)
{
	put(out, total);
	put(out + 4, headers);
	put(out + 8, crc_of(out, 8));
}

void made_end(struct made *made, const void *payload, size_t length, struct str *out)
{
	unsigned char prelude[12], crc[4];
	size_t start = out->length;

	made_prelude(prelude, (uint32_t)(16 + made->headers.length + length), (uint32_t)made->headers.length);
	str_add_bytes(out, prelude, sizeof(prelude));
	str_add_bytes(out, made->headers.text, made->headers.length);
	str_add_bytes(out, payload, length);
	put(crc, crc_of((const unsigned char *)out->text + start, out->length - start));
	str_add_bytes(out, crc, sizeof(crc));
	str_free(&made->headers);
}

static void text_header(struct made *made, const char *name, const char *text)
{
	unsigned char value[258] = { 0, (unsigned char)strlen(text) };

	memcpy(value + 2, text, strlen(text));
	made_header(made, name, 7, value, strlen(text) + 2);
}

static void message(struct str *out, const char *kind, const char *name, const char *type, const char *json)
{
	struct made made;

	made_begin(&made);
	text_header(&made, ":message-type", kind);
	text_header(&made, name, type);
	text_header(&made, ":content-type", "application/json");
	made_end(&made, json, strlen(json), out);
}

void made_event(struct str *out, const char *type, const char *json)
{
	message(out, "event", ":event-type", type, json);
}

void made_exception(struct str *out, const char *type, const char *json)
{
	message(out, "exception", ":exception-type", type, json);
}
