/*
 * Bytes of a stranger through the HTTP/1 engine, whole and split: both ways the same requests,
 * the same refusal, the same bytes left over; and what is given keeps its promises.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/h1.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_BODY 4096
#define TOLD_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool promise)
{
	if (!promise)
		abort();
}

static bool is_text(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7F)
			return false;
	return true;
}

static void tell_request(const struct h1 *h1, struct str *told)
{
	must(h1->path[0] == '/' || strcmp(h1->path, "*") == 0);
	must(is_text(h1->method) && is_text(h1->path) && is_text(h1->query));
	must(strpbrk(h1->path, "?# ") == NULL && strchr(h1->query, '#') == NULL);
	must(h1->body_length <= MAX_BODY && h1->body[h1->body_length] == '\0');
	must(h1_header(h1, "Content-Length") == NULL || h1_header(h1, "Transfer-Encoding") == NULL);
	str_addf(told, "%s %s?%s %d %d\n", h1->method, h1->path, h1->query, h1->keep_alive,
	         h1->http_1_0);
	for (unsigned i = 0; i < h1->header_count; i++) {
		const char *name = h1->head + h1->headers[i].name;

		must(*name != '\0' && strpbrk(name, " \t:") == NULL);
		must(is_text(h1->head + h1->headers[i].value));
		must(h1_header(h1, name) != NULL);
		str_addf(told, "%s=%s\n", name, h1->head + h1->headers[i].value);
	}
	str_add_bytes(told, h1->body, h1->body_length);
}

/* Each piece is a copy of its exact size, so that an overrun is seen. */
static size_t feed_copy(struct h1 *h1, const uint8_t *bytes, size_t length)
{
	char *copy = malloc(length);
	size_t used;

	must(copy != NULL);
	memcpy(copy, bytes, length);
	used = h1_feed(h1, copy, length);
	free(copy);
	must(used <= length);
	must(used == length || h1->state == H1_READY || h1->state == H1_REFUSED);
	return used;
}

/* split 0: as much as there is at once; else pieces of 1...64 bytes from a small generator. */
static void play(const uint8_t *data, size_t size, uint32_t split, struct str *told)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	size_t used = 0;

	h1_init(h1, MAX_BODY);
	while (used < size && h1->state != H1_REFUSED) {
		size_t give = size - used;

		if (split != 0) {
			split = split * 1664525u + 1013904223u;
			if (give > 1 + (split >> 26))
				give = 1 + (split >> 26);
		}
		used += feed_copy(h1, data + used, give);
		if (h1->state == H1_READY) {
			tell_request(h1, told);
			h1_next(h1);
			must(!h1_started(h1) && h1->state == H1_HEAD);
		}
	}
	if (h1->state == H1_REFUSED) {
		must(h1->status >= 400 && h1->status < 600 && h1->reason != NULL && !h1->keep_alive);
		str_addf(told, "refused %d %s\n", h1->status, h1->reason);
	} else {
		str_addf(told, "state %d\n", h1->state);
	}
	h1_free(h1);
	free(h1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole, split;
	uint32_t seed;

	if (size < 1)
		return 0;
	seed = 1u + data[0];
	str_init(&whole, TOLD_MAX);
	str_init(&split, TOLD_MAX);
	play(data + 1, size - 1, 0, &whole);
	play(data + 1, size - 1, seed * 2654435761u | 1u, &split);
	must(whole.length == split.length && memcmp(whole.text, split.text, whole.length) == 0);
	str_free(&whole);
	str_free(&split);
	return 0;
}
