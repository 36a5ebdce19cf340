/* The HTTP/1 engine on bytes alone: what it takes and refuses, and that splits don't matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bot/h1.h"
#include "bot/mem.h"

#define MAX_BODY 1000
#define P "POST /sns HTTP/1.1\r\nHost: h\r\n"
#define G "GET / HTTP/1.1\r\nHost: h\r\n"
#define C P "Transfer-Encoding: chunked\r\n\r\n"

struct sample {
	const char *name, *bytes;
	int status;       /* 0: a good request; -1: wants more */
	const char *body; /* of a good request */
	size_t left;      /* bytes it must not have taken */
};

static const struct sample samples[] = {
	{ "plain GET", G "\r\n", 0, "", 0 },
	{ "body by length", P "Content-Length: 5\r\n\r\nhello", 0, "hello", 0 },
	{ "body of zero bytes", P "Content-Length: 0\r\n\r\n", 0, "", 0 },
	{ "next request not taken", P "Content-Length: 5\r\n\r\nhelloGET /", 0, "hello", 5 },
	{ "two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, "", 0 },
	{ "HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", 0, "", 0 },
	{ "absolute target", "GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n", 0, "", 0 },
	{ "OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 0, "", 0 },
	{ "value with spaces and Latin-1", "GET / HTTP/1.1\r\nHost:  h \r\nX: a \xE9 b\t\r\n\r\n", 0, "", 0 },
	{ "X-A, a prefix of known names", "GET / HTTP/1.1\r\nX-A: 1\r\nHo: 2\r\nHost: h\r\n\r\n", 0, "", 0 },
	{ "chunks", C "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 0, "hello world", 0 },
	{ "chunk extension, trailer", C "5;a=\"b\"\r\nhello\r\n0\r\nT: x\r\n\r\nXY", 0, "hello", 2 },
	{ "chunk size in capitals, zeros", C "00A\r\n0123456789\r\n0\r\n\r\n", 0, "0123456789", 0 },
	{ "length at the ceiling is waited for", P "Content-Length: 1000\r\n\r\n", -1, NULL, 0 },
	{ "nothing", "", -1, NULL, 0 },
	{ "half a head", "GET / HT", -1, NULL, 0 },
	{ "half a body", P "Content-Length: 5\r\n\r\nhel", -1, NULL, 0 },
	{ "no last chunk", C "5\r\nhello\r\n", -1, NULL, 0 },

	{ "length over the ceiling", P "Content-Length: 1001\r\n\r\n", 413, NULL, 0 },
	{ "chunk over the ceiling", C "3e9\r\n", 413, NULL, 0 },
	{ "chunk size without end", C "ffffffffffffffffffff\r\n", 413, NULL, 0 },
	{ "two lengths", P "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400, NULL, 0 },
	{ "two different lengths", P "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, NULL, 0 },
	{ "length and chunks", P "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400, NULL, 0 },
	{ "chunks and length", P "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400, NULL, 0 },
	{ "signed length", P "Content-Length: +5\r\n\r\nhello", 400, NULL, 0 },
	{ "length with a comma", P "Content-Length: 5, 5\r\n\r\nhello", 400, NULL, 0 },
	{ "hexadecimal length", P "Content-Length: 0x5\r\n\r\nhello", 400, NULL, 0 },
	{ "empty length", P "Content-Length:\r\n\r\n", 400, NULL, 0 },
	{ "length overflow", P "Content-Length: 99999999999999999999999\r\n\r\n", 400, NULL, 0 },
	{ "space before the colon", P "Content-Length : 5\r\n\r\nhello", 400, NULL, 0 },
	{ "gzip", P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400, NULL, 0 },
	{ "chunked twice", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, NULL, 0 },
	{ "odd coding", P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400, NULL, 0 },
	{ "vertical tab coding", P "Transfer-Encoding: \vchunked\r\n\r\n", 400, NULL, 0 },
	{ "identity", P "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", 400, NULL, 0 },
	{ "chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, NULL, 0 },
	{ "no hex digit", C "x\r\n", 400, NULL, 0 },
	{ "empty chunk size", C "\r\n", 400, NULL, 0 },
	{ "0x in a chunk size", C "0x5\r\nhello", 400, NULL, 0 },
	{ "stray byte for a line end", C "5\rXhello\r\n", 400, NULL, 0 },
	{ "chunk longer than it says", C "5\r\nhelloXX0\r\n", 400, NULL, 0 },
	{ "bare line feed in chunks", C "5\nhello\n", 400, NULL, 0 },
	{ "control byte in an extension", C "5;\x01\r\n", 400, NULL, 0 },
	{ "folded trailer", C "0\r\nA: b\r\n c\r\n\r\n", 400, NULL, 0 },
	{ "folded header", G "A: b\r\n c\r\n\r\n", 400, NULL, 0 },
	{ "bare line feeds", "GET / HTTP/1.1\nHost: h\n\n", 400, NULL, 0 },
	{ "bare line feed in a header", "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n", 400, NULL, 0 },
	{ "carriage return in a value", "GET / HTTP/1.1\r\nHost: h\rA: b\r\n\r\n", 400, NULL, 0 },
	{ "no name", G ": b\r\n\r\n", 400, NULL, 0 },
	{ "no colon", G "abc\r\n\r\n", 400, NULL, 0 },
	{ "first header starts with a blank", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, NULL, 0 },
	{ "no host", "GET / HTTP/1.1\r\n\r\n", 400, NULL, 0 },
	{ "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, NULL, 0 },
	{ "two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "space in the target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "control byte in the target", "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "raw UTF-8 in the target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "HTTP/0.9", "GET /\r\n\r\n", 400, NULL, 0 },
	{ "TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\n", 400, NULL, 0 },
	{ "blank lines without end", "\r\n\r\n\r\n\r\n\r\n\r\n", 400, NULL, 0 },
	{ "line feed first", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, NULL, 0 },
	{ "h2c upgrade", G "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 400, NULL, 0 },
	{ "CONNECT", "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 405, NULL, 0 },
	{ "unknown expectation", P "Content-Length: 5\r\nExpect: x\r\n\r\nhello", 417, NULL, 0 },
	{ "unknown method", "FOO / HTTP/1.1\r\nHost: h\r\n\r\n", 501, NULL, 0 },
	{ "lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501, NULL, 0 },
	{ "HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505, NULL, 0 },
	{ "HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505, NULL, 0 },
};

/* Feeds in pieces; each piece is a copy of its exact size, so that ASan sees every overrun. */
static size_t feed(struct h1 *h1, const char *bytes, size_t length, size_t piece)
{
	size_t used = 0;

	while (used < length && h1->state != H1_READY && h1->state != H1_REFUSED) {
		size_t give = length - used < piece ? length - used : piece;
		char *copy = mem_copy_bytes(bytes + used, give);
		size_t took = h1_feed(h1, copy, give);

		free(copy);
		assert_true(took <= give);
		assert_true(took == give || h1->state == H1_READY || h1->state == H1_REFUSED);
		used += took;
	}
	return used;
}

static void check(const struct sample *sample, size_t piece)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	size_t length = strlen(sample->bytes);
	size_t used;

	if (sample->bytes[0] == '\x16') /* it holds a NUL */
		length = 12;
	h1_init(h1, MAX_BODY);
	used = feed(h1, sample->bytes, length, piece);
	if (sample->status == -1) {
		assert_true(h1->state == H1_HEAD || h1->state == H1_BODY);
	} else if (sample->status == 0) {
		assert_int_equal(h1->state, H1_READY);
		assert_string_equal(h1->body, sample->body);
		assert_int_equal(h1->body_length, strlen(sample->body));
	} else {
		assert_int_equal(h1->state, H1_REFUSED);
		assert_int_equal(h1->status, sample->status);
		assert_non_null(h1->reason);
		assert_false(h1->keep_alive);
	}
	if (h1->state == H1_READY)
		assert_int_equal(length - used, sample->left);
	h1_free(h1);
	free(h1);
}

static void samples_are_judged_alike_however_split(void **state)
{
	static const size_t pieces[] = { 100000, 1, 2, 3, 7, 16 };

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
			print_message("%s, by %zu\n", samples[i].name, pieces[p]);
			check(&samples[i], pieces[p]);
		}
}

static struct h1 *parsed(const char *bytes)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));

	h1_init(h1, MAX_BODY);
	(void)feed(h1, bytes, strlen(bytes), 100000);
	assert_int_equal(h1->state, H1_READY);
	return h1;
}

static void discard(struct h1 *h1)
{
	h1_free(h1);
	free(h1);
}

static void request_parts_are_given(void **state)
{
	struct h1 *h1 = parsed("POST /a%20b?c=d?e HTTP/1.1\r\nHost: h\r\n"
	                        "X-Amz-Sns-Message-Type:\t N \r\nEmpty:\r\n\r\n");

	(void)state;
	assert_string_equal(h1->method, "POST");
	assert_string_equal(h1->path, "/a%20b");
	assert_string_equal(h1->query, "c=d?e");
	assert_string_equal(h1_header(h1, "x-amz-sns-message-type"), "N");
	assert_string_equal(h1_header(h1, "EMPTY"), "");
	assert_null(h1_header(h1, "Emp"));
	assert_true(h1->keep_alive);
	discard(h1);
}

static void absolute_targets_lose_their_host(void **state)
{
	struct h1 *h1 = parsed("GET http://user@h:80/a/b?q HTTP/1.1\r\nHost: h\r\n\r\n");

	(void)state;
	assert_string_equal(h1->path, "/a/b");
	assert_string_equal(h1->query, "q");
	discard(h1);
	h1 = parsed("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_string_equal(h1->path, "/");
	assert_string_equal(h1->query, "q");
	discard(h1);
}

static void keep_alive_follows_version_and_header(void **state)
{
	static const struct {
		const char *bytes;
		bool keeps;
	} cases[] = {
		{ G "\r\n", true },
		{ G "Connection: close\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct h1 *h1 = parsed(cases[i].bytes);

		assert_int_equal(h1->keep_alive, cases[i].keeps);
		discard(h1);
	}
}

static void continue_is_wanted_until_the_body_comes(void **state)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	const char *head = P "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\n";

	(void)state;
	h1_init(h1, MAX_BODY);
	(void)h1_feed(h1, head, strlen(head));
	assert_int_equal(h1->state, H1_BODY);
	assert_true(h1->wants_continue);
	assert_int_equal(h1_feed(h1, "ab", 2), 2);
	assert_false(h1->wants_continue);
	assert_int_equal(h1->state, H1_READY);
	discard(h1);
}

static void heads_have_a_ceiling(void **state)
{
	char *bytes = mem_alloc(20000);
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	size_t fixed = strlen(G "A: ");

	(void)state;
	/* Exactly at the ceiling it passes, one byte over it does not. */
	for (size_t over = 0; over <= 1; over++) {
		memset(bytes, 'a', 20000);
		memcpy(bytes, G "A: ", fixed);
		memcpy(bytes + H1_HEAD_MAX + over - 4, "\r\n\r\n", 4);
		h1_init(h1, MAX_BODY);
		(void)feed(h1, bytes, H1_HEAD_MAX + over, 1000);
		assert_int_equal(h1->state, over ? H1_REFUSED : H1_READY);
		assert_int_equal(h1->status, over ? 431 : 0);
		h1_free(h1);
	}
	free(bytes);
	free(h1);
}

static void headers_trailers_and_zeros_have_a_ceiling(void **state)
{
	char *bytes = mem_alloc(40000);
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	size_t length = (size_t)snprintf(bytes, 40000, G "");

	(void)state;
	for (int i = 0; i < H1_HEADERS_MAX; i++)
		length += (size_t)snprintf(bytes + length, 40000 - length, "a: b\r\n");
	length += (size_t)snprintf(bytes + length, 40000 - length, "\r\n");
	h1_init(h1, MAX_BODY);
	(void)feed(h1, bytes, length, 100);
	assert_int_equal(h1->status, 431);
	h1_free(h1);

	for (int kind = 0; kind < 2; kind++) {
		length = (size_t)snprintf(bytes, 40000, "%s%s", C, kind == 0 ? "0\r\nT: " : "");
		memset(bytes + length, '0', 20000);
		h1_init(h1, MAX_BODY);
		(void)feed(h1, bytes, length + 20000, 100);
		assert_int_equal(h1->status, 431);
		h1_free(h1);
	}
	free(bytes);
	free(h1);
}

static void many_small_chunks_are_no_excess(void **state)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	const char *head = C;

	(void)state;
	h1_init(h1, 100000);
	(void)h1_feed(h1, head, strlen(head));
	for (int i = 0; i < 50000; i++)
		assert_int_equal(h1_feed(h1, "1\r\nx\r\n", 6), 6);
	assert_int_equal(h1_feed(h1, "0\r\n\r\n", 5), 5);
	assert_int_equal(h1->state, H1_READY);
	assert_int_equal(h1->body_length, 50000);
	discard(h1);
}

static void one_engine_serves_many_requests(void **state)
{
	const char *bytes = P "Content-Length: 3\r\n\r\nabc" C "2\r\nxy\r\n0\r\n\r\n"
	                    "GET /z HTTP/1.1\r\nHost: h\r\n\r\n";
	static const char *const bodies[] = { "abc", "xy", "" };
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	size_t used = 0;

	(void)state;
	h1_init(h1, MAX_BODY);
	for (int i = 0; i < 3; i++) {
		used += h1_feed(h1, bytes + used, strlen(bytes) - used);
		assert_int_equal(h1->state, H1_READY);
		assert_string_equal(h1->body, bodies[i]);
		h1_next(h1);
		assert_false(h1_started(h1));
	}
	assert_int_equal(used, strlen(bytes));
	discard(h1);
}

static void a_small_body_serves_another_engine(void **state)
{
	struct h1 *first = parsed(P "Content-Length: 3\r\n\r\nabc"), *second = mem_alloc(sizeof(*second));
	const char *bytes = P "Content-Length: 2\r\n\r\nxy";
	char *body = h1_take_body(first);

	(void)state;
	assert_non_null(body);
	assert_null(h1_take_body(first));
	h1_init(second, MAX_BODY);
	h1_give_body(second, body);
	(void)h1_feed(second, bytes, strlen(bytes));
	assert_ptr_equal(second->body, body);
	assert_string_equal(body, "xy");
	h1_next(first); /* and the one without gets another */
	(void)h1_feed(first, bytes, strlen(bytes));
	assert_string_equal(first->body, "xy");
	discard(first);
	discard(second);
}

static void a_large_body_is_kept(void **state)
{
	struct h1 *h1 = mem_alloc(sizeof(*h1));
	const char *head = P "Content-Length: 5000\r\n\r\n";
	char *bytes = mem_alloc(5000);

	(void)state;
	h1_init(h1, 5000);
	(void)h1_feed(h1, head, strlen(head));
	assert_int_equal(h1_feed(h1, bytes, 5000), 5000);
	assert_int_equal(h1->state, H1_READY);
	assert_null(h1_take_body(h1));
	free(bytes);
	discard(h1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_judged_alike_however_split),
		cmocka_unit_test(request_parts_are_given),
		cmocka_unit_test(absolute_targets_lose_their_host),
		cmocka_unit_test(keep_alive_follows_version_and_header),
		cmocka_unit_test(continue_is_wanted_until_the_body_comes),
		cmocka_unit_test(heads_have_a_ceiling),
		cmocka_unit_test(headers_trailers_and_zeros_have_a_ceiling),
		cmocka_unit_test(many_small_chunks_are_no_excess),
		cmocka_unit_test(one_engine_serves_many_requests),
		cmocka_unit_test(a_small_body_serves_another_engine),
		cmocka_unit_test(a_large_body_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
