#include "adapters/jira/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bot/mem.h"
#include "bot/str.h"

#define GATEWAY "api.atlassian.com"
#define CLOUD ".atlassian.net"
#define ISSUE_MAX 100

static bool equal(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static bool ends(const char *text, size_t length, const char *suffix)
{
	size_t size = strlen(suffix);

	return length >= size && strncasecmp(text + length - size, suffix, size) == 0;
}

bool jira_address_read(struct jira_address *address, const char *url, struct err *err)
{
	const char *host = strstr(url, "://");
	size_t scheme = host == NULL ? 0 : (size_t)(host - url), name, length = strlen(url);

	*address = (struct jira_address){ 0 };
	if (!equal(url, scheme, "https") && !equal(url, scheme, "http"))
		return err_set(err, ERR_USAGE, "jira.url must begin with https:// and the site's name");
	host += 3;
	name = strcspn(host, ":/");
	if (name == 0 || strpbrk(host, "?#@ \t\r\n") != NULL)
		return err_set(err, ERR_USAGE,
		               "jira.url is the bare address of the site, like https://example.atlassian.net");
	if (strstr(host, "/rest/") != NULL || strstr(host, "/browse") != NULL)
		return err_set(err, ERR_USAGE, "jira.url is the address of the site, without /rest or /browse");
	while (url[length - 1] == '/')
		length--;
	address->base = mem_copy_bytes(url, length);
	address->gateway = equal(host, name, GATEWAY);
	address->cloud_host = address->gateway || ends(host, name, CLOUD);
	return true;
}

void jira_address_free(struct jira_address *address)
{
	free(address->base);
	*address = (struct jira_address){ 0 };
}

void jira_address_add(struct str *path, const char *segment)
{
	str_add_percent(path, segment, strlen(segment));
}

bool jira_address_is_issue(const char *text)
{
	size_t project = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	size_t digits = text[project] != '-' ? 0 : strspn(text + project + 1, "0123456789");

	return project > 0 && digits > 0 && text[project + 1 + digits] == '\0' && strlen(text) <= ISSUE_MAX;
}
