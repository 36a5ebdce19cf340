#include "adapters/aws/region.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/arn.h"
#include "bot/mem.h"
#include "bot/str.h"

#define MAX_URL 1024

/* Host prefix, and the service id that AWS_ENDPOINT_URL_<ID> carries. */
static const struct {
	const char *prefix, *id;
} services[] = {
	{ "sns", "SNS" },           { "sts", "STS" },
	{ "ssm", "SSM" },           { "ec2", "EC2" },
	{ "logs", "CLOUDWATCH_LOGS" }, { "monitoring", "CLOUDWATCH" },
	{ "dynamodb", "DYNAMODB" }, { "bedrock-runtime", "BEDROCK_RUNTIME" },
};
#define SERVICES (sizeof(services) / sizeof(services[0]))

static struct {
	bool read;
	char *general;
	char *own[SERVICES];
} configured;

static char *take_variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[strspn(value, " \t")] != '\0' ? mem_copy_string(value) : NULL;
}

void aws_region_read_environment(void)
{
	const char *ignore = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	bool ignored = ignore != NULL && strcasecmp(ignore, "true") == 0;

	free(configured.general);
	configured.general = ignored ? NULL : take_variable("AWS_ENDPOINT_URL");
	for (size_t i = 0; i < SERVICES; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "AWS_ENDPOINT_URL_%s", services[i].id);
		free(configured.own[i]);
		configured.own[i] = ignored ? NULL : take_variable(name);
	}
	configured.read = true;
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

static bool configured_endpoint(size_t service, const char *text, char **url, struct err *err)
{
	size_t length = strlen(text);

	if (!is_endpoint_url(text))
		return err_set(err, ERR_USAGE,
		               "AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_%s is not an http(s) URL without "
		               "query and user; correct or unset it", services[service].id);
	while (length > 0 && text[length - 1] == '/')
		length--;
	*url = mem_copy_bytes(text, length);
	return true;
}

bool aws_endpoint(const char *service, const char *region, char **url, struct err *err)
{
	const struct partition *partition = partition_of_region(region);
	const char *text;
	size_t i = 0;
	struct str s;

	if (!configured.read)
		aws_region_read_environment();
	while (i < SERVICES && strcmp(services[i].prefix, service) != 0)
		i++;
	if (i == SERVICES)
		return err_set(err, ERR_USAGE, "no AWS service \"%s\" is known here", service);
	if (partition == NULL)
		return err_set(err, ERR_USAGE, "\"%.40s\" cannot be an AWS region",
		               region == NULL ? "" : region);
	text = configured.own[i] != NULL ? configured.own[i] : configured.general;
	if (text != NULL)
		return configured_endpoint(i, text, url, err);
	str_init(&s, MAX_URL);
	str_addf(&s, "https://%s.%s.%s", service, region, partition->dns_suffix);
	*url = str_take(&s);
	return true;
}
