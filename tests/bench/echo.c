/*
 * echo - connects to the Slack of `stand` and acknowledges every envelope at once, with nothing in
 * between: what the measuring itself costs. It ends when the connection does.
 *
 * usage: echo PORT
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const char upgrade[] = "GET /link/?ticket=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* A masked text frame; a mask of zeros is one. */
static void acknowledge(int fd, const char *id, size_t length)
{
	char frame[128] = { (char)0x81 };
	int text = snprintf(frame + 6, sizeof(frame) - 6, "{\"envelope_id\":\"%.*s\"}", (int)length, id);

	frame[1] = (char)(0x80 | text);
	send_all(fd, frame, 6 + (size_t)text);
}

/* Frames of the server, without mask. */
static void take_frames(int fd, struct bytes *in)
{
	static const char name[] = "\"envelope_id\":\"";

	while (in->length >= 4) {
		const unsigned char *bytes = (const unsigned char *)in->data;
		size_t length = bytes[1], head = 2;
		const char *id;

		if (length == 126) {
			length = (size_t)bytes[2] << 8 | bytes[3];
			head = 4;
		}
		if (in->length < head + length)
			return;
		id = memmem(in->data + head, length, name, sizeof(name) - 1);
		if (id != NULL)
			acknowledge(fd, id + sizeof(name) - 1, 36);
		bytes_drop(in, head + length);
	}
}

int main(int argc, char **argv)
{
	struct bytes in = { NULL, 0, 0 };
	struct pollfd wait = { .events = POLLIN };
	bool upgraded = false;
	size_t head;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: echo PORT\n");
		return 2;
	}
	wait.fd = connect_to((int)number(argv[1]));
	send_all(wait.fd, upgrade, sizeof(upgrade) - 1);
	while (poll(&wait, 1, -1) > 0 && receive(wait.fd, &in)) {
		if (!upgraded && http_length(&in, &head) > 0) {
			bytes_drop(&in, head);
			upgraded = true;
		}
		if (upgraded)
			take_frames(wait.fd, &in);
	}
	return 0;
}
