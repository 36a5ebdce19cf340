#include "bot/http_socket.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

static int clamp(size_t length)
{
	return length > INT_MAX ? INT_MAX : (int)length;
}

/* The queue of errors is shared with all that uses OpenSSL, and SSL_get_error looks into it. */
static ssize_t result_of(const SSL *ssl, int code)
{
	int error = code > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, code);

	if (code > 0)
		return code;
	ERR_clear_error();
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? HTTP_SOCKET_LATER : HTTP_SOCKET_OVER;
}

static ssize_t read_tls(struct http_socket *socket, void *bytes, size_t size)
{
	ERR_clear_error();
	return result_of(socket->ssl, SSL_read(socket->ssl, bytes, clamp(size)));
}

static ssize_t read_plain(struct http_socket *socket, void *bytes, size_t size)
{
	ssize_t got = recv(socket->fd, bytes, size, 0);

	if (got < 0)
		return errno == EAGAIN ? HTTP_SOCKET_LATER : HTTP_SOCKET_OVER;
	/* Less than there was room for: this was all, unless the end waits behind it. */
	if ((size_t)got < size && !socket->ended)
		socket->readable = false;
	return got;
}

ssize_t http_socket_read(struct http_socket *socket, void *bytes, size_t size)
{
	ssize_t got = socket->ssl != NULL ? read_tls(socket, bytes, size) : read_plain(socket, bytes, size);

	if (got == HTTP_SOCKET_LATER)
		socket->readable = false;
	return got;
}

ssize_t http_socket_write(struct http_socket *socket, const void *bytes, size_t length)
{
	ssize_t sent;

	if (socket->ssl != NULL) {
		ERR_clear_error();
		return result_of(socket->ssl, SSL_write(socket->ssl, bytes, clamp(length)));
	}
	sent = send(socket->fd, bytes, length, MSG_NOSIGNAL);
	if (sent >= 0)
		return sent;
	return errno == EAGAIN ? HTTP_SOCKET_LATER : HTTP_SOCKET_OVER;
}

void http_socket_shut(struct http_socket *socket)
{
	if (socket->ssl != NULL) {
		(void)SSL_shutdown(socket->ssl);
		ERR_clear_error();
	}
	(void)shutdown(socket->fd, SHUT_WR);
}

void http_socket_close(struct http_socket *socket)
{
	SSL_free(socket->ssl);
	(void)close(socket->fd);
	socket->ssl = NULL;
	socket->fd = -1;
}
