/*
 * Any bytes as a model's Markdown, in pieces: what comes out does not depend on the cuts, and is harmless to a reader
 * who knows nothing of how it was made; so is each part of it when it is cut. The first byte chooses the cuts.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "adapters/slack/markdown.h"
#include "adapters/slack/markdown_cut.h"
#include "bot/mem.h"
#include "bot/str.h"
#include "tests/unit/support/markdown_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_harmless(const char *text, const char *what)
{
	const char *wrong = markdown_check(text);

	if (wrong == NULL)
		return;
	(void)fprintf(stderr, "%s: %s in:\n%s\n", what, wrong, text);
	abort();
}

/* In pieces of `step` bytes; with a pause after every `pause`th, 0: none. */
static char *read_in_pieces(const char *text, size_t length, size_t step, size_t pause)
{
	struct slack_markdown *markdown = slack_markdown_new();
	struct str out;
	size_t pieces = 0;

	str_init(&out, SIZE_MAX / 2);
	for (size_t at = 0; at < length; at += step) {
		slack_markdown_feed(markdown, text + at, length - at < step ? length - at : step, &out);
		if (pause > 0 && ++pieces % pause == 0)
			slack_markdown_pause(markdown, &out);
	}
	slack_markdown_end(markdown, &out);
	slack_markdown_free(markdown);
	return str_take(&out);
}

/* As a text that is too long for one message. */
static void cut(const char *safe, size_t room)
{
	struct str part, rest;
	char *text = mem_copy_string(safe);

	for (unsigned parts = 0; strlen(text) > room && parts < 50; parts++) {
		size_t at = slack_markdown_cut(text, room / 2, room, SLACK_CUT_ANYWHERE);

		at = at > 0 ? at : str_utf8_prefix(text, strlen(text), room);
		str_init(&part, SIZE_MAX / 2);
		str_init(&rest, SIZE_MAX / 2);
		str_add_bytes(&part, text, at);
		slack_markdown_bridge(text, at, &part, &rest);
		str_add(&rest, text + at);
		must_be_harmless(part.text, "a part");
		str_free(&part);
		free(text);
		text = str_take(&rest);
	}
	must_be_harmless(text, "the last part");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step = size > 0 ? data[0] % 8 + 1 : 1;
	char *text, *whole, *bytes, *paused;

	if (size < 1)
		return 0;
	text = mem_copy_bytes(data + 1, size - 1);
	whole = read_in_pieces(text, size - 1, size, 0);
	bytes = read_in_pieces(text, size - 1, step, 0);
	paused = read_in_pieces(text, size - 1, step, 1);
	if (strcmp(whole, bytes) != 0)
		abort();
	must_be_harmless(whole, "the whole");
	must_be_harmless(paused, "with pauses");
	cut(whole, 256);
	free(paused);
	free(bytes);
	free(whole);
	free(text);
	return 0;
}
