/*
 * http_socket.h - bytes of an accepted connection in and out, plain or by TLS, never blocking.
 *
 * The handshake happens within the first reads. TLS may need the one direction for the other: whoever waits tries again
 * both ways when anything has changed.
 */
#ifndef BOT_HTTP_SOCKET_H
#define BOT_HTTP_SOCKET_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct http_socket {
	int fd;
	SSL *ssl;      /* NULL: plain */
	bool readable; /* bytes, an end or an error may be there; the owner sets it, reading takes it back */
	bool ended;    /* the peer sends no more than what is there */
};

/* What reading and writing give besides a count above 0. */
#define HTTP_SOCKET_OVER 0    /* the peer has ended, or the connection is broken */
#define HTTP_SOCKET_LATER (-1)

ssize_t http_socket_read(struct http_socket *socket, void *bytes, size_t size);
/* length > 0. After HTTP_SOCKET_LATER the next call must begin with the same bytes. */
ssize_t http_socket_write(struct http_socket *socket, const void *bytes, size_t length);
/* Only the sending half. */
void http_socket_shut(struct http_socket *socket);
void http_socket_close(struct http_socket *socket);

#endif
