/*
 * key.h - the public key of an SNS signing certificate, and the check of a signature with it.
 *
 * SignatureVersion "1" is RSA PKCS#1 v1.5 over SHA-1, "2" over SHA-256 (SNS developer guide).
 * The real certificate is a lone leaf whose issuer is in no system store; its trust is the
 * verified TLS connection that it came over, so no chain is built here.
 */
#ifndef ADAPTERS_SNS_KEY_H
#define ADAPTERS_SNS_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct sns_key;
struct sns_message;

/*
 * pem: exactly one certificate and nothing else encoded, with an RSA key of 2048 ... 8192 bits and
 * `name` among its DNS names (no wildcard, no common name). ERR_REFUSED when it is not that or has
 * expired; ERR_RETRY when there is nothing encoded at all (what came is not the file), or when it is not valid yet:
 * then our clock is late.
 */
struct sns_key *sns_key_from_pem(const char *pem, size_t length, const char *name, int64_t now_ms,
                                 struct err *err) MUST_CHECK;
void sns_key_free(struct sns_key *key);
bool sns_key_is_valid(const struct sns_key *key, int64_t now_ms); /* by the certificate's dates */

/* ERR_REFUSED: the signature is not the key's over this message. */
bool sns_key_verify(struct sns_key *key, const struct sns_message *message,
                    struct err *err) MUST_CHECK;

#endif
