/*
 * Any words as a runbook's arguments: refused with a reason, or read back from the script by a reader
 * of the shell's (of PowerShell's) quoting written for this test: the same number of words, of their
 * types, and nothing behind them. First byte: the platform.
 */
#include <stddef.h>
#include <stdint.h>

#include "bot/mem.h"
#include "bot/runbook.h"
#include "bot/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool so)
{
	if (!so)
		abort();
}

/* POSIX: within '...' every byte is itself; outside, \' is a quote. Returns what follows the word. */
static const char *read_sh(const char *at, struct str *word)
{
	for (;;) {
		if (*at == '\'') {
			for (at++; *at != '\''; at++) {
				must(*at != '\0');
				str_add_char(word, *at);
			}
			at++;
		} else if (at[0] == '\\' && at[1] == '\'') {
			str_add_char(word, '\'');
			at += 2;
		} else {
			return at;
		}
	}
}

static size_t quote_at(const char *at)
{
	static const char *const quotes[] = { "'", "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a", "\xe2\x80\x9b" };

	for (size_t i = 0; i < 5; i++)
		if (strncmp(at, quotes[i], strlen(quotes[i])) == 0)
			return strlen(quotes[i]);
	return 0;
}

/* PowerShell: any of five quotes ends the text, unless another one follows: then that one is meant. */
static const char *read_powershell(const char *at, struct str *word)
{
	must(*at++ == '\'');
	for (;;) {
		size_t length = quote_at(at);
		must(*at != '\0');
		if (length > 0) {
			at += length;
			length = quote_at(at);
			if (length == 0)
				return at;
		}
		str_add_bytes(word, at, length > 0 ? length : 1);
		at += length > 0 ? length : 1;
	}
}

static void round_trip(bool windows, const char *text)
{
	struct str quoted, word;

	str_init(&quoted, 1 << 20);
	str_init(&word, 1 << 20);
	(windows ? runbook_quote_powershell : runbook_quote_sh)(&quoted, text);
	must(*(windows ? read_powershell : read_sh)(quoted.text, &word) == '\0');
	must(strcmp(word.text, text) == 0);
	str_free(&quoted);
	str_free(&word);
}

static void script_of(bool windows, const char *typed)
{
	static const struct runbook_argument arguments[] = {
		{ "p", "path", true }, { "u", "unit", true }, { "c", "count", true }, { "w", "word", true }, { .name = NULL }
	};
	static const struct runbook_trigger never[] = { { .to = NULL } };
	static const struct runbook look = { .name = "look", .linux_script = "end", .windows_script = "end",
	                                     .triggers = never, .arguments = arguments };
	struct err err = { .text = "" };
	struct str word;
	char *script;

	if (!runbook_script(&look, windows, typed, &script, &err)) {
		must(err.kind == ERR_USAGE && strstr(err.text, "usage: look") != NULL);
		must(str_utf8_valid(err.text, strlen(err.text)));
		return;
	}
	const char *at = script;
	str_init(&word, 1 << 20);
	for (size_t i = 0; arguments[i].name != NULL; i++) {
		at = strchr(at, '=') + 1;
		at += windows;
		str_clear(&word);
		at = (windows ? read_powershell : read_sh)(at, &word);
		must(*at++ == '\n');
		must(word.length <= RUNBOOK_PATH_MAX && word.text[0] != '-' && strchr(word.text, '\n') == NULL);
		must(strstr(word.text, "{{") == NULL);
	}
	must(strcmp(at, "end") == 0);
	str_free(&word);
	free(script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	char *text = mem_copy_bytes(data + 1, size - 1);
	bool windows = (data[0] & 1) != 0;

	round_trip(windows, text);
	script_of(windows, text);
	free(text);
	return 0;
}
