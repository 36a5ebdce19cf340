/*
 * summary_words.c - one call of the model for a summary: told on the worker, paid for, asked whole, checked on the
 * worker. Nothing of it is tried again: the summary stands without words as well.
 */
#include "commands/summary_words.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/aws/bedrock.h"
#include "bot/bot.h"
#include "bot/budget.h"
#include "bot/config.h"
#include "bot/evidence.h"
#include "bot/fact_check.h"
#include "bot/fence.h"
#include "bot/journal.h"
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

struct words {
	struct bot *bot;
	const struct summary_data *data;
	char *id;
	char **text, **note;
	struct done done;
	char fence[FENCE_WORD_SIZE];
	char *system;
	struct json_object *messages;
	struct evidence *evidence; /* the worker's while it works, as are `told` and `checked` */
	struct str told, said, checked;
	struct fact_check_counts counts;
	struct bedrock_call *call;
	struct budget_tokens tokens;
	bool tokens_known, cut;
};

static void words_free(struct words *w)
{
	json_free(w->messages);
	evidence_free(w->evidence);
	str_free(&w->told);
	str_free(&w->said);
	str_free(&w->checked);
	free(w->system);
	free(w->id);
	free(w);
}

static void finish(struct words *w, const struct err *err)
{
	struct done done = w->done;

	words_free(w);
	done.fn(done.arg, err);
}

/* --- the end --- */

static void add_check(void *arg, const char *sentence)
{
	struct str *note = arg;

	str_addf(note, "%s ", sentence);
}

static void add_cost(struct str *note, const struct words *w)
{
	model_note_cost(note, w->bot, w->id, &w->tokens, w->tokens_known, 0);
}

/* what: a sentence; NULL: nothing to say. asked: it cost something, perhaps. */
static void without_words(struct words *w, const char *what, bool asked)
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

static void because(struct words *w, const struct err *err, bool asked)
{
	char what[sizeof(err->text) + 64];

	(void)snprintf(what, sizeof(what), "No model has worded this: %s.", err->text);
	if (strchr(".!?", err->text[strlen(err->text) - 1]) != NULL)
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

static char *fitting(struct words *w)
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

static void with_words(struct words *w)
{
	char *text = fitting(w);
	struct str note;

	str_init(&note, NOTE_MAX);
	model_note_checks(&w->counts, add_check, &note);
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

static bool check(void *arg, struct err *err)
{
	struct words *w = arg;
	struct fact_check *fact_check = fact_check_new(w->evidence, w->system);

	(void)err;
	fact_check_feed(fact_check, w->said.text, w->said.length, &w->checked);
	fact_check_flush(fact_check, &w->checked);
	fact_check_counts(fact_check, &w->counts);
	fact_check_free(fact_check);
	return true;
}

static void checked(void *arg, const struct err *err)
{
	struct words *w = arg;

	if (err != NULL && err->kind == ERR_CANCELLED)
		finish(w, err);
	else if (err != NULL)
		because(w, err, true);
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

static void take_texts(struct words *w, struct json_object *content)
{
	for (size_t i = 0; i < json_count(content); i++) {
		const char *text = json_string(json_at(content, i), "text");

		if (text != NULL && w->said.length > 0)
			str_add(&w->said, "\n\n");
		if (text != NULL)
			str_add(&w->said, text);
	}
}

static void take_usage(struct words *w, const struct bedrock_usage *usage, bool maybe_charged)
{
	w->tokens = (struct budget_tokens){ usage->input, usage->output, usage->cache_read, usage->cache_write };
	w->tokens_known = usage->known || !maybe_charged;
	model_call_settle(w->bot, w->id, usage, maybe_charged);
	journal_commit(w->bot->journal, (struct done){ NULL, NULL });
}

static void judge(struct words *w, const struct bedrock_result *result)
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
	worker_run(w->bot->worker, check, w, (struct done){ checked, w });
}

static void on_done(void *arg, const struct bedrock_result *result, const struct err *err)
{
	static const struct bedrock_usage none;
	struct words *w = arg;
	bool maybe_charged = bedrock_maybe_charged(w->call);

	w->call = NULL;
	if (err != NULL && err->kind == ERR_CANCELLED) { /* the program ends; the reservation counts */
		finish(w, err);
		return;
	}
	take_usage(w, result == NULL ? &none : &result->usage, maybe_charged);
	log_event(LOG_INFO, "summary.model", "summary", w->id, "stop", result == NULL ? NULL : result->stop_word, "input",
	          LOG_INT(w->tokens.input), "output", LOG_INT(w->tokens.output), "error", err == NULL ? NULL : err->text,
	          NULL);
	if (err != NULL)
		because(w, err, maybe_charged);
	else
		judge(w, result);
}

static int64_t tokens_most(const struct config *config)
{
	return config->bedrock.max_tokens < TOKENS_MAX ? config->bedrock.max_tokens : TOKENS_MAX;
}

/* The money is set aside for good: now it may be spent. */
static void reserved(void *arg, const struct err *err)
{
	static const struct bedrock_listener listener = { .done = on_done };
	struct words *w = arg;
	struct bedrock_request request = model_call_request(w->bot->config);

	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(w, err);
		return;
	}
	if (err != NULL) {
		because(w, err, false);
		return;
	}
	request.system = w->system;
	request.messages = w->messages;
	request.max_tokens = tokens_most(w->bot->config);
	request.unstreamed = true;
	request.whole_ms = WHOLE_MS;
	metrics_count("tocsin_model_calls_total", NULL, NULL);
	w->call = bedrock_converse(w->bot->aws, &request, &listener, w);
}

static void reserve(struct words *w)
{
	const struct budget_request request = {
		.id = w->id,
		.kind = BUDGET_SUMMARY,
		.answer = w->id,
		.input_bytes = model_call_bytes(w->system, w->messages, NULL),
		.output_tokens = tokens_most(w->bot->config),
	};
	struct err err;

	if (budget_reserve(w->bot->budget, &request, &err))
		journal_commit(w->bot->journal, (struct done){ reserved, w });
	else
		because(w, &err, false);
}

/* --- what it is told --- */

static bool tell(void *arg, struct err *err)
{
	struct words *w = arg;

	(void)err;
	str_addf(&w->told, "The lines around each piece of data carry the word %s.\n", w->fence);
	summary_words_add_text(w->data, w->fence, &w->told);
	str_add(&w->told, "Write the sentences that stand above this summary.\n");
	w->evidence = evidence_new(w->data->zone);
	summary_words_add_evidence(w->data, w->evidence);
	return true;
}

static void told(void *arg, const struct err *err)
{
	struct json_object *content;
	struct words *w = arg;

	if (err != NULL && err->kind == ERR_CANCELLED) {
		finish(w, err);
		return;
	}
	if (err != NULL) {
		because(w, err, false);
		return;
	}
	content = json_new_array();
	model_call_append_text(content, w->told.text);
	w->messages = json_new_array();
	json_append(w->messages, model_call_message("user", content));
	reserve(w);
}

/* Later, and also when the program ends. */
static bool nothing(void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	return true;
}

static void nothing_done(void *arg, const struct err *err)
{
	finish(arg, err != NULL && err->kind == ERR_CANCELLED ? err : NULL);
}

void summary_words_ask(struct bot *bot, const struct summary_data *data, const char *id, char **text, char **note,
                       struct done done)
{
	struct words *w = mem_alloc(sizeof(*w));

	*w = (struct words){ .bot = bot, .data = data, .text = text, .note = note, .done = done };
	w->id = mem_copy_string(id);
	str_init(&w->told, TOLD_MAX);
	str_init(&w->said, SAID_MAX);
	str_init(&w->checked, CHECKED_MAX);
	mem_set_string(text, NULL);
	mem_set_string(note, NULL);
	if (bot->config->bedrock.model == NULL) {
		worker_run(bot->worker, nothing, w, (struct done){ nothing_done, w });
		return;
	}
	fence_word(w->fence);
	w->system = summary_words_prompt(bot->config, data);
	worker_run(bot->worker, tell, w, (struct done){ told, w });
}
