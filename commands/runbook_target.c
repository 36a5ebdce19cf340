#include "commands/runbook_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bot/arn.h"
#include "bot/bot.h"
#include "bot/config.h"
#include "bot/incident.h"
#include "bot/mem.h"
#include "bot/runbook.h"
#include "bot/str.h"
#include "commands/runbook_run.h"

#define PLACES_MAX 20
#define WORD_SHOWN 40

/* The first word of what was typed, as its length; the rest behind it. */
static size_t first_word(const char *words, const char **start, const char **rest)
{
	size_t length;

	*start = words + strspn(words, " \t\r\n");
	length = strcspn(*start, " \t\r\n");
	*rest = *start + length + strspn(*start + length, " \t\r\n");
	return length;
}

struct search {
	const char *instance;
	struct incident *found;
};

static void keep_if_named(void *arg, struct incident *incident)
{
	struct search *search = arg;
	const char *instance = runbook_instance_of(&incident->alarm);

	if (instance != NULL && strcmp(instance, search->instance) == 0)
		search->found = incident;
}

static void take_place(struct runbook_run *run, const struct incident *incident)
{
	mem_set_string(&run->account, incident->alarm.account);
	mem_set_string(&run->region, incident->alarm.region);
}

/* An instance that was named: is it known from an incident? */
static void place(struct bot *bot, struct runbook_run *run, const struct incident *here)
{
	struct search search = { .instance = run->instance };
	const char *own = here == NULL ? NULL : runbook_instance_of(&here->alarm);

	if (own != NULL && strcmp(own, run->instance) == 0) {
		mem_set_string(&run->incident, here->id);
		take_place(run, here);
		return;
	}
	incidents_each(bot->incidents, keep_if_named, &search);
	if (search.found != NULL)
		take_place(run, search.found);
	else
		run->searched = true;
}

static bool use_incident(struct runbook_run *run, const struct incident *incident, struct err *err)
{
	const char *instance = runbook_instance_of(&incident->alarm);

	if (instance == NULL)
		return err_set(err, ERR_USAGE, "The alarm of incident %s names no instance. Say which one: %s "
		               "i-0123456789abcdef0", incident->id, run->runbook);
	mem_set_string(&run->incident, incident->id);
	mem_set_string(&run->instance, instance);
	mem_set_string(&run->arguments, run->words);
	take_place(run, incident);
	return true;
}

bool runbook_target_find(struct bot *bot, struct runbook_run *run, struct err *err)
{
	const char *words = run->words == NULL ? "" : run->words, *start, *rest;
	size_t length = first_word(words, &start, &rest);
	const struct incident *here = incidents_find_message(bot->incidents, run->origin.channel, run->origin.thread);
	char *word;

	if (run->instance != NULL)
		return true;
	if (run->own)
		return err_set(err, ERR_USAGE, "The alarm names no instance, so nothing was run.");
	word = mem_copy_bytes(start, length);
	if (runbook_instance_valid(word)) {
		mem_set_string(&run->instance, word);
		mem_set_string(&run->arguments, rest);
		free(word);
		place(bot, run, here);
		return true;
	}
	word[str_utf8_prefix(word, length, WORD_SHOWN)] = '\0';
	if (here != NULL && !str_starts(word, "i-") && !str_starts(word, "mi-")) {
		free(word);
		return use_incident(run, here, err);
	}
	(void)err_set(err, ERR_USAGE, "%s%s Say: %s i-0123456789abcdef0, or just %s in an incident's thread.", word,
	              length == 0 ? "Which instance?" : " is no instance id.", run->runbook, run->runbook);
	free(word);
	return false;
}

/* --- where is it? --------------------------------------------------------------------------- */

struct place {
	const char *account; /* NULL: our own */
	char region[32];
};

struct places {
	struct place items[PLACES_MAX];
	size_t count;
};

static void add_place(struct places *list, const char *account, const char *region)
{
	struct place *place = &list->items[list->count];

	if (region == NULL || list->count == PLACES_MAX)
		return;
	for (size_t i = 0; account == NULL && i < list->count; i++)
		if (strcmp(list->items[i].region, region) == 0)
			return;
	place->account = account;
	(void)snprintf(place->region, sizeof(place->region), "%s", region);
	list->count++;
}

/* Our own account in each region that is known, then the same regions in each account with a role. */
static void collect(const struct config *config, struct places *list)
{
	size_t region_count;
	struct arn arn;

	list->count = 0;
	add_place(list, NULL, config->aws.region);
	for (size_t i = 0; i < config->sns.topics.count; i++)
		if (arn_split(config->sns.topics.items[i], &arn))
			add_place(list, NULL, arn.region);
	region_count = list->count;
	for (size_t a = 0; a < config->aws.account_count; a++)
		for (size_t r = 0; r < region_count; r++)
			if (config->aws.accounts[a].role_arn != NULL)
				add_place(list, config->aws.accounts[a].id, list->items[r].region);
}

void runbook_target_try(struct bot *bot, struct runbook_run *run)
{
	struct places list;

	collect(bot->config, &list);
	if ((size_t)run->candidate >= list.count) /* the configuration has changed meanwhile */
		return;
	mem_set_string(&run->account, list.items[run->candidate].account);
	mem_set_string(&run->region, list.items[run->candidate].region);
}

bool runbook_target_next(struct bot *bot, struct runbook_run *run)
{
	struct places list;

	if (!run->searched)
		return false;
	collect(bot->config, &list);
	return (size_t)++run->candidate < list.count;
}
