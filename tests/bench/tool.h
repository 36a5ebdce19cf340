/* tool.h - what the bench's C programs share: time, sockets, buffers, prepared input. */
#ifndef TESTS_BENCH_TOOL_H
#define TESTS_BENCH_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
	char *data; /* NUL-terminated */
	size_t length, capacity;
};

/* One piece of a prepared file: a 32-bit little-endian length, then so many bytes. */
struct block {
	const char *data;
	size_t length;
};

_Noreturn void fail(const char *what); /* prints it with errno's text and ends with status 1 */
int64_t now_ns(void);                  /* CLOCK_MONOTONIC */
void wait_ms(int64_t ms);
int64_t number(const char *text);      /* decimal, else the program ends */

void bytes_add(struct bytes *bytes, const void *data, size_t length);
void bytes_drop(struct bytes *bytes, size_t length); /* from the front */

int connect_to(int port); /* loopback, without delay; blocking */
void send_all(int fd, const void *data, size_t length);
/* Appends what has come, without waiting. False: the peer has gone. */
bool receive(int fd, struct bytes *in);

/* Bytes of the whole HTTP message at the start (head plus Content-Length), 0: more must come. */
size_t http_length(const struct bytes *bytes, size_t *head);

struct block *read_blocks(const char *path, size_t *count); /* for the life of the program */

/* "name": [1, 2], with each value divided by `unit` */
void print_list(const char *name, const int64_t *values, size_t count, int64_t unit);

#endif
