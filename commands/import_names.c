/* import_names.c - ids out of names that people gave. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "commands/import_private.h"

#define ID_LENGTH 60

/* CPUUtilization: a word begins before its last capital, and behind a small letter. */
static bool begins_word(const char *name, size_t i)
{
	if (i == 0 || !isupper((unsigned char)name[i]))
		return false;
	return islower((unsigned char)name[i - 1]) ||
	       (isupper((unsigned char)name[i - 1]) && islower((unsigned char)name[i + 1]));
}

static void add_words(struct str *id, const char *name)
{
	for (size_t i = 0; name[i] != '\0' && id->length < ID_LENGTH; i++) {
		bool good = isalnum((unsigned char)name[i]) != 0;
		bool gap = id->length > 0 && id->text[id->length - 1] == '_';

		if (good && begins_word(name, i) && id->length > 0 && !gap)
			str_add_char(id, '_');
		if (good)
			str_add_char(id, (char)tolower((unsigned char)name[i]));
		else if (id->length > 0 && !gap)
			str_add_char(id, '_');
	}
	while (id->length > 0 && id->text[id->length - 1] == '_')
		id->text[--id->length] = '\0';
}

static bool is_taken(const struct import *import, const char *id)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->lines[i].metric.id != NULL && strcmp(import->lines[i].metric.id, id) == 0)
			return true;
	return false;
}

char *import_id(const struct import *import, const char *name)
{
	struct str words, id;

	str_init(&words, ID_LENGTH + 1);
	add_words(&words, name);
	str_init(&id, 2 * ID_LENGTH);
	str_addf(&id, "%s%s", islower((unsigned char)words.text[0]) ? "" : "m_", words.text);
	for (size_t number = 2; is_taken(import, id.text); number++) {
		str_clear(&id);
		str_addf(&id, "%s%s_%zu", islower((unsigned char)words.text[0]) ? "" : "m_", words.text, number);
	}
	str_free(&words);
	return str_take(&id);
}
