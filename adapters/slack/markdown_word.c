#include "adapters/slack/markdown_word.h"

#include <string.h>

#include "bot/str.h"

#define AT_SIGN "＠"
#define NUMBER_SIGN "＃"

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_emphasis(char c)
{
	return c == '*' || c == '_' || c == '~' || c == '\\';
}

/* The word in lower case; without the characters that may be emphasis, or with them, each as it would be read. */
static void reduce(struct str *out, const char *word, size_t length, bool emphasis)
{
	for (size_t i = 0; i < length; i++) {
		if (!emphasis && is_emphasis(word[i]))
			continue;
		if (word[i] == '\\' && i + 1 < length)
			i++;
		str_add_char(out, word[i] >= 'A' && word[i] <= 'Z' ? (char)(word[i] - 'A' + 'a') : word[i]);
	}
}

static bool is_plain_letter(char c)
{
	return is_letter(c) && (unsigned char)c < 0x80;
}

static bool has_scheme(const char *word)
{
	/* Those that clients follow without "//"; with it any word is a scheme. */
	static const char *const schemes[] = {
		"mailto:", "tel:", "sms:", "xmpp:", "sip:", "sips:", "skype:", "facetime:", "callto:", "slack:",
		"http:", "https:", "ftp:", "file:", "data:", "javascript:", "vscode:", "msteams:", "zoommtg:",
	};

	if (strstr(word, "://") != NULL)
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		for (const char *at = strstr(word, schemes[i]); at != NULL; at = strstr(at + 1, schemes[i]))
			if ((at == word || !is_plain_letter(at[-1])) && at[strlen(schemes[i])] != '\0')
				return true;
	return false;
}

/* The label behind a dot: two letters at least, and nothing but letters up to its end or a hyphen ("xn--p1ai"). */
static bool is_top_level(const char *label)
{
	size_t plain = 0, letters;

	while (is_plain_letter(label[plain]))
		plain++;
	for (letters = plain; is_letter(label[letters]);)
		letters++;
	return (plain >= 2 && !is_digit(label[plain])) || (letters >= 2 && !is_digit(label[letters]));
}

static bool has_host(const char *word)
{
	for (const char *dot = strchr(word, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		if (dot > word && (is_letter(dot[-1]) || is_digit(dot[-1]) || dot[-1] == '-') && is_top_level(dot + 1))
			return true;
	return false;
}

bool slack_word_is_address(const char *word, size_t length)
{
	struct str plain;
	bool is = false;

	if (memchr(word, '.', length) == NULL && memchr(word, ':', length) == NULL)
		return false;
	str_init(&plain, SIZE_MAX / 2);
	for (unsigned emphasis = 0; emphasis < 2 && !is; emphasis++) {
		str_clear(&plain);
		reduce(&plain, word, length, emphasis > 0);
		is = strstr(plain.text, "www.") != NULL || has_scheme(plain.text) || has_host(plain.text);
	}
	str_free(&plain);
	return is;
}

/* Does the @ or # at i begin a name? */
static bool begins_name(const char *word, size_t length, size_t i, char before, bool open)
{
	char left = i > 0 ? word[i - 1] : before;
	size_t next = i + 1;

	if (is_plain_letter(left) || is_digit(left))
		return false;
	while (next < length && is_emphasis(word[next]))
		next++;
	return next < length ? is_letter(word[next]) : open;
}

void slack_word_add_text(struct str *out, const char *word, size_t length, char before, bool open)
{
	for (size_t i = 0; i < length; i++) {
		char c = word[i];

		if (c == '&')
			str_add(out, "&amp;");
		else if ((c == '@' || c == '#') && begins_name(word, length, i, before, open))
			str_add(out, c == '@' ? AT_SIGN : NUMBER_SIGN);
		else
			str_add_char(out, c);
	}
}
