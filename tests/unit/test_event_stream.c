/* The framing of event streams: public vectors, messages made here, every cut, every kind of damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/event_stream.h"
#include "bot/json.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/event_stream_made.h"
#include "tests/unit/support/vectors.h"

#define VECTORS "event-stream/aws-sdk-go/"

/* Everything that was told, as text: "name=type:value ... |payload;". */
static struct str told;

static void tell_header(const struct event_stream_header *header)
{
	str_addf(&told, "%s=%d:", header->name, (int)header->type);
	if (header->bytes == NULL) {
		str_addf(&told, "%lld", (long long)header->number);
	} else {
		str_add_bytes(&told, header->bytes, header->length);
		assert_int_equal(header->bytes[header->length], '\0');
	}
	str_add_char(&told, ' ');
}

static void tell(void *arg, const struct event_stream_message *message)
{
	(void)arg;
	for (size_t i = 0; i < message->header_count; i++)
		tell_header(&message->headers[i]);
	str_add_char(&told, '|');
	str_add_bytes(&told, message->payload, message->payload_length);
	str_add_char(&told, ';');
}

static bool read_in_steps(const void *bytes, size_t length, size_t step, size_t max, struct err *err)
{
	struct event_stream *stream = event_stream_new(max, tell, NULL);
	bool good = true;

	str_clear(&told);
	for (size_t at = 0; at < length && good; at += step)
		good = event_stream_feed(stream, (const char *)bytes + at, length - at < step ? length - at : step, err);
	if (good)
		good = event_stream_end(stream, err);
	event_stream_free(stream);
	return good;
}

static bool read_whole(const void *bytes, size_t length, struct err *err)
{
	return read_in_steps(bytes, length, length > 0 ? length : 1, SIZE_MAX, err);
}

static void expect(const struct str *bytes, const char *expected)
{
	struct err err = { 0 };

	if (!read_whole(bytes->text, bytes->length, &err))
		fail_msg("%s", err.text);
	assert_string_equal(told.text, expected);
}

static void refuse(const void *bytes, size_t length, const char *why)
{
	struct err err = { 0 };

	assert_false(read_whole(bytes, length, &err));
	assert_int_equal(err.kind, ERR_UNKNOWN);
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" instead of \"%s\"", err.text, why);
}

static int setup(void **state)
{
	(void)state;
	str_init(&told, (size_t)1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	str_free(&told);
	return 0;
}

/* --- vectors --- */

static int64_t length_of_base64(const char *text)
{
	size_t length = strlen(text), padding = 0;

	while (padding < length && text[length - 1 - padding] == '=')
		padding++;
	return (int64_t)(length / 4 * 3 - padding);
}

struct checked {
	struct json_object *wanted;
	unsigned messages;
};

static void check_message(void *arg, const struct event_stream_message *message)
{
	struct checked *checked = arg;
	struct json_object *headers = json_get(checked->wanted, "headers");

	checked->messages++;
	assert_int_equal(message->header_count, json_count(headers));
	for (size_t i = 0; i < message->header_count; i++) {
		const struct event_stream_header *header = &message->headers[i];
		struct json_object *wanted = json_at(headers, i);

		assert_string_equal(header->name, json_string(wanted, "name"));
		assert_int_equal(header->type, json_int(wanted, "type", -1));
		if (header->bytes != NULL)
			assert_int_equal(header->length, length_of_base64(json_string(wanted, "value")));
		else if (header->type > EVENT_STREAM_FALSE)
			assert_int_equal(header->number, json_int(wanted, "value", -1));
	}
	assert_int_equal(message->payload_length, length_of_base64(json_string(checked->wanted, "payload")));
}

static void good_vector(const char *name)
{
	char path[256];
	size_t length, bytes_length;
	char *text, *bytes;
	struct checked checked = { 0 };
	struct event_stream *stream = event_stream_new(SIZE_MAX, check_message, &checked);
	struct err err;

	(void)snprintf(path, sizeof(path), VECTORS "decoded/positive/%s", name);
	text = vector_read(path, &length);
	(void)snprintf(path, sizeof(path), VECTORS "encoded/positive/%s", name);
	bytes = vector_read(path, &bytes_length);
	checked.wanted = json_parse(text, length, &err);
	assert_non_null(checked.wanted);
	assert_true(event_stream_feed(stream, bytes, bytes_length, &err));
	assert_true(event_stream_end(stream, &err));
	assert_int_equal(checked.messages, 1);
	event_stream_free(stream);
	json_free(checked.wanted);
	free(text);
	free(bytes);
}

static void bad_vector(const char *name)
{
	char path[256];
	size_t length;
	char *bytes;
	bool prelude = strstr(name, "len") != NULL;

	(void)snprintf(path, sizeof(path), VECTORS "encoded/negative/%s", name);
	bytes = vector_read(path, &length);
	refuse(bytes, length, prelude ? "the checksum of a prelude" : "the checksum of a message");
	free(bytes);
}

static void public_vectors(void **state)
{
	(void)state;
	if (vector_each_name(VECTORS "encoded/positive", good_vector) == 0)
		skip();
	assert_int_equal(vector_each_name(VECTORS "encoded/negative", bad_vector), 4);
}

/* --- messages made here --- */

static void checksums_are_zlibs(void **state)
{
	(void)state;
	assert_int_equal(event_stream_crc(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(event_stream_crc(event_stream_crc(0, "1234", 4), "56789", 5), 0xcbf43926);
	assert_int_equal(event_stream_crc(0, "", 0), 0);
}

static void all_kinds_of_headers(void **state)
{
	struct made made;
	struct str bytes;

	(void)state;
	str_init(&bytes, 1u << 16);
	made_begin(&made);
	made_header(&made, "t", EVENT_STREAM_TRUE, "", 0);
	made_header(&made, "f", EVENT_STREAM_FALSE, "", 0);
	made_header(&made, "i8", EVENT_STREAM_INT8, "\xff", 1);
	made_header(&made, "i16", EVENT_STREAM_INT16, "\x80\x00", 2);
	made_header(&made, "i32", EVENT_STREAM_INT32, "\x00\x00\xa0\x0c", 4);
	made_header(&made, "i64", EVENT_STREAM_INT64, "\x80\x00\x00\x00\x00\x00\x00\x00", 8);
	made_header(&made, "at", EVENT_STREAM_TIME, "\x00\x00\x00\x00\x00\x84\x5f\xed", 8);
	made_header(&made, "u", EVENT_STREAM_UUID, "0123456789abcdef", 16);
	made_header(&made, "b", EVENT_STREAM_BYTES, "\x00\x02hi", 4);
	made_header(&made, "s", EVENT_STREAM_TEXT, "\x00\x00", 2);
	made_end(&made, "{}", 2, &bytes);
	expect(&bytes, "t=0:1 f=1:0 i8=2:-1 i16=3:-32768 i32=4:40972 i64=5:-9223372036854775808 at=8:8675309 "
	       "u=9:0123456789abcdef b=6:hi s=7: |{};");
	str_free(&bytes);
}

static void two_messages(struct str *bytes)
{
	str_init(bytes, 1u << 16);
	made_event(bytes, "contentBlockDelta", "{\"a\":1}");
	made_event(bytes, "metadata", "");
}

#define TWO ":message-type=7:event :event-type=7:contentBlockDelta :content-type=7:application/json |{\"a\":1};" \
	":message-type=7:event :event-type=7:metadata :content-type=7:application/json |;"

static void every_split_gives_the_same(void **state)
{
	struct str bytes;
	struct err err;

	(void)state;
	two_messages(&bytes);
	expect(&bytes, TWO);
	for (size_t step = 1; step < bytes.length; step++) {
		assert_true(read_in_steps(bytes.text, bytes.length, step, SIZE_MAX, &err));
		assert_string_equal(told.text, TWO);
	}
	str_free(&bytes);
}

static void every_cut_is_noticed(void **state)
{
	struct str bytes, first;

	(void)state;
	two_messages(&bytes);
	str_init(&first, 1u << 16);
	made_event(&first, "contentBlockDelta", "{\"a\":1}");
	for (size_t length = 1; length < bytes.length; length++)
		if (length != first.length)
			refuse(bytes.text, length, "ends within a message");
	str_free(&first);
	str_free(&bytes);
}

static void every_flipped_bit_is_noticed(void **state)
{
	struct str bytes;
	struct err err;

	(void)state;
	two_messages(&bytes);
	for (size_t bit = 0; bit < bytes.length * 8; bit++) {
		bytes.text[bit / 8] = (char)(bytes.text[bit / 8] ^ (1 << bit % 8));
		assert_false(read_whole(bytes.text, bytes.length, &err));
		bytes.text[bit / 8] = (char)(bytes.text[bit / 8] ^ (1 << bit % 8));
	}
	str_free(&bytes);
}

static void damage_is_for_ever(void **state)
{
	struct event_stream *stream = event_stream_new(SIZE_MAX, tell, NULL);
	struct str bytes;
	struct err err;

	(void)state;
	two_messages(&bytes);
	str_clear(&told);
	assert_false(event_stream_feed(stream, "HTTP/1.1 200", 12, &err));
	assert_false(event_stream_feed(stream, bytes.text, bytes.length, &err));
	assert_false(event_stream_end(stream, &err));
	assert_string_equal(told.text, "");
	event_stream_free(stream);
	str_free(&bytes);
}

/* Right checksums over lengths that are wrong. */
static void lengths_are_checked(void **state)
{
	static const struct {
		uint32_t total, headers;
		const char *why;
	} cases[] = {
		{ 15, 0, "contradict" }, { 0, 0, "contradict" }, { 16, 1, "contradict" }, { 100, 85, "contradict" },
		{ 16, UINT32_MAX, "contradict" }, { (24u << 20) + 1, 0, "too large" }, { UINT32_MAX, 0, "too large" },
		{ 1u << 20, (128u << 10) + 1, "too large" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char prelude[12];

		made_prelude(prelude, cases[i].total, cases[i].headers);
		refuse(prelude, sizeof(prelude), cases[i].why);
	}
	for (size_t max = 1023; max <= 1024; max++) {
		unsigned char prelude[12];

		made_prelude(prelude, 1024, 0);
		assert_false(read_in_steps(prelude, 12, 12, max, &err));
		assert_non_null(strstr(err.text, max < 1024 ? "too large" : "ends within"));
	}
}

static void one_header(const char *raw, size_t length, const char *why)
{
	struct made made;
	struct str bytes;

	str_init(&bytes, 1u << 16);
	made_begin(&made);
	str_add_bytes(&made.headers, raw, length);
	made_end(&made, "", 0, &bytes);
	refuse(bytes.text, bytes.length, why);
	str_free(&bytes);
}

static void bad_headers_are_refused(void **state)
{
	(void)state;
	one_header("\x00\x00", 2, "name passes the end");
	one_header("\x01", 1, "name passes the end");
	one_header("\x05" "abc\x00", 5, "name passes the end");
	one_header("\x01" "a\x0a", 3, "unknown type");
	one_header("\x01" "a\x04\x00\x00\x00", 6, "passes the end of the headers");
	one_header("\x01" "a\x07", 3, "passes the end of the headers");
	one_header("\x01" "a\x07\x00\x05" "abcd", 9, "passes the end of the headers");
	one_header("\x01" "a\x09" "0123456789abcde", 18, "passes the end of the headers");
	one_header("\x01" "a\x07\x00\x01\xff", 6, "text is no UTF-8");
	one_header("\x01" "a\x07\x00\x01\x00", 6, "text is no UTF-8");
	one_header("\x01\xff\x00", 3, "no UTF-8, or occurs twice");
	one_header("\x01" "a\x00\x01" "b\x00\x01" "a\x01", 9, "occurs twice");
}

static void headers_are_counted(void **state)
{
	struct made made;
	struct str bytes;
	struct err err;

	(void)state;
	for (int count = EVENT_STREAM_HEADERS_MAX; count <= EVENT_STREAM_HEADERS_MAX + 1; count++) {
		str_init(&bytes, 1u << 16);
		made_begin(&made);
		for (int i = 0; i < count; i++) {
			char name[16];

			(void)snprintf(name, sizeof(name), "h%d", i);
			made_header(&made, name, EVENT_STREAM_TRUE, "", 0);
		}
		made_end(&made, "", 0, &bytes);
		assert_int_equal(read_whole(bytes.text, bytes.length, &err), count <= EVENT_STREAM_HEADERS_MAX);
		str_free(&bytes);
	}
	assert_non_null(strstr(err.text, "too many headers"));
}

static void look(void *arg, const struct event_stream_message *message)
{
	*(bool *)arg = true;
	assert_string_equal(event_stream_text(message, ":event-type"), "x");
	assert_null(event_stream_text(message, ":event"));
	assert_null(event_stream_text(message, "number"));
}

static void texts_are_found_by_name(void **state)
{
	bool seen = false;
	struct event_stream *stream = event_stream_new(SIZE_MAX, look, &seen);
	struct made made;
	struct str bytes;
	struct err err;

	(void)state;
	str_init(&bytes, 1u << 16);
	made_begin(&made);
	made_header(&made, "number", EVENT_STREAM_INT8, "1", 1);
	made_header(&made, ":event-type", EVENT_STREAM_TEXT, "\x00\x01x", 3);
	made_end(&made, "", 0, &bytes);
	assert_true(event_stream_feed(stream, bytes.text, bytes.length, &err));
	assert_true(seen);
	event_stream_free(stream);
	str_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_vectors),
		cmocka_unit_test(checksums_are_zlibs),
		cmocka_unit_test(all_kinds_of_headers),
		cmocka_unit_test(every_split_gives_the_same),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(damage_is_for_ever),
		cmocka_unit_test(lengths_are_checked),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(headers_are_counted),
		cmocka_unit_test(texts_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
