#include "adapters/aws/endpoint.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/profile.h"
#include "bot/arn.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_URL 1024

/* Host prefix; the service id that AWS_ENDPOINT_URL_<ID> carries and, in lower case, the block of a
 * `services` section; whether GovCloud has a host of its own for FIPS, alone and with dual stack. */
static const struct service {
	const char *prefix, *id, *block;
	bool gov_fips, gov_dual_fips;
} services[] = {
	{ "sns", "SNS", "sns", false, true },
	{ "sts", "STS", "sts", false, true },
	{ "ssm", "SSM", "ssm", false, true },
	{ "ec2", "EC2", "ec2", false, true },
	{ "logs", "CLOUDWATCH_LOGS", "cloudwatch_logs", false, true },
	{ "cloudtrail", "CLOUDTRAIL", "cloudtrail", false, true },
	{ "monitoring", "CLOUDWATCH", "cloudwatch", false, false },
	{ "dynamodb", "DYNAMODB", "dynamodb", false, true },
	{ "bedrock-runtime", "BEDROCK_RUNTIME", "bedrock_runtime", true, true },
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static const struct service *find_service(const char *prefix)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (strcmp(services[i].prefix, prefix) == 0)
			return &services[i];
	return NULL;
}

static const char *profile_value(const struct aws_profiles *profiles, const char *key)
{
	return aws_profile_get(profiles, aws_profile_name(), key);
}

static bool is_on(const struct aws_profiles *profiles, const char *variable, const char *key)
{
	const char *value = aws_env(variable);

	if (value == NULL)
		value = profile_value(profiles, key);
	return value != NULL && strcasecmp(value, "true") == 0;
}

static bool is_endpoint_url(const char *url)
{
	const char *host = str_starts(url, "https://") ? url + 8 : url + 7;

	if (!str_starts(url, "https://") && !str_starts(url, "http://"))
		return false;
	if (strlen(url) > MAX_URL || *host == '\0' || *host == '/' || strpbrk(url, "?#@") != NULL)
		return false;
	for (const char *c = url; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return true;
}

/* What is configured for the service, and where; NULL: nothing. */
static const char *find_configured(const struct aws_profiles *profiles, const struct service *service,
                                   const char **where)
{
	char variable[64];
	const char *url, *section = profile_value(profiles, "services");

	if (is_on(profiles, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
		return NULL;
	(void)snprintf(variable, sizeof(variable), "AWS_ENDPOINT_URL_%s", service->id);
	*where = "AWS_ENDPOINT_URL_";
	if ((url = aws_env(variable)) != NULL)
		return url;
	*where = "AWS_ENDPOINT_URL";
	if ((url = aws_env("AWS_ENDPOINT_URL")) != NULL)
		return url;
	*where = "endpoint_url of the profile's services, ";
	if (section != NULL) {
		url = aws_profile_service(profiles, section, service->block, "endpoint_url");
		if (url != NULL && *url != '\0')
			return url;
	}
	*where = "endpoint_url of the profile";
	return profile_value(profiles, "endpoint_url");
}

static bool take_configured(const struct service *service, const char *where, const char *text, char **url,
                            struct err *err)
{
	size_t length = strlen(text);
	bool named = where[strlen(where) - 1] == '_' || where[strlen(where) - 1] == ' ';

	if (!is_endpoint_url(text))
		return err_set(err, ERR_USAGE, "%s%s is not an http(s) URL without query and user; correct or unset it",
		               where, named ? service->id : "");
	while (length > 0 && text[length - 1] == '/')
		length--;
	*url = mem_copy_bytes(text, length);
	return true;
}

/* Templates and exceptions: botocore's endpoint rule sets of these services. */
static char *standard(const struct aws_profiles *profiles, const struct service *service, const char *region,
                      const struct partition *partition)
{
	bool fips = is_on(profiles, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	bool dual = is_on(profiles, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	struct str s;

	if (fips && strcmp(partition->id, "aws-us-gov") == 0)
		fips = dual ? service->gov_dual_fips : service->gov_fips;
	str_init(&s, MAX_URL);
	str_addf(&s, "https://%s%s.%s.%s", service->prefix, fips ? "-fips" : "", region,
	         dual ? partition->dual_stack_suffix : partition->dns_suffix);
	return str_take(&s);
}

bool aws_endpoint(const char *prefix, const char *region, char **url, struct err *err)
{
	const struct partition *partition = partition_of_region(region);
	const struct service *service = find_service(prefix);
	const struct aws_profiles *profiles;
	const char *text, *where = "";

	if (service == NULL)
		return err_set(err, ERR_USAGE, "no AWS service \"%s\" is known here", prefix);
	if (partition == NULL)
		return err_set(err, ERR_USAGE, "\"%.40s\" cannot be an AWS region", region == NULL ? "" : region);
	profiles = aws_profiles(err);
	if (profiles == NULL)
		return false;
	text = find_configured(profiles, service, &where);
	if (text != NULL)
		return take_configured(service, where, text, url, err);
	*url = standard(profiles, service, region, partition);
	return true;
}

const char *aws_default_region(void)
{
	const struct aws_profiles *profiles;
	const char *region = aws_env("AWS_REGION");
	struct err err;

	if (region == NULL)
		region = aws_env("AWS_DEFAULT_REGION");
	if (region != NULL)
		return region;
	profiles = aws_profiles(&err);
	return profiles == NULL ? NULL : profile_value(profiles, "region");
}
