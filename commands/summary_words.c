/*
 * summary_words.c - one call of the model for a summary: what it is told, its money, the call, the check. Nothing of
 * it is tried again: the summary stands without words as well.
 */
#include "commands/summary_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock.h"
#include "bot/answer_check.h"
#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/config.h"
#include "bot/fact_check.h"
#include "bot/fence.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/mem.h"
#include "bot/metrics.h"
#include "bot/str.h"
#include "bot/worker.h"
#include "commands/model_call.h"
#include "commands/model_note.h"
#include "commands/summary_words_private.h"

#define TOLD_MAX (SUMMARY_WORDS_TEXT_MAX + 1024)
#define TOKENS_MAX 1500            /* that the model may write: 4,000 bytes are fewer in most languages */
#define WHOLE_MS (2 * 60 * 1000LL) /* a summary does not wait longer */
#define SAID_MAX (64u << 10)       /* of the model's words, before they are cut */
#define CHECKED_MAX (256u << 10)
#define NOTE_MAX 800
#define CUT_AT_LEAST (SUMMARY_WORDS_MAX / 2) /* a cut at a paragraph or line must leave that much */

struct summary_words {
	struct bot *bot;
	const struct summary_data *data;
	char *id;
	char **text, **note;
	struct done done;
	char fence[FENCE_WORD_SIZE];
	char *system;
	struct json_object *messages;
	struct answer_check *check; /* NULL: there is nothing to check yet */
	struct str told, said, checked; /* told: the worker's while it words it */
	struct bedrock_call *call;
	struct budget_tokens tokens;
	bool tokens_known, cut;
	bool may_ask;        /* money is set aside */
	struct err no_money; /* why it is not; ERR_NONE: no model is configured */
};

/* The end of one step. */
static void finish(struct summary_words *w, const struct err *err)
{
	struct done done = w->done;

	w->done.fn = NULL;
	done.fn(done.arg, err);
}

/* --- the end --- */

static void add_check(void *arg, const char *sentence)
{
	struct str *note = arg;

	str_addf(note, "%s ", sentence);
}

static void add_cost(struct str *note, const struct summary_words *w)
{
	model_note_cost(note, w->bot, w->id, &w->tokens, w->tokens_known, 0);
}

/* what: a sentence; NULL: nothing to say. asked: it cost something, perhaps. */
static void without_words(struct summary_words *w, const char *what, bool asked)
{
	struct str note;

	str_init(&note, NOTE_MAX);
	str_add(&note, what);
	if (asked) {
		str_add_char(&note, ' ');
		add_cost(&note, w);
	}
	mem_set_string(w->text, NULL);
	mem_set_string(w->note, note.text);
	str_free(&note);
	log_event(LOG_INFO, "summary.no_words", "summary", w->id, "why", *w->note, NULL);
	metrics_count("tocsin_summary_words_total", "outcome", "none");
	finish(w, NULL);
}

static void because(struct summary_words *w, const struct err *err, bool asked)
{
	char what[sizeof(err->text) + 64];

	(void)snprintf(what, sizeof(what), "No model has worded this: %s.", err->text);
	if (str_ends(err->text, "."))
		what[strlen(what) - 1] = '\0';
	without_words(w, what, asked);
}

/* The last place of that form from `least` on; 0: none. */
static size_t last_place(const char *text, size_t length, size_t least, const char *form)
{
	size_t size = strlen(form), place = 0;

	for (size_t i = least; i + size <= length; i++)
		if (strncmp(text + i, form, size) == 0)
			place = i + 1;
	return place;
}

/* Where a text of too many bytes is cut: behind a paragraph, a line, a sentence, or between characters. */
static size_t cut_place(const char *text, size_t length, size_t most)
{
	static const char *const forms[] = { "\n\n", "\n", ". " };
	size_t kept = str_utf8_prefix(text, length, most), place = 0;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && place == 0; i++)
		place = last_place(text, kept, CUT_AT_LEAST, forms[i]);
	return place == 0 ? kept : place;
}

static char *fitting(struct summary_words *w)
{
	static const char more[] = "…";
	size_t most = SUMMARY_WORDS_MAX - strlen(more), at;
	struct str out;

	str_init(&out, SUMMARY_WORDS_MAX);
	if (w->checked.length <= SUMMARY_WORDS_MAX) {
		str_add(&out, w->checked.text);
	} else {
		at = cut_place(w->checked.text, w->checked.length, most);
		str_add_bytes(&out, w->checked.text, at);
		str_add(&out, more);
		w->cut = true;
	}
	return str_take(&out);
}

static void with_words(struct summary_words *w)
{
	char *text = fitting(w);
	struct fact_check_counts counts;
	struct str note;

	str_init(&note, NOTE_MAX);
	answer_check_counts(w->check, &counts);
	model_note_checks(&counts, add_check, &note);
	if (w->cut)
		str_add(&note, "The wording was cut. ");
	add_cost(&note, w);
	mem_set_string(w->text, text);
	mem_set_string(w->note, note.text);
	str_free(&note);
	free(text);
	metrics_count("tocsin_summary_words_total", "outcome", "worded");
	finish(w, NULL);
}

/* --- the check --- */

static void on_checked(void *arg, const char *text, size_t length)
{
	struct summary_words *w = arg;

	str_add_bytes(&w->checked, text, length);
}

static void all_checked(void *arg, const struct err *err)
{
	struct summary_words *w = arg;

	if (err != NULL)
		finish(w, err);
	else
		with_words(w);
}

/* --- the call --- */

/* NULL: what it said is shown. */
static const char *refusal(enum bedrock_stop stop)
{
	switch (stop) {
	case BEDROCK_STOP_GUARDRAIL:
		return "No model has worded this: the guardrail of the configuration stepped in.";
	case BEDROCK_STOP_FILTERED:
		return "No model has worded this: the model's own filter held it back.";
	case BEDROCK_STOP_TOOL:
	case BEDROCK_STOP_MALFORMED:
		return "No model has worded this: what it said was malformed.";
	case BEDROCK_STOP_CONTEXT:
		return "No model has worded this: it cannot take so much data.";
	case BEDROCK_STOP_UNKNOWN:
	case BEDROCK_STOP_END:
	case BEDROCK_STOP_LENGTH:
	case BEDROCK_STOP_SEQUENCE:
		break;
	}
	return NULL;
}

static void take_texts(struct summary_words *w, struct json_object *content)
{
	for (size_t i = 0; i < json_count(content); i++) {
		const char *text = json_string(json_at(content, i), "text");

		if (text != NULL && w->said.length > 0)
			str_add(&w->said, "\n\n");
		if (text != NULL)
			str_add(&w->said, text);
	}
}

static void take_usage(struct summary_words *w, const struct bedrock_usage *usage, bool maybe_charged)
{
	w->tokens = (struct budget_tokens){ usage->input, usage->output, usage->cache_read, usage->cache_write };
	w->tokens_known = usage->known || !maybe_charged;
	model_call_settle(w->bot, w->id, usage, maybe_charged);
}

static void judge(struct summary_words *w, const struct bedrock_result *result)
{
	const char *why = refusal(result->stop);

	take_texts(w, result->content);
	if (why == NULL && w->said.text[strspn(w->said.text, " \t\r\n")] == '\0')
		why = "No model has worded this: the model said nothing.";
	if (why != NULL) {
		without_words(w, why, true);
		return;
	}
	w->cut = result->stop == BEDROCK_STOP_LENGTH;
	answer_check_feed(w->check, w->said.text, w->said.length);
	answer_check_flush(w->check, (struct done){ all_checked, w });
}

static void on_done(void *arg, const struct bedrock_result *result, const struct err *err)
{
	static const struct bedrock_usage none;
	struct summary_words *w = arg;
	bool maybe_charged = bedrock_maybe_charged(w->call);

	assert(err != NULL || result != NULL); /* bedrock.h */
	w->call = NULL;
	if (err != NULL && err->kind == ERR_CANCELLED) { /* the program ends; the reservation counts */
		finish(w, err);
		return;
	}
	take_usage(w, result == NULL ? &none : &result->usage, maybe_charged);
	log_event(LOG_INFO, "summary.model", "summary", w->id, "stop", result == NULL ? NULL : result->stop_word,
	          "input", LOG_INT(w->tokens.input), "output", LOG_INT(w->tokens.output), "error",
	          err == NULL ? NULL : err->text, NULL);
	if (err != NULL)
		because(w, err, maybe_charged);
	else
		judge(w, result);
}

static int64_t tokens_most(const struct config *config)
{
	return config->bedrock.max_tokens < TOKENS_MAX ? config->bedrock.max_tokens : TOKENS_MAX;
}

static void converse(struct summary_words *w)
{
	static const struct bedrock_listener listener = { .done = on_done };
	struct bedrock_request request = model_call_request(w->bot->config);

	request.system = w->system;
	request.messages = w->messages;
	request.max_tokens = tokens_most(w->bot->config);
	request.unstreamed = true;
	request.whole_ms = WHOLE_MS;
	metrics_count("tocsin_model_calls_total", NULL, NULL);
	w->call = bedrock_converse(w->bot->aws, &request, &listener, w);
}

/* Without a call: later, and also when the program ends. */
static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static void not_asked(void *arg, const struct err *err)
{
	struct summary_words *w = arg;

	if (err != NULL && err->kind == ERR_CANCELLED)
		finish(w, err);
	else if (w->no_money.kind == ERR_NONE)
		finish(w, NULL);
	else
		because(w, &w->no_money, false);
}

void summary_words_ask(struct summary_words *words, char **text, char **note, struct done done)
{
	words->done = done;
	words->text = text;
	words->note = note;
	mem_set_string(text, NULL);
	mem_set_string(note, NULL);
	if (words->may_ask)
		converse(words);
	else
		worker_run(words->bot->worker, nothing, words, (struct done){ not_asked, words });
	words->may_ask = false;
}

/* --- what it is told --- */

static void reserve(struct summary_words *w)
{
	const struct budget_request request = {
		.id = w->id,
		.kind = BUDGET_SUMMARY,
		.answer = w->id,
		.input_bytes = model_call_bytes(w->system, w->messages, NULL),
		.output_tokens = tokens_most(w->bot->config),
	};

	w->may_ask = budget_reserve(w->bot->budget, &request, &w->no_money);
}

static void word(void *arg, struct evidence *evidence)
{
	struct summary_words *w = arg;

	str_addf(&w->told, "The lines around each piece of data carry the word %s.\n", w->fence);
	summary_words_add_text(w->data, w->fence, &w->told);
	str_add(&w->told, "Write the sentences that stand above this summary.\n");
	summary_words_add_evidence(w->data, evidence);
}

static void worded(void *arg, const struct err *err)
{
	struct summary_words *w = arg;
	struct json_object *content;

	if (err == NULL) {
		content = json_new_array();
		model_call_append_text(content, w->told.text);
		w->messages = json_new_array();
		json_append(w->messages, model_call_message("user", content));
		reserve(w);
	}
	finish(w, err);
}

void summary_words_tell(struct summary_words *words, struct done done)
{
	const struct config *config = words->bot->config;

	words->done = done;
	if (config->bedrock.model == NULL) {
		worker_run(words->bot->worker, nothing, words, (struct done){ not_asked, words });
		return;
	}
	fence_word(words->fence);
	words->system = summary_words_prompt(config, words->data);
	words->check = answer_check_new(words->bot->loop, words->bot->worker, words->data->zone, words->system,
	                                on_checked, words);
	answer_check_work(words->check, word, words, (struct done){ worded, words });
}

struct summary_words *summary_words_new(struct bot *bot, const struct summary_data *data, const char *id)
{
	struct summary_words *w = mem_alloc(sizeof(*w));

	*w = (struct summary_words){ .bot = bot, .data = data, .id = mem_copy_string(id) };
	str_init(&w->told, TOLD_MAX);
	str_init(&w->said, SAID_MAX);
	str_init(&w->checked, CHECKED_MAX);
	return w;
}

void summary_words_free(struct summary_words *words)
{
	if (words == NULL)
		return;
	json_free(words->messages);
	answer_check_free(words->check);
	str_free(&words->told);
	str_free(&words->said);
	str_free(&words->checked);
	free(words->system);
	free(words->id);
	free(words);
}
