#include <stdlib.h>
#include <string.h>

#include "adapters/aws/profile.h"
#include "bot/mem.h"
#include "bot/str.h"

struct entry {
	char *section, *key, *nested, *value; /* nested: NULL for a plain key */
	struct entry *next;
};

struct aws_ini {
	struct entry *first, *last;
};

/* Where the reader stands. */
struct reading {
	struct aws_ini *ini;
	const char *file;
	unsigned line;
	char *section, *key; /* NULL: none yet */
	struct entry *entry; /* the plain key that indented lines belong to */
	struct err *err;
};

void aws_ini_free(struct aws_ini *ini)
{
	if (ini == NULL)
		return;
	for (struct entry *entry = ini->first, *next; entry != NULL; entry = next) {
		next = entry->next;
		if (entry->value != NULL)
			explicit_bzero(entry->value, strlen(entry->value));
		free(entry->section);
		free(entry->key);
		free(entry->nested);
		free(entry->value);
		free(entry);
	}
	free(ini);
}

static struct entry *add(struct reading *r, const char *key, const char *nested, const char *value)
{
	struct entry *entry = mem_alloc(sizeof(*entry));

	entry->section = mem_copy_string(r->section);
	entry->key = mem_copy_string(key);
	entry->nested = mem_copy_string(nested);
	entry->value = mem_copy_string(value);
	if (r->ini->last != NULL)
		r->ini->last->next = entry;
	else
		r->ini->first = entry;
	r->ini->last = entry;
	return entry;
}

static bool wrong(struct reading *r, const char *what)
{
	return err_set(r->err, ERR_USAGE, "%.120s, line %u: %s; correct the file", r->file, r->line, what);
}

static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t\r");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

/* A comment within a line begins behind white space. */
static void cut_comment(char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++)
		if ((text[i] == '#' || text[i] == ';') && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) {
			text[i] = '\0';
			return;
		}
}

static char *unquote(char *text)
{
	size_t length = strlen(text);

	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return text;
	text[length - 1] = '\0';
	return text + 1;
}

/* Runs of blanks become one space: "[profile  x]". */
static void squeeze(char *text)
{
	char *out = text;

	for (const char *in = text; *in != '\0'; in++)
		if ((*in != ' ' && *in != '\t') || (out > text && out[-1] != ' '))
			*out++ = *in == '\t' ? ' ' : *in;
	*out = '\0';
}

static bool read_section(struct reading *r, char *text)
{
	char *end = strchr(text, ']'), *name, *rest;

	if (end == NULL)
		return wrong(r, "a section has no closing bracket");
	*end = '\0';
	name = trim(text + 1);
	rest = trim(end + 1);
	if (*name == '\0' || *name == ':' || strpbrk(name, "[#;=") != NULL ||
	    (*rest != '\0' && *rest != '#' && *rest != ';'))
		return wrong(r, "not a section");
	squeeze(name);
	mem_set_string(&r->section, name);
	mem_set_string(&r->key, NULL);
	r->entry = NULL;
	(void)add(r, "", NULL, ""); /* so that an empty section exists */
	return true;
}

/* Splits at the first '=' or ':'. */
static bool split(struct reading *r, char *text, char **key, char **value)
{
	size_t length = strcspn(text, "=:");

	if (text[length] == '\0')
		return wrong(r, "neither a section nor KEY = VALUE");
	text[length] = '\0';
	*key = trim(text);
	cut_comment(text + length + 1);
	*value = unquote(trim(text + length + 1));
	if (**key == '\0' || strpbrk(*key, "[]#;\"") != NULL)
		return wrong(r, "not a key");
	for (char *c = *key; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return true;
}

static bool read_indented(struct reading *r, char *text)
{
	char *key, *value, *longer;
	struct str s;

	if (*r->entry->value == '\0') {
		if (*text == '[')
			return true; /* nested sections mean nothing to anybody */
		if (!split(r, text, &key, &value))
			return false;
		(void)add(r, r->key, key, value);
		return true;
	}
	cut_comment(text);
	str_init(&s, 64u << 10);
	str_addf(&s, "%s\n%s", r->entry->value, trim(text));
	longer = str_take(&s);
	mem_set_string(&r->entry->value, longer);
	free(longer);
	return true;
}

static bool read_line(struct reading *r, char *line)
{
	bool indented = *line == ' ' || *line == '\t';
	char *text = trim(line), *key, *value;

	if (*text == '\0' || *text == '#' || *text == ';')
		return true;
	if (indented && r->entry != NULL)
		return read_indented(r, text);
	if (*text == '[')
		return read_section(r, text);
	if (!split(r, text, &key, &value))
		return false;
	if (r->section == NULL)
		return true; /* before the first section: belongs to nobody */
	mem_set_string(&r->key, key);
	r->entry = add(r, key, NULL, value);
	return true;
}

struct aws_ini *aws_ini_parse(const char *text, size_t length, const char *name, struct err *err)
{
	struct reading r = { .ini = mem_alloc(sizeof(struct aws_ini)), .file = name, .err = err };
	char *copy = mem_copy_bytes(text, length), *rest = copy;
	bool good = true;

	if (memchr(text, '\0', length) != NULL || !str_utf8_valid(text, length))
		good = wrong(&r, "not UTF-8 text");
	for (char *line; good && (line = strsep(&rest, "\n")) != NULL;) {
		r.line++;
		good = read_line(&r, line);
	}
	explicit_bzero(copy, length);
	free(copy);
	free(r.section);
	free(r.key);
	if (good)
		return r.ini;
	aws_ini_free(r.ini);
	return NULL;
}

bool aws_ini_has(const struct aws_ini *ini, const char *section)
{
	for (const struct entry *entry = ini->first; entry != NULL; entry = entry->next)
		if (strcmp(entry->section, section) == 0)
			return true;
	return false;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *aws_ini_get(const struct aws_ini *ini, const char *section, const char *key, const char *nested)
{
	const char *found = NULL;

	for (const struct entry *entry = ini->first; entry != NULL; entry = entry->next)
		if (strcmp(entry->section, section) == 0 && strcmp(entry->key, key) == 0 && same(entry->nested, nested))
			found = entry->value;
	return found;
}
