/*
 * signer.h - which certificate may speak for the SNS of a region: its URL and its name.
 *
 * Pure rules. Sources: SNS developer guide ("Verifying the signatures"), the AWS SDK for Java v2
 * (SnsHostProvider) for the names, partitions.json of botocore for the suffixes.
 */
#ifndef ADAPTERS_SNS_SIGNER_H
#define ADAPTERS_SNS_SIGNER_H

#include <stdbool.h>

#define SNS_SIGNER_NAME_SIZE 128

/*
 * Exactly https://sns.REGION.SUFFIX/SimpleNotificationService-(32 hex digits).pem, the region
 * being the topic's: no port, user, query, fragment, other host or other spelling. (Looser rules
 * elsewhere have let an attacker's own certificate through, hosted on S3 or by SNS itself.)
 */
bool sns_signer_url_is_good(const char *url, const char *region);

/* The DNS name in the certificates of a region; false when the region is impossible. */
bool sns_signer_name(const char *region, char out[SNS_SIGNER_NAME_SIZE]);

#endif
