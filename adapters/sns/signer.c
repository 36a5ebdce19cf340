#include "adapters/sns/signer.h"

#include <stdio.h>
#include <string.h>

#include "bot/arn.h"
#include "bot/str.h"

/* *text moves behind the prefix when it starts with it. */
static bool skip(const char **text, const char *prefix)
{
	size_t length = strlen(prefix);
	bool starts = strncmp(*text, prefix, length) == 0;

	*text += starts ? length : 0;
	return starts;
}

bool sns_signer_url_is_good(const char *url, const char *region)
{
	const struct partition *partition = partition_of_region(region);

	if (partition == NULL || !skip(&url, "https://sns.") || !skip(&url, region) || !skip(&url, ".") ||
	    !skip(&url, partition->dns_suffix) || !skip(&url, "/SimpleNotificationService-"))
		return false;
	return strspn(url, "0123456789abcdef") == 32 && strcmp(url + 32, ".pem") == 0;
}

/* The regions of "aws" that are on without asking; every later one is opt-in and signs by its
 * own name, so an unknown region is taken for one of those. */
static bool is_default_on(const char *region)
{
	static const char *const regions[] = {
		"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1",
		"ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	};

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++)
		if (strcmp(region, regions[i]) == 0)
			return true;
	return false;
}

bool sns_signer_name(const char *region, char out[SNS_SIGNER_NAME_SIZE])
{
	static const struct {
		const char *partition, *prefix;
		const char *region; /* the one that signs for the whole partition; NULL: each its own */
	} own[] = {
		{ "aws-cn", "sns-", NULL },
		{ "aws-us-gov", "sns-", "us-gov-west-1" },
		{ "aws-iso", "sns-", "us-iso-east-1" },
		{ "aws-iso-b", "sns-", "us-isob-east-1" },
	};
	const struct partition *partition = partition_of_region(region);
	const char *prefix = "sns-signing.";

	if (partition == NULL)
		return false;
	if (strcmp(partition->id, "aws") == 0 && is_default_on(region)) {
		(void)snprintf(out, SNS_SIGNER_NAME_SIZE, "sns.%s", partition->dns_suffix);
		return true;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(partition->id, own[i].partition) != 0)
			continue;
		prefix = own[i].prefix;
		region = own[i].region != NULL ? own[i].region : region;
	}
	(void)snprintf(out, SNS_SIGNER_NAME_SIZE, "%s%s.%s", prefix, region, partition->dns_suffix);
	return true;
}
