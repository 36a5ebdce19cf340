#include "bot/http_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

struct http_tls {
	char *certificate, *key;
	SSL_CTX *context; /* for the next connections */
};

/* A key with a passphrase fails instead of asking on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static bool readable(const char *what, const char *path, struct err *err)
{
	if (access(path, R_OK) == 0)
		return true;
	return err_set(err, ERR_USAGE, "cannot read the TLS %s %s: %s", what, path, strerror(errno));
}

static bool wrong(const char *what, const char *path, struct err *err)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	(void)err_set(err, ERR_USAGE, "the TLS %s %s cannot be used: %s", what, path,
	              reason == NULL ? "unknown form" : reason);
	ERR_clear_error();
	return false;
}

static bool load(const struct http_tls *tls, SSL_CTX *context, struct err *err)
{
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	ERR_clear_error();
	if (!readable("certificate", tls->certificate, err) || !readable("key", tls->key, err))
		return false;
	if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
		return wrong("certificate", tls->certificate, err);
	if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(context) == 1)
		return true;
	if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
	    ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH) {
		ERR_clear_error();
		return err_set(err, ERR_USAGE, "the TLS key %s does not belong to the certificate %s",
		               tls->key, tls->certificate);
	}
	return wrong("key", tls->key, err);
}

/* Whoever offers protocols gets HTTP/1.1 among them, or none. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                           unsigned offered_length, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *found;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&found, length, ours, sizeof(ours) - 1, offered, offered_length) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*chosen = found;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *new_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL)
		return NULL;
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                                SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); /* tickets need no memory of ours */
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return context;
}

bool http_tls_reload(struct http_tls *tls, struct err *err)
{
	SSL_CTX *context = new_context();

	if (context == NULL)
		return err_set(err, ERR_LOCAL, "OpenSSL cannot make a TLS context");
	if (!load(tls, context, err)) {
		SSL_CTX_free(context);
		return false;
	}
	SSL_CTX_free(tls->context); /* connections hold on to it */
	tls->context = context;
	return true;
}

struct http_tls *http_tls_new(const char *certificate, const char *key, struct err *err)
{
	struct http_tls *tls = mem_alloc(sizeof(*tls));

	tls->certificate = mem_copy_string(certificate);
	tls->key = mem_copy_string(key);
	if (http_tls_reload(tls, err))
		return tls;
	http_tls_free(tls);
	return NULL;
}

void http_tls_free(struct http_tls *tls)
{
	if (tls == NULL)
		return;
	SSL_CTX_free(tls->context);
	free(tls->certificate);
	free(tls->key);
	free(tls);
}

SSL *http_tls_accept(struct http_tls *tls, int fd)
{
	SSL *ssl = SSL_new(tls->context);

	if (ssl == NULL || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return ssl;
}
