#include "bot/event_text.h"

#include <openssl/evp.h>
#include <string.h>

#include "bot/clock.h"
#include "bot/mem.h"
#include "bot/str.h"

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || is_control(c);
}

char *event_text(const char *text, size_t max)
{
	size_t length, keep;
	struct str s;
	char *copy;

	if (text == NULL)
		return NULL;
	while (*text != '\0' && is_space(*text))
		text++;
	length = strlen(text);
	while (length > 0 && is_space(text[length - 1]))
		length--;
	if (length == 0)
		return NULL;
	keep = str_utf8_prefix(text, length, max);
	copy = mem_copy_bytes(text, keep);
	for (size_t i = 0; i < keep; i++)
		if (is_control(copy[i]))
			copy[i] = ' ';
	if (keep == length)
		return copy;
	str_init(&s, keep + 64);
	str_addf(&s, "%s… (%zu bytes cut)", copy, length - keep);
	free(copy);
	return str_take(&s);
}

char *event_line(const char *text, size_t max)
{
	struct str s;
	size_t length = 0;
	bool space = false;

	if (text == NULL)
		return NULL;
	while (length <= max && text[length] != '\0' && !is_space(text[length]))
		length++;
	if (length > 0 && length <= max && text[length] == '\0') /* one word, as most are */
		return mem_copy_bytes(text, length);
	str_init(&s, max + 8);
	for (; *text != '\0' && s.length <= max; text++) {
		if (is_space(*text)) {
			space = s.length > 0;
			continue;
		}
		if (space)
			str_add_char(&s, ' ');
		space = false;
		str_add_char(&s, *text);
	}
	if (s.length == 0) {
		str_free(&s);
		return NULL;
	}
	length = str_utf8_prefix(s.text, s.length, max);
	if (length < s.length) {
		s.length = length;
		str_add(&s, "…");
	}
	return str_take(&s);
}

void event_hash(const char *text, char out[17])
{
	unsigned char digest[EVP_MAX_MD_SIZE];

	if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) != 1)
		mem_none_left();
	for (unsigned i = 0; i < 8; i++)
		(void)snprintf(out + 2 * (size_t)i, 3, "%02x", (unsigned)digest[i]);
}

char *event_identity(const char *text, size_t max)
{
	bool fit = text != NULL && strlen(text) <= max;
	char hash[17], *line;
	struct str s;

	for (const char *c = text; fit && *c != '\0'; c++)
		fit = !is_control(*c) && *c != '\n' && *c != '\t';
	if (fit || text == NULL)
		return text == NULL || *text == '\0' ? NULL : mem_copy_string(text);
	event_hash(text, hash);
	line = event_line(text, max - 24);
	str_init(&s, max);
	str_addf(&s, "%s #%s", line == NULL ? "" : line, hash);
	free(line);
	return str_take(&s);
}

bool event_time(const char *text, int64_t *wall_ms)
{
	static const char *const formats[] = {
		"%a, %d %b %Y %H:%M:%S GMT",    /* Health */
		"%b %d, %Y %I:%M:%S %p",        /* Automation */
		"%a %b %d %H:%M:%S UTC %Y",     /* CodeDeploy, Beanstalk */
		"%A %d %B, %Y %H:%M:%S UTC",    /* reasons of composite alarms */
	};

	if (text == NULL)
		return false;
	if (clock_parse_iso(text, wall_ms))
		return true;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, formats[i], &tm);

		if (end == NULL || *end != '\0')
			continue;
		*wall_ms = clock_utc_s(&tm) * 1000;
		return true;
	}
	return false;
}
