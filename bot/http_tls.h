/*
 * http_tls.h - the certificate of the listening port, and how it is replaced while in use.
 *
 * The certificate is handed to OpenSSL anew for each handshake, so that a replacement touches no
 * open connection and may have another key type than the one before.
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
/* Makes the context serve this certificate, TLS 1.2 or later. tls must outlive it. */
void http_tls_attach(struct http_tls *tls, SSL_CTX *context);

#endif
