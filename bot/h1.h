/*
 * h1.h - one HTTP/1 request out of a stream of bytes, without any socket.
 *
 * The head (request line and headers, at most H1_HEAD_MAX bytes) is collected whole and checked
 * line by line before http_parser judges its framing: Debian's libhttp-parser is built without
 * its strict mode and would take "Content-Length : 5", a stray byte for a line end inside chunked
 * framing, and the like, which a proxy in front may read differently (request smuggling). For the
 * same reason chunks are decoded here. The result never depends on how the bytes were split.
 *
 * Its own file because http_parser.h and libwebsockets.h both define enum http_status.
 */
#ifndef BOT_H1_H
#define BOT_H1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define H1_HEAD_MAX 8192   /* bytes of request line and headers, and again of chunk trimmings */
#define H1_HEADERS_MAX 64
#define H1_SMALL_BODY 4096 /* bytes of memory that a body gets at first */

enum h1_state {
	H1_HEAD,    /* wants more of the head */
	H1_BODY,    /* wants more of the body */
	H1_READY,   /* a whole request */
	H1_REFUSED, /* never will be one: see status and reason; the stream is unusable from here */
};

enum h1_chunk { H1_SIZE_FIRST, H1_SIZE, H1_EXTENSION, H1_SIZE_LF, H1_DATA, H1_DATA_CR, H1_DATA_LF,
	            H1_LINE_START, H1_LINE, H1_LINE_LF, H1_LAST_LF };

struct h1_header {
	uint16_t name, value; /* offsets of NUL-terminated texts in `head` */
};

struct h1 {
	enum h1_state state;
	/* Set by H1_REFUSED. */
	int status;         /* 400, 405, 413, 417, 431, 501, 505 */
	const char *reason; /* literal, fit for a metric's label: "framing", "body_size"... */
	/* Valid from H1_BODY on, until h1_next. */
	const char *method, *path, *query;
	bool keep_alive;
	bool http_1_0;
	bool wants_continue; /* Expect: 100-continue, and no byte of the body came yet */
	char *body;          /* from H1_READY on; NUL-terminated */
	size_t body_length;

	/* Private. */
	size_t max_body, body_capacity;
	size_t head_length, line_start; /* line_start: of the line that is being received */
	unsigned blank;                 /* bytes of empty lines before the request line */
	uint64_t left;                  /* bytes of the body, or of the chunk, still to come */
	bool chunked;
	enum h1_chunk chunk;
	size_t trimmings;               /* bytes of leading zeros, extensions and trailers */
	unsigned header_count;
	struct h1_header headers[H1_HEADERS_MAX];
	char head[H1_HEAD_MAX + 1];
};

void h1_init(struct h1 *h1, size_t max_body);
void h1_free(struct h1 *h1);
/* Forgets the finished request; memory is kept for the next one, unless it is large. */
void h1_next(struct h1 *h1);
/* Gives the body of a request that is done with away: H1_SMALL_BODY bytes of malloc's for another engine, or NULL. */
char *h1_take_body(struct h1 *h1);
/* The other one, which must have no body, takes it over. */
void h1_give_body(struct h1 *h1, char *body);
/* True once a byte of the present request has come. */
bool h1_started(const struct h1 *h1);
/* Takes bytes until the request is ready or refused; returns how many it took. The rest belongs
 * to the next request. */
size_t h1_feed(struct h1 *h1, const char *bytes, size_t length);
/* The first header of that name, any case, or NULL. */
const char *h1_header(const struct h1 *h1, const char *name);

#endif
