#include "adapters/sns/key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "adapters/sns/message.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MIN_BITS 2048
#define MAX_BITS 8192
#define TEXT_MAX ((size_t)1 << 30) /* far more than one request can bring */
#define TEXT_KEPT ((size_t)64 << 10)

struct sns_key {
	EVP_PKEY *public;
	int64_t from_ms, until_ms;
	/* By SignatureVersion - 1. Made once: fetching an algorithm costs more than using it. */
	EVP_MD *digest[2];
	EVP_PKEY_CTX *check[2];
	EVP_MD_CTX *hash;
	struct str text; /* what the last message has signed */
};

static bool time_ms(const ASN1_TIME *time, int64_t *ms)
{
	struct tm tm;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*ms = (int64_t)timegm(&tm) * 1000;
	return true;
}

/* The only encoded thing in the text, when it is a certificate and nothing trails it. found: how many there are. */
static X509 *read_certificate(const char *pem, size_t length, int *found)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)length);
	X509 *certificate = NULL;
	bool good = true;

	*found = 0;

	for (;;) {
		char *name = NULL, *header = NULL;
		unsigned char *bytes = NULL;
		const unsigned char *end;
		long size = 0;

		if (bio == NULL || PEM_read_bio(bio, &name, &header, &bytes, &size) != 1)
			break;
		end = bytes;
		good = ++*found == 1 && good && strcmp(name, "CERTIFICATE") == 0;
		if (good)
			certificate = d2i_X509(NULL, &end, size);
		good = good && end == bytes + size;
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(bytes);
	}
	BIO_free(bio);
	if (good)
		return certificate;
	X509_free(certificate);
	return NULL;
}

static bool prepare(struct sns_key *key, int i, const char *algorithm)
{
	key->digest[i] = EVP_MD_fetch(NULL, algorithm, NULL);
	key->check[i] = EVP_PKEY_CTX_new(key->public, NULL);
	return key->digest[i] != NULL && key->check[i] != NULL &&
	       EVP_PKEY_verify_init(key->check[i]) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(key->check[i], RSA_PKCS1_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_signature_md(key->check[i], key->digest[i]) == 1;
}

static bool check_certificate(struct sns_key *key, X509 *certificate, const char *name,
                              int64_t now_ms, struct err *err)
{
	unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;

	if (X509_check_host(certificate, name, strlen(name), flags, NULL) != 1)
		return err_set(err, ERR_REFUSED, "the certificate is not for %s", name);
	if (!time_ms(X509_get0_notBefore(certificate), &key->from_ms) ||
	    !time_ms(X509_get0_notAfter(certificate), &key->until_ms))
		return err_set(err, ERR_REFUSED, "the certificate has no readable dates");
	if (key->until_ms < now_ms)
		return err_set(err, ERR_REFUSED, "the certificate has expired");
	if (key->from_ms > now_ms)
		return err_set(err, ERR_RETRY,
		               "the certificate is not valid yet: is this machine's clock right?");
	key->public = X509_get_pubkey(certificate);
	if (key->public == NULL || !EVP_PKEY_is_a(key->public, "RSA") ||
	    EVP_PKEY_get_bits(key->public) < MIN_BITS || EVP_PKEY_get_bits(key->public) > MAX_BITS)
		return err_set(err, ERR_REFUSED, "the certificate's key is not RSA of 2048 bits or more");
	return true;
}

struct sns_key *sns_key_from_pem(const char *pem, size_t length, const char *name, int64_t now_ms,
                                 struct err *err)
{
	struct sns_key *key = mem_alloc(sizeof(*key));
	int found;
	X509 *certificate = read_certificate(pem, length, &found);
	bool good;

	if (found == 0) /* a proxy's page, or half of a file: whose message it was for must come again */
		good = err_set(err, ERR_RETRY, "the file holds no certificate");
	else if (certificate == NULL)
		good = err_set(err, ERR_REFUSED, "the file is not exactly one certificate");
	else
		good = check_certificate(key, certificate, name, now_ms, err);
	str_init(&key->text, TEXT_MAX);
	key->hash = EVP_MD_CTX_new();
	if (good && (key->hash == NULL || !prepare(key, 0, "SHA1") || !prepare(key, 1, "SHA256")))
		good = err_set(err, ERR_LOCAL, "OpenSSL offers no RSA check with SHA-1 and SHA-256");
	X509_free(certificate);
	ERR_clear_error(); /* the queue is shared with libcurl and libwebsockets */
	if (good)
		return key;
	sns_key_free(key);
	return NULL;
}

void sns_key_free(struct sns_key *key)
{
	if (key == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		EVP_PKEY_CTX_free(key->check[i]);
		EVP_MD_free(key->digest[i]);
	}
	EVP_MD_CTX_free(key->hash);
	str_free(&key->text);
	EVP_PKEY_free(key->public);
	free(key);
}

bool sns_key_is_valid(const struct sns_key *key, int64_t now_ms)
{
	return key->from_ms <= now_ms && now_ms <= key->until_ms;
}

static void add_piece(void *arg, const void *bytes, size_t length)
{
	str_add_bytes(arg, bytes, length);
}

/* At once: for the two dozen pieces of a message one by one, OpenSSL needs longer than for copying them. */
static bool hash_text(struct sns_key *key, const struct sns_message *message, unsigned char digest[EVP_MAX_MD_SIZE],
                      unsigned *length)
{
	bool good;

	str_clear(&key->text);
	sns_message_signed_text(message, add_piece, &key->text);
	good = EVP_DigestInit_ex(key->hash, key->digest[message->version - 1], NULL) == 1 &&
	       EVP_DigestUpdate(key->hash, key->text.text, key->text.length) == 1 &&
	       EVP_DigestFinal_ex(key->hash, digest, length) == 1;
	if (key->text.capacity > TEXT_KEPT) {
		str_free(&key->text);
		str_init(&key->text, TEXT_MAX);
	}
	return good;
}

/* Of base64. */
static bool is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/* Strict base64: no white space, padding only at the end. -1 when it is not that. OpenSSL refuses other letters, but
 * neither a = within nor blanks and the like at both ends. */
static int decode(const char *text, unsigned char *out, size_t size)
{
	size_t length = strlen(text), digits, padding;
	const char *equals = memchr(text, '=', length);
	int decoded;

	digits = equals == NULL ? length : (size_t)(equals - text);
	padding = length - digits;
	if (length % 4 != 0 || length / 4 * 3 > size || padding > 2 || strspn(text + digits, "=") != padding ||
	    digits == 0 || !is_digit(text[0]) || !is_digit(text[digits - 1]))
		return -1;
	decoded = EVP_DecodeBlock(out, (const unsigned char *)text, (int)length);
	return decoded < 0 ? -1 : decoded - (int)padding;
}

bool sns_key_verify(struct sns_key *key, const struct sns_message *message, struct err *err)
{
	unsigned char signature[MAX_BITS / 8 + 3], digest[EVP_MAX_MD_SIZE];
	unsigned digest_length = 0;
	int length = decode(message->signature, signature, sizeof(signature));
	int i = message->version - 1;

	if (length < 0 || i < 0 || i > 1)
		return err_set(err, ERR_REFUSED, "the signature cannot be read");
	if (!hash_text(key, message, digest, &digest_length)) {
		ERR_clear_error();
		return err_set(err, ERR_LOCAL, "OpenSSL refuses to hash");
	}
	if (EVP_PKEY_verify(key->check[i], signature, (size_t)length, digest, digest_length) == 1)
		return true;
	ERR_clear_error();
	return err_set(err, ERR_REFUSED, "the signature does not match");
}
