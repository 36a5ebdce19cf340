#include "http_certs.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static EVP_PKEY *rsa_key; /* one a process: making it takes long, half a minute under valgrind */

static void free_rsa_key(void)
{
	EVP_PKEY_free(rsa_key);
}

static EVP_PKEY *make_rsa_key(void)
{
	if (rsa_key == NULL) {
		rsa_key = EVP_RSA_gen(2048);
		if (rsa_key == NULL || atexit(free_rsa_key) != 0)
			abort();
	}
	(void)EVP_PKEY_up_ref(rsa_key);
	return rsa_key;
}

static EVP_PKEY *make_key(int use_rsa)
{
	EVP_PKEY *key = use_rsa ? make_rsa_key() : EVP_EC_gen("P-256");

	if (key == NULL)
		abort();
	return key;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (extension == NULL || X509_add_ext(certificate, extension, -1) != 1)
		abort();
	X509_EXTENSION_free(extension);
}

static X509 *make(EVP_PKEY *key, const char *name, int days, X509 *issuer, EVP_PKEY *issuer_key)
{
	static long serial = 1;
	X509 *certificate = X509_new();
	X509_NAME *subject = X509_NAME_new();

	(void)X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
	                                 -1, 0);
	(void)X509_set_version(certificate, 2);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
	(void)X509_set_subject_name(certificate, subject);
	(void)X509_set_issuer_name(certificate,
	                           issuer == NULL ? subject : X509_get_subject_name(issuer));
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), days < 0 ? -3600 : days * 24 * 3600L);
	(void)X509_set_pubkey(certificate, key);
	if (issuer == NULL) {
		add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
		add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
	} else {
		char names[128];

		(void)snprintf(names, sizeof(names), "DNS:%s", name);
		add_extension(certificate, issuer, NID_subject_alt_name, names);
	}
	if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0)
		abort();
	X509_NAME_free(subject);
	return certificate;
}

static void write_pem(const char *path, X509 *certificate, EVP_PKEY *key)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || (certificate != NULL && PEM_write_X509(file, certificate) != 1) ||
	    (key != NULL && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) != 1) ||
	    fclose(file) != 0)
		abort();
}

void http_certs_make(struct http_certs *certs)
{
	const char *base = getenv("TMPDIR");
	EVP_PKEY *other_key = make_key(0);
	X509 *other;

	(void)snprintf(certs->directory, sizeof(certs->directory), "%.40s/http-certs-XXXXXX",
	               base == NULL || strlen(base) > 40 ? "/tmp" : base);
	if (mkdtemp(certs->directory) == NULL)
		abort();
	(void)snprintf(certs->ca_path, sizeof(certs->ca_path), "%s/ca.pem", certs->directory);
	(void)snprintf(certs->other_ca_path, sizeof(certs->other_ca_path), "%s/other.pem",
	               certs->directory);
	certs->ca_key = make_key(0);
	certs->ca = make(certs->ca_key, "test authority", 30, NULL, certs->ca_key);
	other = make(other_key, "another authority", 30, NULL, other_key);
	write_pem(certs->ca_path, certs->ca, NULL);
	write_pem(certs->other_ca_path, other, NULL);
	X509_free(other);
	EVP_PKEY_free(other_key);
}

void http_certs_free(struct http_certs *certs)
{
	DIR *directory = opendir(certs->directory);
	struct dirent *entry;

	while (directory != NULL && (entry = readdir(directory)) != NULL)
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(directory), entry->d_name, 0);
	(void)closedir(directory);
	(void)rmdir(certs->directory);
	X509_free(certs->ca);
	EVP_PKEY_free(certs->ca_key);
}

void http_certs_issue(struct http_certs *certs, const char *file, const char *dns_name, int days,
                      int use_rsa, struct http_pair *pair)
{
	EVP_PKEY *key = make_key(use_rsa);
	X509 *certificate = make(key, dns_name, days, certs->ca, certs->ca_key);

	(void)snprintf(pair->certificate, sizeof(pair->certificate), "%s/%.16s.pem", certs->directory,
	               file);
	(void)snprintf(pair->key, sizeof(pair->key), "%s/%.16s.key", certs->directory, file);
	write_pem(pair->certificate, certificate, NULL);
	write_pem(pair->key, NULL, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
}
