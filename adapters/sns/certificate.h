/*
 * certificate.h - the signing certificates of SNS, downloaded and kept as keys.
 *
 * A flood of forged messages must not become a flood of downloads: one download a URL at a time,
 * a URL that failed rests for 5 s, all downloads together are paced (10 at once, then one a
 * second), and those who wait are counted. Good keys stay until their certificate's end and never
 * give way to failed URLs.
 */
#ifndef ADAPTERS_SNS_CERTIFICATE_H
#define ADAPTERS_SNS_CERTIFICATE_H

#include <stdbool.h>

#include "bot/err.h"

struct http_client;
struct sns_certificates;
struct sns_key;

/* The client is borrowed; free it after this (its last callbacks end the running downloads). */
struct sns_certificates *sns_certificates_new(struct http_client *client);
void sns_certificates_free(struct sns_certificates *certificates); /* waiters get ERR_CANCELLED */

/* The kept key, valid by the wall clock, or NULL. Borrowed until the next call on certificates. */
struct sns_key *sns_certificates_find(struct sns_certificates *certificates, const char *url);

/*
 * Fetches what find did not have; url and region are good by signer.h. True: `done` completes
 * later, once, and on success find has the key in that callback. False at once: the URL's recent
 * failure, or ERR_RETRY when too many wait or downloads are paced.
 * ERR_REFUSED: the file is no certificate to believe. ERR_RETRY: it could not be had.
 */
bool sns_certificates_fetch(struct sns_certificates *certificates, const char *url,
                            const char *region, struct done done, struct err *err) MUST_CHECK;

#endif
