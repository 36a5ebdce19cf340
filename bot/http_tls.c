#include "bot/http_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"

struct http_tls {
	char *certificate, *key;
	SSL_CTX *pair; /* only the holder of certificate, chain and key */
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

static bool load(const struct http_tls *tls, SSL_CTX *pair, struct err *err)
{
	SSL_CTX_set_default_passwd_cb(pair, no_passphrase);
	ERR_clear_error();
	if (!readable("certificate", tls->certificate, err) || !readable("key", tls->key, err))
		return false;
	if (SSL_CTX_use_certificate_chain_file(pair, tls->certificate) != 1)
		return wrong("certificate", tls->certificate, err);
	if (SSL_CTX_use_PrivateKey_file(pair, tls->key, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(pair) == 1)
		return true;
	if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
	    ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH) {
		ERR_clear_error();
		return err_set(err, ERR_USAGE, "the TLS key %s does not belong to the certificate %s",
		               tls->key, tls->certificate);
	}
	return wrong("key", tls->key, err);
}

bool http_tls_reload(struct http_tls *tls, struct err *err)
{
	SSL_CTX *pair = SSL_CTX_new(TLS_server_method());

	if (pair == NULL)
		return err_set(err, ERR_LOCAL, "OpenSSL cannot make a TLS context");
	if (!load(tls, pair, err)) {
		SSL_CTX_free(pair);
		return false;
	}
	SSL_CTX_free(tls->pair);
	tls->pair = pair;
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
	SSL_CTX_free(tls->pair);
	free(tls->certificate);
	free(tls->key);
	free(tls);
}

static int give_certificate(SSL *ssl, void *arg)
{
	const struct http_tls *tls = arg;
	STACK_OF(X509) *chain = NULL;

	(void)SSL_CTX_get0_chain_certs(tls->pair, &chain);
	SSL_certs_clear(ssl);
	return SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(tls->pair),
	                            SSL_CTX_get0_privatekey(tls->pair), chain, 1);
}

void http_tls_attach(struct http_tls *tls, SSL_CTX *context)
{
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	/* libwebsockets would look for another vhost by the name that the client asks for. */
	(void)SSL_CTX_set_tlsext_servername_callback(context, NULL);
	SSL_CTX_set_cert_cb(context, give_certificate, tls);
}
