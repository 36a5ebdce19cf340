#include "tests/unit/support/sns_sender.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"

static void need(bool good)
{
	if (!good)
		abort();
}

EVP_PKEY *sender_rsa_key(void)
{
	static EVP_PKEY *key; /* reachable to the end: no leak */

	if (key == NULL)
		key = EVP_RSA_gen(2048);
	need(key != NULL);
	return key;
}

char *sender_certificate(const struct sender_certificate *options)
{
	EVP_PKEY *key = options->key != NULL ? options->key : sender_rsa_key();
	const char *name = options->common_name != NULL ? options->common_name : "sns.amazonaws.com";
	X509 *x = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *pem;
	long length;

	need(X509_set_version(x, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), 7) == 1);
	need(ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(options->from_ms / 1000)) != NULL);
	need(ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(options->until_ms / 1000)) != NULL);
	need(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	                                (const unsigned char *)name, -1, -1, 0) == 1);
	need(X509_set_issuer_name(x, X509_get_subject_name(x)) == 1 && X509_set_pubkey(x, key) == 1);
	if (options->san != NULL) {
		X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, options->san);

		need(san != NULL && X509_add_ext(x, san, -1) == 1);
		X509_EXTENSION_free(san);
	}
	need(X509_sign(x, key, EVP_sha256()) > 0 && PEM_write_bio_X509(bio, x) == 1);
	length = BIO_get_mem_data(bio, &data);
	pem = mem_copy_bytes(data, (size_t)length);
	BIO_free(bio);
	X509_free(x);
	return pem;
}

char *sender_good_certificate(int64_t now_ms)
{
	return sender_certificate(&(struct sender_certificate){
		.san = "DNS:sns.amazonaws.com", .from_ms = now_ms - 86400000, .until_ms = now_ms + 86400000,
	});
}

struct draft {
	struct str json, text; /* the body, and the string to sign */
};

/* Adds a member to the body. */
static void put(struct draft *d, const char *name, const char *value)
{
	str_add(&d->json, d->json.length == 0 ? "{\n  " : ",\n  ");
	str_add_json(&d->json, name, strlen(name));
	str_add(&d->json, " : ");
	str_add_json(&d->json, value, strlen(value));
}

static void sign(struct draft *d, const char *name, const char *value)
{
	str_addf(&d->text, "%s\n%s\n", name, value);
}

static char *signature(const struct str *text, const EVP_MD *digest, EVP_PKEY *key)
{
	unsigned char bytes[1024], encoded[1500];
	size_t length = sizeof(bytes);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	need(EVP_DigestSignInit(context, NULL, digest, NULL, key) == 1);
	need(EVP_DigestSign(context, bytes, &length, (const unsigned char *)text->text, text->length) ==
	     1);
	EVP_MD_CTX_free(context);
	need(EVP_EncodeBlock(encoded, bytes, (int)length) > 0);
	return mem_copy_string((const char *)encoded);
}

static const char *or_else(const char *value, const char *fallback)
{
	return value != NULL ? value : fallback;
}

/* The members in the order of signing; JSON does not mind. */
static void put_signed(struct draft *d, const char *name, const char *value)
{
	put(d, name, value);
	sign(d, name, value);
}

char *sender_body(const struct sender_message *m)
{
	const char *type = or_else(m->type, "Notification"), *version = or_else(m->version, "1");
	bool confirms = strcmp(type, "Notification") != 0;
	char time[CLOCK_TEXT_SIZE], *encoded;
	struct draft d;

	str_init(&d.json, 4u << 20);
	str_init(&d.text, 4u << 20);
	clock_format_iso(m->sent_ms != 0 ? m->sent_ms : SENDER_SENT_MS, time);
	put_signed(&d, "Message", or_else(m->text, "hello"));
	put_signed(&d, "MessageId", or_else(m->id, "9d2c5580-b61d-550c-8583-37a582870907"));
	if (!confirms && m->subject != NULL)
		put_signed(&d, "Subject", m->subject);
	if (confirms)
		put_signed(&d, "SubscribeURL",
		           "https://" SENDER_HOST "/?Action=ConfirmSubscription&Token=t");
	put_signed(&d, "Timestamp", time);
	if (confirms)
		put_signed(&d, "Token", or_else(m->token, "0123456789abcdef"));
	put_signed(&d, "TopicArn", or_else(m->topic, SENDER_TOPIC));
	put_signed(&d, "Type", type);
	encoded = signature(&d.text, strcmp(version, "2") == 0 ? EVP_sha256() : EVP_sha1(),
	                    m->key != NULL ? m->key : sender_rsa_key());
	put(&d, "SignatureVersion", version);
	put(&d, "Signature", encoded);
	put(&d, "SigningCertURL", or_else(m->url, SENDER_URL));
	if (!confirms)
		put(&d, "UnsubscribeURL", "https://" SENDER_HOST "/?Action=Unsubscribe&SubscriptionArn=x");
	str_add(&d.json, "\n}");
	free(encoded);
	str_free(&d.text);
	return str_take(&d.json);
}
