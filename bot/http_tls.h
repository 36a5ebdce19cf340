/*
 * http_tls.h - TLS 1.2 or later at the listening port, and how its certificate is replaced while in use.
 *
 * A connection keeps what was in use when it began; a replacement may have another key type.
 */
#ifndef BOT_HTTP_TLS_H
#define BOT_HTTP_TLS_H

#include <openssl/ssl.h>

#include "bot/err.h"

struct http_tls;

/* The PEM files: certificate with its chain, leaf first; key without passphrase. */
struct http_tls *http_tls_new(const char *certificate, const char *key, struct err *err) MUST_CHECK;
void http_tls_free(struct http_tls *tls);
/* Reads both files again; on failure the old pair stays in use. */
bool http_tls_reload(struct http_tls *tls, struct err *err) MUST_CHECK;
/* The server's side of a connection that has just been accepted; NULL: no memory. SSL_free ends it, fd stays open. */
SSL *http_tls_accept(struct http_tls *tls, int fd);

#endif
