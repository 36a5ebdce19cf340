#include <stdbool.h>
#include <string.h>

#include "adapters/mail/mail.h"

/* Letters and signs that people write; what is not here becomes '?', and pictures vanish. */
static const struct {
	const char *utf8, *ascii;
} plain[] = {
	{ "ä", "ae" }, { "ö", "oe" }, { "ü", "ue" }, { "Ä", "Ae" }, { "Ö", "Oe" }, { "Ü", "Ue" }, { "ß", "ss" },
	{ "à", "a" }, { "á", "a" }, { "â", "a" }, { "ã", "a" }, { "å", "a" }, { "æ", "ae" }, { "ç", "c" },
	{ "è", "e" }, { "é", "e" }, { "ê", "e" }, { "ë", "e" }, { "ì", "i" }, { "í", "i" }, { "î", "i" },
	{ "ï", "i" }, { "ñ", "n" }, { "ò", "o" }, { "ó", "o" }, { "ô", "o" }, { "õ", "o" }, { "ø", "o" },
	{ "ù", "u" }, { "ú", "u" }, { "û", "u" }, { "ý", "y" }, { "ÿ", "y" }, { "À", "A" }, { "Á", "A" },
	{ "Â", "A" }, { "Ã", "A" }, { "Å", "A" }, { "Æ", "AE" }, { "Ç", "C" }, { "È", "E" }, { "É", "E" },
	{ "Ê", "E" }, { "Ë", "E" }, { "Í", "I" }, { "Î", "I" }, { "Ñ", "N" }, { "Ó", "O" }, { "Ô", "O" },
	{ "Õ", "O" }, { "Ø", "O" }, { "Ú", "U" }, { "Û", "U" }, { "Ý", "Y" }, { "ą", "a" }, { "ć", "c" },
	{ "č", "c" }, { "ď", "d" }, { "ę", "e" }, { "ě", "e" }, { "ğ", "g" }, { "ı", "i" }, { "İ", "I" },
	{ "ł", "l" }, { "Ł", "L" }, { "ń", "n" }, { "ň", "n" }, { "ő", "o" }, { "œ", "oe" }, { "ř", "r" },
	{ "ś", "s" }, { "Ś", "S" }, { "ş", "s" }, { "š", "s" }, { "Š", "S" }, { "ť", "t" }, { "ů", "u" },
	{ "ű", "u" }, { "ź", "z" }, { "ż", "z" }, { "ž", "z" }, { "Ž", "Z" }, { "Č", "C" }, { "Ř", "R" },
	{ "‐", "-" }, { "‑", "-" }, { "–", "-" }, { "—", "-" }, { "−", "-" }, { "‘", "'" }, { "’", "'" },
	{ "“", "\"" }, { "”", "\"" }, { "„", "\"" }, { "«", "\"" }, { "»", "\"" }, { "…", "..." }, { "→", "->" },
	{ "←", "<-" }, { "≥", ">=" }, { "≤", "<=" }, { "≠", "!=" }, { "×", "x" }, { "·", "-" }, { "•", "-" },
	{ "µ", "u" }, { "μ", "u" }, { "°", " deg " }, { "€", "EUR" }, { "£", "GBP" }, { "±", "+/-" }, { "§", "S." },
	{ "\u00A0", " " }, { "\u202F", " " }, { "\u2009", " " },
};

struct writing {
	char *out;
	size_t length;
};

/* Spaces run together, and there is none at the beginning. */
static void put(struct writing *w, char c)
{
	if (c < ' ' || c == 0x7F)
		c = ' ';
	if (c == ' ' && (w->length == 0 || w->out[w->length - 1] == ' '))
		return;
	if (w->length + 1 < MAIL_SUBJECT_SIZE)
		w->out[w->length++] = c;
}

/* Bytes of the UTF-8 character at `text`; a broken one is its first byte. */
static size_t character(const char *text)
{
	unsigned char first = (unsigned char)*text;
	size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1, have = 1;

	while (have < length && ((unsigned char)text[have] & 0xC0) == 0x80)
		have++;
	return have == length ? length : 1;
}

/* Emoji, arrows and dingbats, and what only changes how they look. */
static bool is_picture(const char *text, size_t length)
{
	unsigned char second = (unsigned char)text[1];

	return length == 4 || (length == 3 && ((unsigned char)*text == 0xEF || (unsigned char)*text == 0xE2) &&
	                       (second == 0xB8 || (second >= 0x8C && second <= 0xAF) || second == 0x80));
}

static void put_foreign(struct writing *w, const char *text, size_t length)
{
	const char *ascii = is_picture(text, length) ? "" : "?";

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strlen(plain[i].utf8) == length && memcmp(plain[i].utf8, text, length) == 0)
			ascii = plain[i].ascii;
	for (; *ascii != '\0'; ascii++)
		put(w, *ascii);
}

void mail_subject(const char *text, char out[MAIL_SUBJECT_SIZE])
{
	struct writing w = { out, 0 };

	while (*text != '\0') {
		size_t length = character(text);

		if ((unsigned char)*text < 0x80)
			put(&w, *text);
		else
			put_foreign(&w, text, length);
		text += length;
	}
	while (w.length > 0 && out[w.length - 1] == ' ')
		w.length--;
	out[w.length] = '\0';
	if (w.length == 0)
		memcpy(out, "tocsin", sizeof("tocsin"));
}
