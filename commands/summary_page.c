#include "commands/summary_page.h"

#include <stdlib.h>
#include <string.h>

#include "bot/mem.h"
#include "bot/utf8.h"

/* What chats count besides a span's text, generously. */
#define SPAN_COST 16
#define TIME_COST 80
#define END_KEPT 60 /* for "… and 123 more, in the thread" */

static size_t cost_of(const struct message_line *line)
{
	size_t cost = 0;

	for (const struct message_span *span = line->first; span != NULL; span = span->next) {
		if (span->type == SPAN_TIME)
			cost += TIME_COST;
		else
			cost += strlen(span->text) + SPAN_COST;
		if (span->type == SPAN_LINK)
			cost += strlen(span->url);
	}
	return cost;
}

void summary_section_begin(struct summary_section *section, struct summary_page *page, unsigned percent,
                           const char *symbol, const char *heading)
{
	size_t share = page->left * percent / 100, own = strlen(symbol) + strlen(heading) + 2 * SPAN_COST + END_KEPT;

	*section = (struct summary_section){ .page = page, .line = message_paragraph(page->message) };
	message_say(page->message, section->line, "%s ", symbol);
	message_bold(page->message, section->line, heading);
	section->left = share > own ? share - own : 0;
	page->left -= own < page->left ? own : page->left;
}

bool summary_section_add(struct summary_section *section, const struct message_line *item)
{
	size_t cost = cost_of(item) + SPAN_COST + 1;

	if (section->left_out > 0 || cost > section->left) {
		section->left_out++;
		return false;
	}
	message_say(section->page->message, section->line, "\n");
	section->line->last->next = item->first;
	section->line->last = item->last;
	section->left -= cost;
	section->page->left -= cost;
	return true;
}

void summary_section_end(struct summary_section *section, const char *where)
{
	if (section->left_out > 0)
		message_say(section->page->message, section->line, "\n… and %zu more%s", section->left_out, where);
}

const char *summary_page_clip(struct message *message, const char *text, size_t units)
{
	char *clean = utf8_clean(text, true);
	char *fit = utf8_shorten(clean, units);
	const char *clip = mem_strdup(&message->mem, fit);

	free(fit);
	free(clean);
	return clip;
}
