/*
 * runbook_script.c - a runbook's script with what a person typed.
 *
 * Arguments are checked by type and assigned, quoted, to variables at the script's start; {{NAME}}
 * becomes the variable. A script that has {{NAME}} within its own quotes is then wrong at worst,
 * never open: text put in there directly would be read by the shell.
 */
#include "bot/runbook.h"

#include <ctype.h>

#include "bot/mem.h"
#include "bot/str.h"

#define SCRIPT_MAX (512 * 1024)
#define SHOWN_MAX 40 /* bytes of a wrong argument in an error */
#define DIGITS "0123456789"
#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS

struct argument_type {
	const char *name;
	const char *what; /* what it must be */
	const char *example, *windows_example;
	bool (*check)(const char *text, bool windows);
};

static bool check_path(const char *text, bool windows)
{
	size_t length = strlen(text);

	for (const char *t = text; *t != '\0'; t++)
		if (iscntrl((unsigned char)*t))
			return false;
	/* Systems Manager would replace {{ssm:NAME}} by a stored parameter, maybe a secret one. */
	if (length > RUNBOOK_PATH_MAX || strstr(text, "{{") != NULL || !str_utf8_valid(text, length))
		return false;
	if (!windows)
		return text[0] == '/';
	return isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

static bool is_made_of(const char *text, const char *allowed, size_t most)
{
	size_t length = strlen(text);

	return length >= 1 && length <= most && text[0] != '-' && strspn(text, allowed) == length;
}

/* systemd.unit(5): letters, digits, ":", "-", "_", "." and "\", and "@" before an instance's name. */
static bool check_unit(const char *text, bool windows)
{
	(void)windows;
	return is_made_of(text, LETTERS_DIGITS ":-_.\\@", 255);
}

/* No zero in front: a shell would read an octal number. */
static bool check_count(const char *text, bool windows)
{
	(void)windows;
	return text[0] != '0' && is_made_of(text, DIGITS, 2) && strtol(text, NULL, 10) <= 50;
}

static bool check_word(const char *text, bool windows)
{
	(void)windows;
	return is_made_of(text, LETTERS_DIGITS "._-", 64);
}

static const struct argument_type types[] = {
	{ "path", "an absolute path of at most 1024 bytes, without {{", "/var/log", "C:\\Logs", check_path },
	{ "unit", "the name of a unit: letters, digits and :-_.@\\", "nginx.service", "W3SVC", check_unit },
	{ "count", "a number from 1 to 50", "10", "10", check_count },
	{ "word", "at most 64 letters, digits, '.', '_' and '-', no '-' first", "web-1", "web-1", check_word },
};

static const struct argument_type *type_of(const struct runbook_argument *argument)
{
	const struct argument_type *type = types;

	while (strcmp(type->name, argument->type) != 0)
		type++;
	return type;
}

const char *runbook_placeholder(const char *script, size_t *length)
{
	while ((script = strstr(script, "{{")) != NULL) {
		const char *name = script + 2;
		size_t count = strspn(name, LETTERS_DIGITS "-_");

		if (isalpha((unsigned char)name[0]) && name[count] == '}' && name[count + 1] == '}') {
			*length = count;
			return name;
		}
		script++;
	}
	return NULL;
}

void runbook_quote_sh(struct str *out, const char *text)
{
	str_add_char(out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			str_add(out, "'\\''");
		else
			str_add_char(out, *text);
	str_add_char(out, '\'');
}

/* PowerShell takes the four typographic quotes (U+2018 to U+201B) for the plain one. */
static size_t powershell_quote_length(const char *text)
{
	if (*text == '\'')
		return 1;
	return str_starts(text, "\xe2\x80") && (unsigned char)text[2] >= 0x98 &&
	       (unsigned char)text[2] <= 0x9b ? 3 : 0;
}

void runbook_quote_powershell(struct str *out, const char *text)
{
	str_add_char(out, '\'');
	while (*text != '\0') {
		size_t quote = powershell_quote_length(text), length = quote > 0 ? quote : 1;
		str_add_bytes(out, text, quote);
		str_add_bytes(out, text, length);
		text += length;
	}
	str_add_char(out, '\'');
}

/* "; usage: disk INSTANCE [path], as in disk i-0123456789abcdef0 /var/log" */
static void add_usage(struct str *out, const struct runbook *runbook, bool windows)
{
	str_addf(out, "; usage: %s INSTANCE", runbook->name);
	for (const struct runbook_argument *a = runbook->arguments; a->name != NULL; a++)
		str_addf(out, a->optional ? " [%s]" : " %s", a->name);
	str_addf(out, ", as in %s i-0123456789abcdef0", runbook->name);
	for (const struct runbook_argument *a = runbook->arguments; a->name != NULL; a++)
		str_addf(out, " %s", windows ? type_of(a)->windows_example : type_of(a)->example);
}

static bool refuse(struct err *err, const struct runbook *runbook, bool windows, const char *what)
{
	struct str text;

	str_init(&text, sizeof(err->text) - 1);
	str_add(&text, what);
	add_usage(&text, runbook, windows);
	err_set(err, ERR_USAGE, "%s", text.text);
	str_free(&text);
	return false;
}

/* The next word of *rest, in `word`; false: there is none, or *what says what is wrong. */
static bool next_word(const char **rest, struct str *word, const char **what)
{
	const char *at = *rest + strspn(*rest, " \t");
	char quote = '\0';

	str_clear(word);
	if (*at == '\0')
		return false;
	for (; *at != '\0' && (quote != '\0' || strchr(" \t", *at) == NULL); at++) {
		if (*at == quote)
			quote = '\0';
		else if (quote == '\0' && strchr("\"'", *at) != NULL)
			quote = *at;
		else
			str_add_char(word, *at);
	}
	*rest = at;
	if (quote != '\0')
		*what = "a quotation mark is not closed";
	else if (word->cut)
		*what = "an argument is too long";
	return *what == NULL;
}

static void describe_wrong(struct str *what, const struct runbook_argument *argument, const char *text)
{
	size_t length = strlen(text), shown = str_utf8_prefix(text, length, SHOWN_MAX);
	bool plain = str_utf8_valid(text, length);

	for (const char *t = text; *t != '\0'; t++)
		plain = plain && !iscntrl((unsigned char)*t);
	str_clear(what);
	str_add(what, argument->name);
	if (plain && text[0] != '\0')
		str_addf(what, " \"%.*s%s\"", (int)shown, text, shown < length ? "..." : "");
	str_addf(what, " must be %s", type_of(argument)->what);
}

/* One line a variable. */
static bool add_variables(const struct runbook *runbook, bool windows, const char *typed,
                          struct str *out, struct err *err)
{
	const char *what = NULL;
	struct str word, wrong;
	size_t number = 1;

	str_init(&word, RUNBOOK_PATH_MAX + 1);
	str_init(&wrong, 200);
	for (const struct runbook_argument *a = runbook->arguments; a->name != NULL && what == NULL; a++) {
		bool given = next_word(&typed, &word, &what);
		if (given && !type_of(a)->check(word.text, windows)) {
			describe_wrong(&wrong, a, word.text);
			what = wrong.text;
		} else if (!given && what == NULL && !a->optional) {
			str_addf(&wrong, "%s is missing", a->name);
			what = wrong.text;
		}
		str_addf(out, windows ? "$tocsin_%zu = " : "tocsin_%zu=", number++);
		(windows ? runbook_quote_powershell : runbook_quote_sh)(out, word.text);
		str_add_char(out, '\n');
	}
	if (what == NULL && next_word(&typed, &word, &what))
		what = runbook->arguments[0].name == NULL ? "there are no arguments" : "there are too many arguments";
	if (what != NULL)
		refuse(err, runbook, windows, what);
	str_free(&word);
	str_free(&wrong);
	return what == NULL;
}

/* From 1; 0: the script has a name that is no argument (never of a checked runbook). */
static size_t number_of(const struct runbook *runbook, const char *name, size_t length)
{
	for (size_t i = 0; runbook->arguments[i].name != NULL; i++)
		if (strlen(runbook->arguments[i].name) == length &&
		    strncmp(runbook->arguments[i].name, name, length) == 0)
			return i + 1;
	return 0;
}

static void add_script(const struct runbook *runbook, bool windows, const char *script, struct str *out)
{
	const char *name;
	size_t length;

	while ((name = runbook_placeholder(script, &length)) != NULL) {
		size_t number = number_of(runbook, name, length);
		str_add_bytes(out, script, (size_t)(name - 2 - script));
		if (number == 0)
			str_add_bytes(out, name - 2, length + 4);
		else
			str_addf(out, windows ? "${tocsin_%zu}" : "\"$tocsin_%zu\"", number);
		script = name + length + 2;
	}
	str_add(out, script);
}

bool runbook_script(const struct runbook *runbook, bool windows, const char *arguments,
                    char **script, struct err *err)
{
	const char *text = windows ? runbook->windows_script : runbook->linux_script;
	size_t first_line;
	struct str out;

	if (text == NULL)
		return err_set(err, ERR_USAGE, "%s has no script for %s; add one to the runbook's configuration",
		               runbook->name, windows ? "Windows" : "Linux");
	first_line = str_starts(text, "#!") ? strcspn(text, "\n") : 0;
	first_line += first_line > 0 && text[first_line] == '\n';
	str_init(&out, SCRIPT_MAX);
	str_add_bytes(&out, text, first_line);
	if (first_line > 0 && text[first_line - 1] != '\n')
		str_add_char(&out, '\n');
	if (!add_variables(runbook, windows, arguments == NULL ? "" : arguments, &out, err)) {
		str_free(&out);
		return false;
	}
	add_script(runbook, windows, text + first_line, &out);
	if (out.cut) {
		str_free(&out);
		return err_set(err, ERR_USAGE, "the script of %s is longer than 512 KiB; shorten it", runbook->name);
	}
	*script = str_take(&out);
	return true;
}
