#include "bot/arn.h"

#include <string.h>

#include "bot/str.h"

/* Not by strspn, which makes a table of the set with each call. */
static size_t length_of_field(const char *text, bool hyphens)
{
	size_t length = 0;

	while ((text[length] >= 'a' && text[length] <= 'z') || (text[length] >= '0' && text[length] <= '9') ||
	       (hyphens && text[length] == '-'))
		length++;
	return length;
}

/* One field up to the next colon into out; *text moves behind the colon. */
static bool take_field(const char **text, char *out, size_t size, bool hyphens)
{
	size_t length = length_of_field(*text, hyphens);

	if (length >= size || (*text)[length] != ':')
		return false;
	memcpy(out, *text, length);
	out[length] = '\0';
	*text += length + 1;
	return true;
}

bool arn_split(const char *text, struct arn *arn)
{
	if (text == NULL || !str_starts(text, "arn:"))
		return false;
	text += 4;
	if (!take_field(&text, arn->partition, sizeof(arn->partition), true) ||
	    !take_field(&text, arn->service, sizeof(arn->service), true) ||
	    !take_field(&text, arn->region, sizeof(arn->region), true) ||
	    !take_field(&text, arn->account, sizeof(arn->account), false))
		return false;
	arn->resource = text;
	return arn->partition[0] != '\0' && arn->service[0] != '\0' && *text != '\0';
}

bool region_is_plausible(const char *region)
{
	size_t length;

	if (region == NULL || region[0] < 'a' || region[0] > 'z')
		return false;
	length = length_of_field(region, true);
	return region[length] == '\0' && length >= 3 && length < 32 && region[length - 1] != '-';
}

/* The first prefix that fits decides, so longer ones of one family need no order: they differ
 * before the hyphen that ends them. The last row fits everything else. */
static const struct {
	const char *prefix;
	const char *global; /* the partition's pseudo region */
	struct partition partition;
} partitions[] = {
	{ "cn-", "aws-cn-global",
	  { "aws-cn", "amazonaws.com.cn", "console.amazonaws.cn", "api.amazonwebservices.com.cn" } },
	{ "us-gov-", "aws-us-gov-global",
	  { "aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com", "api.aws" } },
	{ "eusc-", "aws-eusc-global",
	  { "aws-eusc", "amazonaws.eu", "console.amazonaws-eusc.eu", "api.amazonwebservices.eu" } },
	{ "us-iso-", "aws-iso-global", { "aws-iso", "c2s.ic.gov", NULL, "api.aws.ic.gov" } },
	{ "us-isob-", "aws-iso-b-global", { "aws-iso-b", "sc2s.sgov.gov", NULL, "api.aws.scloud" } },
	{ "eu-isoe-", "aws-iso-e-global", { "aws-iso-e", "cloud.adc-e.uk", NULL, "api.cloud-aws.adc-e.uk" } },
	{ "us-isof-", "aws-iso-f-global", { "aws-iso-f", "csp.hci.ic.gov", NULL, "api.aws.hci.ic.gov" } },
	{ "", "aws-global", { "aws", "amazonaws.com", "console.aws.amazon.com", "api.aws" } },
};

const struct partition *partition_of_region(const char *region)
{
	size_t last = sizeof(partitions) / sizeof(partitions[0]) - 1;

	if (!region_is_plausible(region))
		return NULL;
	for (size_t i = 0; i < last; i++)
		if (str_starts(region, partitions[i].prefix) || strcmp(region, partitions[i].global) == 0)
			return &partitions[i].partition;
	return &partitions[last].partition;
}
