#include "tool.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void fail(const char *what)
{
	(void)fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void wait_ms(int64_t ms)
{
	struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&left, &left) != 0 && errno == EINTR)
		continue;
}

int64_t number(const char *text)
{
	char *end;
	int64_t value = text == NULL ? 0 : strtoll(text, &end, 10);

	if (text == NULL || *text == '\0' || *end != '\0') {
		errno = EINVAL;
		fail(text == NULL ? "a number is missing" : text);
	}
	return value;
}

void bytes_add(struct bytes *bytes, const void *data, size_t length)
{
	if (bytes->length + length + 1 > bytes->capacity) {
		bytes->capacity = (bytes->length + length + 1) * 2;
		bytes->data = realloc(bytes->data, bytes->capacity);
		if (bytes->data == NULL)
			fail("memory");
	}
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
	bytes->data[bytes->length] = '\0';
}

void bytes_drop(struct bytes *bytes, size_t length)
{
	bytes->length -= length;
	memmove(bytes->data, bytes->data + length, bytes->length + 1);
}

int connect_to(int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

void send_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		ssize_t sent = send(fd, at, length, MSG_NOSIGNAL);

		if (sent < 0)
			fail("send");
		at += sent;
		length -= (size_t)sent;
	}
}

bool receive(int fd, struct bytes *in)
{
	char part[16384];
	ssize_t got;

	do {
		got = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (got > 0)
			bytes_add(in, part, (size_t)got);
	} while (got == (ssize_t)sizeof(part));
	return got > 0 || (got < 0 && errno == EAGAIN);
}

size_t http_length(const struct bytes *bytes, size_t *head)
{
	const char *end = bytes->length == 0 ? NULL : strstr(bytes->data, "\r\n\r\n"), *field;
	size_t length;

	if (end == NULL)
		return 0;
	*head = (size_t)(end - bytes->data) + 4;
	length = *head;
	field = strcasestr(bytes->data, "\r\ncontent-length:");
	if (field != NULL && field < end)
		length += strtoul(field + 17, NULL, 10);
	return bytes->length >= length ? length : 0;
}

struct block *read_blocks(const char *path, size_t *count)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct block *blocks = NULL;
	size_t capacity = 0;
	const char *data, *end;
	struct stat about;

	if (fd < 0 || fstat(fd, &about) != 0)
		fail(path);
	data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (data == MAP_FAILED)
		fail(path);
	end = data + about.st_size;
	for (*count = 0; data < end; (*count)++) {
		uint32_t length;

		if (*count == capacity) {
			capacity = capacity * 2 + 1024;
			blocks = realloc(blocks, capacity * sizeof(*blocks));
			if (blocks == NULL)
				fail("memory");
		}
		memcpy(&length, data, sizeof(length));
		blocks[*count] = (struct block){ data + sizeof(length), length };
		data += sizeof(length) + length;
	}
	return blocks;
}

void print_list(const char *name, const int64_t *values, size_t count, int64_t unit)
{
	(void)printf("\"%s\": [", name);
	for (size_t i = 0; i < count; i++)
		(void)printf("%s%.1f", i == 0 ? "" : ", ", (double)values[i] / (double)unit);
	(void)printf("]");
}
