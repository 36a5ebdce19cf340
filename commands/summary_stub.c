/* summary_stub.c - until noise and words are here. */
#include <stdlib.h>

#include "bot/bot.h"
#include "bot/mem.h"
#include "bot/worker.h"
#include "commands/summary_noise.h"
#include "commands/summary_words.h"

static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

struct summary_noise *summary_noise_new(struct bot *bot, int64_t from_ms, int64_t until_ms)
{
	struct summary_noise *noise = mem_alloc(sizeof(*noise));

	(void)bot;
	noise->from_ms = from_ms;
	noise->until_ms = until_ms;
	return noise;
}

void summary_noise_free(struct summary_noise *noise)
{
	free(noise);
}

void summary_noise_read(struct bot *bot, struct summary_noise *noise, const char *span, struct done done)
{
	(void)span;
	worker_run(bot->worker, nothing, noise, done);
}

void summary_words_ask(struct bot *bot, const struct summary_data *data, const char *id, char **text, char **note,
                       struct done done)
{
	(void)data;
	(void)id;
	mem_set_string(text, NULL);
	mem_set_string(note, NULL);
	worker_run(bot->worker, nothing, NULL, done);
}

void summary_words_remember(struct bot *bot, const struct summary_data *data, const char *channel, const char *message,
                            const char *text)
{
	(void)bot;
	(void)data;
	(void)channel;
	(void)message;
	(void)text;
}
