#include "adapters/prometheus/scan.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bot/str.h"
#include "bot/utf8.h"

#define NAME_MAX_BYTES 64

char prometheus_scan_peek(struct prometheus_scan *scan)
{
	while (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t')
		scan->at++; /* the NUL behind the end is none of them */
	return scan->at < scan->end ? *scan->at : '\0';
}

bool prometheus_scan_take(struct prometheus_scan *scan, char c)
{
	if (c == '\0' || prometheus_scan_peek(scan) != c)
		return false;
	scan->at++;
	return true;
}

/* --- strings --- */

static bool hex4(struct prometheus_scan *scan, uint32_t *out)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		char c = *scan->at;
		const char *digit = c == '\0' ? NULL : strchr(digits, c | 0x20);

		if (digit == NULL || scan->at == scan->end)
			return false;
		value = value * 16 + (uint32_t)(digit - digits);
		scan->at++;
	}
	*out = value;
	return true;
}

static bool is_high(uint32_t c)
{
	return c >= 0xD800 && c < 0xDC00;
}

/* Behind "\u". A lone half of a pair becomes U+FFFD. */
static bool unicode(struct prometheus_scan *scan, struct str *out)
{
	uint32_t c, low;

	if (!hex4(scan, &c))
		return false;
	if (is_high(c) && strncmp(scan->at, "\\u", 2) == 0) {
		struct prometheus_scan before = *scan;

		scan->at += 2;
		if (!hex4(scan, &low))
			return false;
		if (low >= 0xDC00 && low < 0xE000)
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		else
			*scan = before;
	}
	if (c >= 0xD800 && c < 0xE000)
		c = 0xFFFD;
	if (out != NULL)
		utf8_add(out, c);
	return true;
}

/* Behind the backslash. */
static bool escape(struct prometheus_scan *scan, struct str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = scan->at < scan->end ? *scan->at++ : '\0';
	const char *found = c == '\0' ? NULL : strchr(from, c);

	if (c == 'u')
		return unicode(scan, out);
	if (found == NULL)
		return false;
	if (out != NULL)
		str_add_char(out, to[found - from]);
	return true;
}

bool prometheus_scan_string(struct prometheus_scan *scan, struct str *out)
{
	if (!prometheus_scan_take(scan, '"'))
		return false;
	while (scan->at < scan->end) {
		const char *start = scan->at;

		while (scan->at < scan->end && *scan->at != '"' && *scan->at != '\\')
			scan->at++;
		if (out != NULL)
			str_add_bytes(out, start, (size_t)(scan->at - start));
		if (scan->at == scan->end)
			return false;
		if (*scan->at++ == '"')
			return true;
		if (!escape(scan, out))
			return false;
	}
	return false;
}

/* --- numbers --- */

bool prometheus_scan_number(struct prometheus_scan *scan, double *out)
{
	char first = prometheus_scan_peek(scan), *end;

	/* strtod would also take white space, "inf" and "nan". */
	if (first != '-' && (first < '0' || first > '9'))
		return false;
	*out = strtod(scan->at, &end);
	if (end == scan->at || end > scan->end)
		return false;
	scan->at = end;
	return true;
}

bool prometheus_scan_quoted_number(struct prometheus_scan *scan, double *out)
{
	char *end;

	if (!prometheus_scan_take(scan, '"'))
		return false;
	*out = strtod(scan->at, &end);
	if (end == scan->at || end >= scan->end || *end != '"')
		return false;
	scan->at = end + 1;
	return true;
}

/* --- values --- */

/* A number, true, false or null. */
static bool skip_word(struct prometheus_scan *scan)
{
	const char *start = scan->at;

	while (isalnum((unsigned char)*scan->at) || *scan->at == '.' || *scan->at == '-' || *scan->at == '+')
		scan->at++;
	return scan->at > start;
}

bool prometheus_scan_skip(struct prometheus_scan *scan)
{
	unsigned depth = 0;

	do {
		char c = prometheus_scan_peek(scan);

		if (c == '[' || c == '{') {
			if (++depth > PROMETHEUS_SCAN_DEPTH)
				return false;
			scan->at++;
		} else if (c == ']' || c == '}') {
			if (depth == 0)
				return false;
			depth--;
			scan->at++;
		} else if (depth > 0 && (c == ',' || c == ':')) {
			scan->at++;
		} else if (c == '"' ? !prometheus_scan_string(scan, NULL) : !skip_word(scan)) {
			return false;
		}
	} while (depth > 0);
	return true;
}

static bool name_of_member(struct prometheus_scan *scan, struct str *name)
{
	str_clear(name);
	return prometheus_scan_string(scan, name) && prometheus_scan_take(scan, ':');
}

static bool each(struct prometheus_scan *scan, bool object, prometheus_scan_fn *fn, void *arg)
{
	char close = object ? '}' : ']';
	struct str name;
	bool good = true;

	if (!prometheus_scan_take(scan, object ? '{' : '['))
		return false;
	if (prometheus_scan_take(scan, close))
		return true;
	str_init(&name, NAME_MAX_BYTES);
	do {
		good = (!object || name_of_member(scan, &name)) && fn(arg, object ? name.text : NULL, scan);
	} while (good && prometheus_scan_take(scan, ','));
	str_free(&name);
	return good && prometheus_scan_take(scan, close);
}

bool prometheus_scan_object(struct prometheus_scan *scan, prometheus_scan_fn *fn, void *arg)
{
	return each(scan, true, fn, arg);
}

bool prometheus_scan_array(struct prometheus_scan *scan, prometheus_scan_fn *fn, void *arg)
{
	return each(scan, false, fn, arg);
}
