/* http_certs.h - a small certificate authority for the TLS tests, in a directory of its own. */
#ifndef TESTS_HTTP_CERTS_H
#define TESTS_HTTP_CERTS_H

#include <openssl/x509.h>

struct http_certs {
	char directory[64];
	char ca_path[96], other_ca_path[96];
	X509 *ca;
	EVP_PKEY *ca_key;
};

struct http_pair {
	char certificate[96], key[96];
};

void http_certs_make(struct http_certs *certs);
void http_certs_free(struct http_certs *certs); /* removes the files */
/* A server certificate for `dns_name`, valid from now until `days` from now (-1: since yesterday,
 * until an hour ago), with an RSA or a P-256 key, signed by the authority. */
void http_certs_issue(struct http_certs *certs, const char *file, const char *dns_name, int days,
                      int use_rsa, struct http_pair *pair);

#endif
