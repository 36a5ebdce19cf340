/* Event streams, and answers of models in them: whatever comes, the same however the bytes are split, or an error. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adapters/aws/bedrock_answer.h"
#include "adapters/aws/event_stream.h"
#include "bot/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t messages;
	uint32_t crc;
	struct bedrock_answer *answer;
	bool unfit;
};

static void on_text(void *arg, const char *text, size_t length)
{
	struct seen *seen = arg;

	seen->crc = event_stream_crc(seen->crc, text, length);
}

static const struct bedrock_listener listener = { .text = on_text };

static void on_message(void *arg, const struct event_stream_message *message)
{
	struct seen *seen = arg;
	struct err err;

	seen->messages++;
	seen->crc = event_stream_crc(seen->crc, message->payload, message->payload_length);
	for (size_t i = 0; i < message->header_count; i++) {
		const struct event_stream_header *header = &message->headers[i];

		seen->crc = event_stream_crc(seen->crc, header->name, strlen(header->name));
		seen->crc = event_stream_crc(seen->crc, &header->number, sizeof(header->number));
		if (header->bytes != NULL)
			seen->crc = event_stream_crc(seen->crc, header->bytes, header->length + 1);
	}
	if (!seen->unfit && event_stream_text(message, ":event-type") != NULL)
		seen->unfit = !bedrock_answer_event(seen->answer, event_stream_text(message, ":event-type"), message->payload,
		                                    message->payload_length, &err);
}

static void take_result(struct seen *seen)
{
	struct bedrock_result result;
	const char *content;

	bedrock_answer_result(seen->answer, &result);
	content = json_print(result.content);
	seen->crc = event_stream_crc(seen->crc, content, strlen(content));
}

static bool read_all(const uint8_t *data, size_t size, size_t step, struct seen *seen)
{
	struct event_stream *stream = event_stream_new(1u << 16, on_message, seen);
	struct err err;
	bool good = true;

	seen->answer = bedrock_answer_new(&listener, seen);
	for (size_t at = 0; at < size && good; at += step)
		good = event_stream_feed(stream, data + at, size - at < step ? size - at : step, &err);
	if (good)
		good = event_stream_end(stream, &err);
	if (!good && err.kind != ERR_UNKNOWN)
		__builtin_trap();
	event_stream_free(stream);
	take_result(seen);
	bedrock_answer_free(seen->answer);
	return good;
}

/* Its checksums made right: a fuzzer does not find them by itself. */
static void repair(uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (size - at >= 16) {
		size_t total = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
		uint32_t crc;

		bytes[at] = bytes[at + 1] = bytes[at + 4] = bytes[at + 5] = 0;
		crc = event_stream_crc(0, bytes + at, 8);
		for (int i = 0; i < 4; i++)
			bytes[at + 8 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
		if (total < 16 || total > size - at)
			return;
		crc = event_stream_crc(0, bytes + at, total - 4);
		for (int i = 0; i < 4; i++)
			bytes[at + total - 4 + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
		at += total;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t repaired[4096];

	if (size > sizeof(repaired))
		return 0;
	memcpy(repaired, data, size);
	for (int pass = 0; pass < 2; pass++) {
		struct seen whole = { 0 }, split = { 0 };

		if (read_all(repaired, size, SIZE_MAX / 2, &whole) != read_all(repaired, size, 3, &split))
			__builtin_trap();
		if (whole.messages != split.messages || whole.crc != split.crc)
			__builtin_trap();
		repair(repaired, size);
	}
	return 0;
}
