/* config_problems.c - a bounded, sorted list of messages, and the key path that they speak of. */
#include "bot/config_problems.h"

#include <stdarg.h>

#include "bot/mem.h"
#include "bot/str.h"

#define KEY_SHOWN 64 /* bytes of one key: more is noise */

void config_problems_init(struct config_problems *problems, const char *file)
{
	*problems = (struct config_problems){ .file = file };
}

void config_problems_free(struct config_problems *problems)
{
	for (size_t i = 0; i < CONFIG_PROBLEMS_MAX; i++)
		free(problems->kept[i].text);
	*problems = (struct config_problems){ 0 };
}

static size_t enter(struct config_problems *problems, const char *before, const char *key,
                    const char *after)
{
	size_t old = problems->place_length;
	size_t room = sizeof(problems->place) - old;
	int shown = (int)str_utf8_prefix(key, strlen(key), KEY_SHOWN);
	int length = snprintf(problems->place + old, room, "%s%.*s%s", before, shown, key, after);

	if (length < 0 || (size_t)length >= room)
		problems->place[old] = '\0'; /* too deep to be named: the parent's name has to do */
	else
		problems->place_length = old + (size_t)length;
	return old;
}

/*
 * "token:abc" is `token: abc` without its space: what follows the colon may be a secret. The same
 * for a token of Slack that stands where a key should.
 */
size_t config_enter(struct config_problems *problems, const char *key)
{
	const char *dot = problems->place_length > 0 ? "." : "";
	char name[KEY_SHOWN + 1];

	if (strstr(key, "xapp-") != NULL || strstr(key, "xox") != NULL)
		return enter(problems, dot, "(a token)", "");
	(void)snprintf(name, sizeof(name), "%.*s", (int)str_utf8_prefix(key, strlen(key), KEY_SHOWN), key);
	/* Model names hold colons of their own, always before a version of one or two digits. */
	char *colon = strchr(name, ':');
	if (colon != NULL && strspn(colon + 1, "0123456789") != strlen(colon + 1))
		*colon = '\0';
	return enter(problems, dot, name, "");
}

size_t config_enter_index(struct config_problems *problems, size_t index)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%zu", index);
	return enter(problems, "[", number, "]");
}

void config_leave(struct config_problems *problems, size_t before)
{
	problems->place_length = before;
	problems->place[before] = '\0';
}

/* Where a problem of this line goes: behind all of its line; CONFIG_PROBLEMS_MAX: nowhere. */
static size_t slot_for(const struct config_problems *problems, int line)
{
	size_t i = 0;

	while (i < CONFIG_PROBLEMS_MAX && problems->kept[i].text != NULL &&
	       problems->kept[i].line <= line)
		i++;
	return i;
}

void config_problem(struct config_problems *problems, int line, const char *format, ...)
{
	size_t slot = slot_for(problems, line);
	struct str text;
	char what[512];
	va_list args;

	problems->count++;
	if (slot == CONFIG_PROBLEMS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	str_init(&text, 4096);
	str_addf(&text, "%s:", problems->file);
	if (line > 0)
		str_addf(&text, "%d:", line);
	if (problems->place_length > 0)
		str_addf(&text, " %s:", problems->place);
	str_addf(&text, " %s", what);

	free(problems->kept[CONFIG_PROBLEMS_MAX - 1].text);
	memmove(&problems->kept[slot + 1], &problems->kept[slot],
	        (CONFIG_PROBLEMS_MAX - 1 - slot) * sizeof(problems->kept[0]));
	problems->kept[slot].line = line;
	problems->kept[slot].text = str_take(&text);
}

void config_problems_print(const struct config_problems *problems, struct str *out)
{
	size_t kept = problems->count < CONFIG_PROBLEMS_MAX ? problems->count : CONFIG_PROBLEMS_MAX;

	for (size_t i = 0; i < kept; i++) {
		for (const char *c = problems->kept[i].text; *c != '\0'; c++)
			str_add_char(out, (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
		str_add_char(out, '\n');
	}
	if (problems->count > kept)
		str_addf(out, "%s: and %zu more\n", problems->file, problems->count - kept);
}
