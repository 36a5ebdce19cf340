/*
 * verify_loop - checks prepared RSA signatures with one cached key, over and over: what one core
 * can do when it does nothing else. Prints JSON.
 *
 * usage: verify_loop FILE KEY.pem MILLISECONDS
 * FILE: blocks in threes, "1" (SHA-1) or "2" (SHA-256), the signed text, the signature
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/resource.h>

#include "tool.h"

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = file == NULL ? NULL : PEM_read_PUBKEY(file, NULL, NULL, NULL);

	if (key == NULL)
		fail(path);
	(void)fclose(file);
	return key;
}

static bool verify(EVP_MD_CTX *context, EVP_PKEY *key, const struct block *blocks)
{
	const EVP_MD *digest = blocks[0].data[0] == '2' ? EVP_sha256() : EVP_sha1();

	return EVP_MD_CTX_reset(context) == 1 &&
	       EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
	       EVP_DigestVerify(context, (const unsigned char *)blocks[2].data, blocks[2].length,
	                        (const unsigned char *)blocks[1].data, blocks[1].length) == 1;
}

static double cpu_us(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

int main(int argc, char **argv)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct block *blocks;
	int64_t started_ns, end_ns;
	size_t count, done = 0;
	double cpu_before_us;
	EVP_PKEY *key;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: verify_loop FILE KEY.pem MILLISECONDS\n");
		return 2;
	}
	blocks = read_blocks(argv[1], &count);
	key = read_key(argv[2]);
	count /= 3;
	cpu_before_us = cpu_us();
	started_ns = now_ns();
	end_ns = started_ns + number(argv[3]) * 1000000;
	for (; now_ns() < end_ns; done++)
		if (!verify(context, key, &blocks[done % count * 3])) {
			errno = EBADMSG;
			fail("a signature does not fit");
		}
	(void)printf("{\"count\": %zu, \"seconds\": %.6f, \"cpu_us\": %.0f}\n", done,
	             (double)(now_ns() - started_ns) / 1e9, cpu_us() - cpu_before_us);
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(context);
	return 0;
}
