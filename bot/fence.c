#include "bot/fence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/random.h"
#include "bot/redact.h"
#include "bot/str.h"
#include "bot/utf8.h"

#define CUT "[... %zu more bytes left out]"

void fence_word(char word[FENCE_WORD_SIZE])
{
	random_hex(word, (FENCE_WORD_SIZE - 1) / 2);
}

/* What utf8_clean leaves for emoji and joined scripts and is nothing to see by itself: a model reads it. */
static bool is_invisible(uint32_t c)
{
	return c == 0x34F || c == 0x17B4 || c == 0x17B5 || c == 0x200C || c == 0x200D ||
	       (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x1D173 && c <= 0x1D17A);
}

/* One kind of line end, nothing that is not seen. */
static char *visible(const char *text, bool one_line)
{
	char *clean = utf8_clean(text, one_line);
	struct str out;

	str_init(&out, SIZE_MAX / 2);
	for (const char *p = clean; *p != '\0';) {
		uint32_t c = utf8_next(&p);

		if (c == 0x2028 || c == 0x2029)
			c = one_line ? ' ' : '\n';
		if (!is_invisible(c))
			utf8_add(&out, c);
	}
	free(clean);
	return str_take(&out);
}

/* A text that learnt the word (a model may hand it to a tool) must not end the fence with it. */
static void without_word(char *text, const char *word)
{
	if (strlen(word) + 1 < FENCE_WORD_SIZE)
		return; /* no secret: what reads this is no model */
	for (char *at = text; (at = strcasestr(at, word)) != NULL;)
		for (size_t i = 0; word[i] != '\0'; i++)
			*at++ = '_';
}

/* Redacted before it is cut: half a secret is not recognised. */
static char *made_safe(const char *word, const char *text, bool one_line)
{
	char *plain = visible(text, one_line);
	char *safe = redact(plain, NULL);

	without_word(safe, word);
	free(plain);
	return safe;
}

char *fence_clean_line(const char *word, const char *text, size_t most)
{
	char *safe = made_safe(word, text, true);
	size_t length = strlen(safe), kept = str_utf8_prefix(safe, length, most);
	struct mem mem = { 0 };
	char *line;

	if (kept == length)
		return safe;
	line = mem_copy_string(mem_printf(&mem, "%.*s " CUT, (int)kept, safe, length - kept));
	mem_free_all(&mem);
	free(safe);
	return line;
}

void fence_add(struct str *out, const char *word, const char *label, const char *text, size_t most)
{
	char *safe = made_safe(word, text, false);
	size_t length = strlen(safe), kept = str_utf8_prefix(safe, length, most);

	if (out->length > 0 && out->text[out->length - 1] != '\n')
		str_add_char(out, '\n');
	str_addf(out, "<<<data %s %s\n", word, label);
	str_add_bytes(out, safe, kept);
	if (kept > 0 && safe[kept - 1] != '\n')
		str_add_char(out, '\n');
	if (kept < length)
		str_addf(out, CUT "\n", length - kept);
	str_addf(out, ">>>end %s\n", word);
	free(safe);
}
