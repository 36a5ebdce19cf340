#include "adapters/slack/url.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bot/str.h"

static const struct {
	const char *prefix;
	bool websocket, tls;
	int port;
} schemes[] = {
	{ "wss://", true, true, 443 },
	{ "ws://", true, false, 80 },
	{ "https://", false, true, 443 },
	{ "http://", false, false, 80 },
};

static bool copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		return false;
	memcpy(out, text, length);
	out[length] = '\0';
	return true;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return at == NULL ? -1 : (int)(at - digits);
}

static void decode_percent(char *text)
{
	char *out = text;

	for (; *text != '\0'; text++) {
		int high = *text == '%' ? hex_digit(text[1]) : -1;
		int low = high < 0 ? -1 : hex_digit(text[2]);

		if (low < 0) {
			*out++ = *text;
			continue;
		}
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	*out = '\0';
}

static bool parse_port(const char *text, size_t length, int *port)
{
	int value = 0;

	if (length == 0)
		return true; /* "host:" is allowed and means the default */
	if (length > 5)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		value = value * 10 + (text[i] - '0');
	}
	*port = value;
	return value > 0 && value < 65536;
}

static bool parse_authority(struct slack_url *out, const char *text, size_t length)
{
	const char *at = memchr(text, '@', length);
	const char *end = text + length, *host_end;

	if (at != NULL) {
		if (!copy(out->user, sizeof(out->user), text, (size_t)(at - text)))
			return false;
		decode_percent(out->user);
		text = at + 1;
	}
	if (text < end && *text == '[') {
		text++;
		host_end = memchr(text, ']', (size_t)(end - text));
		if (host_end == NULL || !copy(out->host, sizeof(out->host), text, (size_t)(host_end - text)))
			return false;
		host_end++;
	} else {
		host_end = memchr(text, ':', (size_t)(end - text));
		if (host_end == NULL)
			host_end = end;
		if (!copy(out->host, sizeof(out->host), text, (size_t)(host_end - text)))
			return false;
	}
	if (out->host[0] == '\0' || (host_end < end && *host_end != ':'))
		return false;
	return host_end == end || parse_port(host_end + 1, (size_t)(end - host_end - 1), &out->port);
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

bool slack_url_parse(struct slack_url *out, const char *text, struct err *err)
{
	*out = (struct slack_url){ .path = "/" };
	if (!is_printable(text))
		return err_set(err, ERR_REFUSED, "a URL holds blanks or control characters");
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		const char *rest = text + strlen(schemes[i].prefix);
		size_t length;

		if (!str_starts(text, schemes[i].prefix))
			continue;
		out->websocket = schemes[i].websocket;
		out->tls = schemes[i].tls;
		out->port = schemes[i].port;
		length = strcspn(rest, "/?#");
		if (!parse_authority(out, rest, length))
			break;
		rest += length;
		length = strcspn(rest, "#");
		if (rest[0] == '?' && length < SLACK_PATH_MAX - 1)
			return copy(out->path + 1, SLACK_PATH_MAX - 1, rest, length);
		if (length >= SLACK_PATH_MAX)
			break;
		if (length > 0)
			(void)copy(out->path, SLACK_PATH_MAX, rest, length);
		return true;
	}
	return err_set(err, ERR_REFUSED, "a URL cannot be understood");
}

bool slack_url_is_loopback(const struct slack_url *url)
{
	return strcmp(url->host, "localhost") == 0 || strcmp(url->host, "::1") == 0 ||
	       (str_starts(url->host, "127.") &&
	        strspn(url->host, "0123456789.") == strlen(url->host));
}

bool slack_url_is_good(const char *text, bool loopback)
{
	struct slack_url url;
	struct err ignored;

	return text != NULL && slack_url_parse(&url, text, &ignored) && !url.websocket &&
	       (url.tls || (loopback && slack_url_is_loopback(&url)));
}
