/* config_types_net.c - addresses, URLs, proxies. */
#include "bot/config_types.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

#include "bot/config_schema.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/mem.h"
#include "bot/str.h"

#define HOST_SIZE 256

static bool is_ipv4(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

static bool is_ipv6(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1;
}

bool config_host_is_loopback(const char *host)
{
	struct in6_addr v6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (is_ipv4(host))
		return str_starts(host, "127.");
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Letters, digits, '.', '-' and '_' (private names have it); an address in brackets is IPv6. */
static bool is_host(const char *host, bool bracketed)
{
	if (bracketed)
		return is_ipv6(host);
	if (host[0] == '\0' || host[0] == '-' || host[0] == '.')
		return false;
	for (const char *c = host; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr(".-_", *c) == NULL)
			return false;
	return true;
}

/* 0 ... 65535, digits only; -1 otherwise. */
static int port_number(const char *text, size_t length)
{
	int port = 0;

	if (length == 0 || length > 5)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -1;
		port = port * 10 + (text[i] - '0');
	}
	return port <= 65535 ? port : -1;
}

/* "host" or "[v6]" up to a character of `ends` or the end; *text moves there. May be empty. */
static bool take_host(const char **text, const char *ends, char host[HOST_SIZE], bool *bracketed)
{
	const char *start = *text;
	size_t length;

	*bracketed = *start == '[';
	if (*bracketed) {
		length = strcspn(++start, "]");
		if (start[length] != ']')
			return false;
		*text = start + length + 1;
	} else {
		length = strcspn(start, ends);
		*text = start + length;
	}
	if (length >= HOST_SIZE)
		return false;
	memcpy(host, start, length);
	host[length] = '\0';
	return **text == '\0' || strchr(ends, **text) != NULL;
}

struct url {
	bool tls;
	char host[HOST_SIZE]; /* without brackets */
	int port;             /* -1: none given */
	const char *path;     /* the rest; may be empty */
};

/* NULL when it is a URL, else what is wrong; what to do. */
static const char *split_url(const char *text, struct url *url)
{
	const char *at = text;
	bool bracketed;

	for (const char *c = text; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return "holds a space or a character that a URL cannot hold; remove or percent-encode it";
	url->tls = str_starts(text, "https://");
	if (!url->tls && !str_starts(text, "http://"))
		return "is not a URL; begin it with https:// (or http://)";
	at += url->tls ? 8 : 7;
	if (memchr(at, '@', strcspn(at, "/?#")) != NULL)
		return "holds a user or password; leave them out of the URL";
	if (!take_host(&at, ":/?#", url->host, &bracketed) || !is_host(url->host, bracketed))
		return "has no valid host name; write https://HOST/";
	url->port = -1;
	if (*at == ':') {
		size_t length = strcspn(++at, "/?#");
		url->port = port_number(at, length);
		if (url->port < 1)
			return "has no valid port; use 1 to 65535, or leave it out";
		at += length;
	}
	url->path = at;
	if (strpbrk(at, "?#") != NULL)
		return "holds '?' or '#'; give the base URL only";
	return NULL;
}

bool config_url_is_loopback(const char *text)
{
	struct url url;

	return split_url(text, &url) == NULL && config_host_is_loopback(url.host);
}

/* The slash at the end is what makes "https://slack.com/api/" + method work. */
static void end_with_slash(struct config_node *node)
{
	struct str text;

	if (str_ends(node->text, "/"))
		return;
	str_init(&text, strlen(node->text) + 1);
	str_add(&text, node->text);
	str_add_char(&text, '/');
	free(node->text);
	node->text = str_take(&text);
}

static bool check_any_url(const struct config_check *c, struct url *url)
{
	const char *wrong = split_url(c->node->text, url);

	return wrong == NULL || config_refuse(c, wrong);
}

static bool check_url(const struct config_check *c)
{
	struct url url;

	if (!check_any_url(c, &url))
		return false;
	end_with_slash(c->node);
	return true;
}

static bool check_secure_url(const struct config_check *c)
{
	struct url url;

	if (!check_any_url(c, &url))
		return false;
	if (!url.tls && !config_host_is_loopback(url.host))
		return config_refuse(c, "is not encrypted; use https:// (http:// is for loopback addresses "
		              "only)");
	end_with_slash(c->node);
	return true;
}

static bool check_proxy(const struct config_check *c)
{
	struct url url;

	if (str_starts(c->node->text, "https://") || str_starts(c->node->text, "socks"))
		return config_refuse(c, "is not an HTTP proxy; write http://HOST:PORT (what goes through it "
		              "is encrypted all the same)");
	if (!check_any_url(c, &url))
		return false;
	if (url.port < 0)
		return config_refuse(c, "has no port; write http://HOST:PORT");
	if (url.path[0] != '\0' && strcmp(url.path, "/") != 0)
		return config_refuse(c, "has a path; write http://HOST:PORT");
	return true;
}

bool config_split_listen(const char *text, char **address, int *port)
{
	char host[HOST_SIZE];
	bool bracketed;
	int number;

	if (!take_host(&text, ":", host, &bracketed) || *text != ':')
		return false;
	if (bracketed ? !is_ipv6(host) : !is_ipv4(host))
		return false;
	number = port_number(text + 1, strlen(text + 1));
	if (number < 0)
		return false;
	*address = mem_copy_string(host);
	*port = number;
	return true;
}

static bool check_listen(const struct config_check *c)
{
	char *address;
	int port;

	if (config_split_listen(c->node->text, &address, &port)) {
		free(address);
		return true;
	}
	return config_refuse(c, "is not ADDRESS:PORT; write 127.0.0.1:8080 or [::1]:8080, or "
	              "0.0.0.0:8080 for every address of this machine");
}

/* "HOST:PORT" of a connect_to entry; either may be empty, as curl has it. */
static bool take_pair(const char **text, bool *given)
{
	char host[HOST_SIZE];
	bool bracketed;
	size_t digits;

	if (!take_host(text, ":", host, &bracketed) || **text != ':')
		return false;
	if (host[0] != '\0' && !is_host(host, bracketed))
		return false;
	digits = strcspn(++*text, ":");
	if (digits > 0 && port_number(*text, digits) < 1)
		return false;
	*given = host[0] != '\0' || digits > 0;
	*text += digits;
	return true;
}

static bool check_connect_to(const struct config_check *c)
{
	const char *text = c->node->text;
	bool from, to;

	if (!take_pair(&text, &from) || *text++ != ':' || !take_pair(&text, &to) || *text != '\0' || !to)
		return config_refuse(c, "is not HOST:PORT:CONNECT-HOST:CONNECT-PORT; write one like "
		              "slack.com:443:127.0.0.1:8443 (IPv6 addresses in brackets)");
	return true;
}

const struct config_type config_listen = { "address:port", check_listen, CONFIG_SLOT_STRING };
const struct config_type config_secure_url = { "https URL", check_secure_url, CONFIG_SLOT_STRING };
const struct config_type config_url = { "URL", check_url, CONFIG_SLOT_STRING };
const struct config_type config_proxy = { "proxy URL", check_proxy, CONFIG_SLOT_STRING };
const struct config_type config_connect_to = { "connect-to", check_connect_to, CONFIG_SLOT_STRING };
