#include "adapters/slack/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/markdown.h"
#include "adapters/slack/markdown_cut.h"
#include "adapters/slack/stream_body.h"
#include "adapters/slack/stream_private.h"
#include "adapters/slack/thread.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/str.h"

#define APPEND_EVERY_MS 1000
#define EDIT_EVERY_MS 1500
#define WORD_WAIT_MS 250      /* so long a word may be in coming */
#define RETRY_MS 500
#define RETRY_MAX_MS 20000
#define TRIES_AT_END 10       /* about two minutes */
static void advance(struct chat_stream *s);
static void look_for_it(struct chat_stream *s);

/* --- the end -------------------------------------------------------------------------------- */

static void free_stream(struct chat_stream *s)
{
	struct chat_stream **slot = &s->streams->first;

	while (*slot != s)
		slot = &(*slot)->next;
	*slot = s->next;
	loop_timer_free(s->timer);
	loop_timer_free(s->word_timer);
	loop_defer_cancel(s->streams->loop, s);
	slack_markdown_free(s->markdown);
	slack_content_free(s->parts);
	free(s->parts);
	str_free(&s->text);
	free(s->channel);
	free(s->thread);
	free(s->user);
	free(s->ts);
	free(s->above);
	free(s);
}

static void complete(struct chat_stream *s, const struct err *err)
{
	struct done done = s->done;
	struct err copy = { .kind = ERR_NONE };

	if (err != NULL)
		copy = *err;
	metrics_count("tocsin_slack_streams_total", "outcome", err == NULL ? "shown" : err_kind_name(err->kind));
	free_stream(s);
	if (done.fn != NULL)
		done.fn(done.arg, err == NULL ? NULL : &copy);
}

/* Nothing more can be shown; whoever ends the stream is told why. */
static void fail(struct chat_stream *s, const struct err *err)
{
	s->failed = *err;
	s->lost = false;
	if (s->ended)
		complete(s, &s->failed);
}

/* --- what to do next ------------------------------------------------------------------------ */

static bool is_old(const struct chat_stream *s)
{
	return s->ts != NULL && !s->edited && clock_mono_ms() - s->begun_ms >= clock_wait_ms(SLACK_STREAM_LIFE_MS);
}

/* How far this message's text goes for now; *whole: it ends there. */
static size_t plan(const struct chat_stream *s, bool *whole)
{
	const char *text = s->text.text;
	size_t length = s->text.length, from = s->shown, to = length < SLACK_STREAM_MAX ? length : SLACK_STREAM_MAX, at;

	*whole = false;
	if (is_old(s)) {
		at = slack_markdown_cut(text, from, to, SLACK_CUT_WORD);
		*whole = true;
		return length <= to && s->ended ? length : at > from ? at : from;
	}
	if (length <= SLACK_STREAM_SOFT_MAX || length == from || (s->ended && length <= SLACK_STREAM_MAX)) {
		*whole = s->ended;
		return length;
	}
	/* What is shown may be a good end already. */
	from = (from > SLACK_STREAM_SOFT_MAX ? from : SLACK_STREAM_SOFT_MAX) - 1;
	at = slack_markdown_cut(text, from, to, length > SLACK_STREAM_MAX ? SLACK_CUT_ANYWHERE : SLACK_CUT_PARAGRAPH);
	*whole = at > 0 || length > SLACK_STREAM_MAX;
	if (*whole)
		return at > 0 ? at : str_utf8_prefix(text, length, to);
	/* Whole sentences from here on, so that a good place is left to cut at. */
	at = slack_markdown_cut(text, s->shown, to, SLACK_CUT_SENTENCE);
	return at > 0 ? at : s->shown;
}

/* The rest belongs to a new message. */
static void turn_page(struct chat_stream *s)
{
	struct str end, begin;

	str_init(&end, SIZE_MAX / 2);
	str_init(&begin, SLACK_STREAM_TEXT_MAX);
	slack_markdown_bridge(s->text.text, s->shown, &end, &begin);
	s->head = begin.length;
	str_add_bytes(&begin, s->text.text + s->shown, s->text.length - s->shown);
	str_free(&s->text);
	s->text = begin;
	str_free(&end);
	free(s->above);
	s->above = s->ts;
	s->ts = NULL;
	s->shown = 0;
	s->messages++;
	s->edited = s->halt = s->refused = s->cannot = false;
	random_hex(s->key, SLACK_STREAM_KEY_BYTES);
}

static void wait_for(struct chat_stream *s, int64_t ms)
{
	loop_timer_set(s->timer, ms);
}

static bool may_stream(const struct chat_stream *s)
{
	if (s->refused || s->text.length == 0 || clock_mono_ms() < s->streams->refused_until_ms)
		return false;
	return slack_stream_is_direct(s) || (s->user != NULL && s->streams->self->team_id != NULL);
}

static bool shows_something(const struct chat_stream *s)
{
	const char *text = s->text.text + s->head;

	return text[strspn(text, " \t\n")] != '\0';
}

static void begin_message(struct chat_stream *s)
{
	bool whole;
	size_t until;

	/* Without words there are only the parts. */
	if (!shows_something(s)) {
		if (!s->ended)
			return;
		str_clear(&s->text);
		if (s->parts == NULL)
			complete(s, NULL);
		else
			slack_stream_edit(s, 0, true);
		return;
	}
	until = plan(s, &whole);
	if (may_stream(s))
		slack_stream_start(s, until);
	else
		slack_stream_edit(s, until, whole);
}

static void go_on(struct chat_stream *s)
{
	bool whole;
	size_t until = plan(s, &whole);
	int64_t pace_ms = clock_wait_ms(s->edited ? EDIT_EVERY_MS : APPEND_EVERY_MS);
	int64_t left_ms = s->sent_ms + pace_ms - clock_mono_ms();

	if (s->halt) {
		slack_stream_halt(s);
	} else if (!whole && until == s->shown) {
		/* Slack would end it by itself, and show it as broken. */
		if (!s->edited)
			wait_for(s, s->begun_ms + clock_wait_ms(SLACK_STREAM_LIFE_MS) - clock_mono_ms());
	} else if (!whole && left_ms > 0) {
		wait_for(s, left_ms);
	} else if (s->edited) {
		slack_stream_edit(s, until, whole);
	} else if (whole) {
		slack_stream_stop(s, until);
	} else {
		slack_stream_append(s, until);
	}
}

static void advance(struct chat_stream *s)
{
	if (s->calling != SLACK_CALL_NONE || s->waiting || s->failed.kind != ERR_NONE)
		return;
	if (s->lost)
		look_for_it(s);
	else if (s->ts == NULL)
		begin_message(s);
	else
		go_on(s);
}

static void on_timer(void *arg)
{
	struct chat_stream *s = arg;

	s->waiting = false;
	advance(s);
}

static void on_word_timer(void *arg)
{
	struct chat_stream *s = arg;

	slack_markdown_pause(s->markdown, &s->text);
	advance(s);
}

/* --- answers -------------------------------------------------------------------------------- */

static void try_again(struct chat_stream *s, const struct err *err)
{
	int64_t wait_ms = random_backoff_ms(++s->tries, RETRY_MS, RETRY_MAX_MS);
	int64_t wished_ms = clock_wait_ms(err->retry_after_ms);

	if (s->ended && s->tries > TRIES_AT_END) {
		fail(s, err);
		return;
	}
	s->waiting = true;
	wait_for(s, wait_ms > wished_ms ? wait_ms : wished_ms);
}

static void message_is_whole(struct chat_stream *s)
{
	if (s->final) {
		complete(s, NULL);
		return;
	}
	turn_page(s);
	advance(s);
}

static void take_id(struct chat_stream *s, const char *ts)
{
	struct slack_stream_known *known = &s->streams->known[s->streams->next_known++ % SLACK_STREAMS_KNOWN];

	(void)snprintf(known->channel, sizeof(known->channel), "%s", s->channel);
	(void)snprintf(known->ts, sizeof(known->ts), "%s", ts);
	mem_set_string(&s->ts, ts);
}

static void on_begun(struct chat_stream *s, const char *ts)
{
	take_id(s, ts);
	s->shown = s->sending;
	metrics_count("tocsin_slack_stream_messages_total", "way", s->edited ? "edited" : "streamed");
	if (s->edited && s->cannot && s->streams->refused_until_ms < clock_mono_ms()) {
		log_event(LOG_WARN, "slack.no_streaming", "note",
		          "answers are posted and edited; tried again in an hour", NULL);
		s->streams->refused_until_ms = clock_mono_ms() + clock_wait_ms(SLACK_STREAM_REFUSED_MS);
	}
	if (s->edited && s->whole)
		message_is_whole(s);
	else
		advance(s);
}

static bool is_beside(const struct chat_stream *s, const struct chat_stream *other)
{
	return other != s && strcmp(other->channel, s->channel) == 0 && strcmp(other->thread, s->thread) == 0;
}

static void search_later(struct chat_stream *s, const struct err *err)
{
	s->lost = true;
	try_again(s, err);
}

/* Streams in that thread of which the start is of unknown fate, too, and came later. */
static size_t lost_later(const struct chat_stream *s)
{
	size_t count = 0;

	for (const struct chat_stream *other = s->streams->first; other != NULL; other = other->next)
		count += other->lost && !other->edited && other->number > s->number && is_beside(s, other) ? 1 : 0;
	return count;
}

/* The message that was posted by its key; the one that was streamed, which has none, as the last that nobody knows and
 * that is not of one that was begun later. */
static struct json_object *find_it(const struct chat_stream *s, struct json_object *messages)
{
	struct json_object *found = NULL;
	size_t later = lost_later(s);

	for (size_t i = json_count(messages); i > 0; i--) {
		struct json_object *message = json_at(messages, i - 1);
		const char *key = slack_thread_key(message), *ts = json_string(message, "ts");

		if (s->edited && key != NULL && strcmp(key, s->key) == 0)
			return message;
		if (s->edited || key != NULL || slack_streams_own(s->streams, s->channel, ts) ||
		    (s->above != NULL && strcmp(ts, s->above) <= 0))
			continue;
		found = message;
		if (later-- == 0)
			break;
	}
	return found;
}

/* Is there another whose message might be taken for this one's: that is being begun, or was before and is lost? */
static bool is_crowded(const struct chat_stream *s)
{
	for (const struct chat_stream *other = s->streams->first; other != NULL; other = other->next)
		if (is_beside(s, other) && (other->calling == SLACK_CALL_START ||
		                            (other->lost && !other->edited && other->number < s->number)))
			return true;
	return false;
}

static void on_found(void *arg, struct json_object *messages, const struct err *err)
{
	struct chat_stream *s = arg;
	struct json_object *message = find_it(s, messages);

	s->calling = SLACK_CALL_NONE;
	if (err == NULL && message != NULL && !s->edited && is_crowded(s)) {
		s->waiting = true;
		wait_for(s, clock_wait_ms(RETRY_MS));
		return;
	}
	if (err != NULL) {
		if (err->kind == ERR_RETRY)
			search_later(s, err);
		else
			fail(s, err);
		return;
	}
	s->lost = false;
	if (message != NULL) {
		take_id(s, json_string(message, "ts"));
		s->halt = !s->edited;
		s->edited = true;
		s->shown = 0;
	}
	advance(s);
}

static void look_for_it(struct chat_stream *s)
{
	int64_t ago_ms = clock_mono_ms() - s->begun_ms;

	s->calling = SLACK_CALL_FIND;
	slack_thread_own(s->streams->web, s->streams->self, s->channel, s->thread,
	                 clock_true_ms() - ago_ms, on_found, s);
}

/* For every answer, not for this channel, text or moment alone. Codes: docs.slack.dev, chat.startStream and the errors
 * that all methods have in common. */
static bool cannot_stream(const char *code)
{
	static const char *const codes[] = {
		"unknown_method", "method_deprecated", "deprecated_endpoint", "missing_scope",
		"not_allowed_token_type", "no_permission", "access_denied", "feature_not_enabled",
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

static void on_start_failed(struct chat_stream *s, const struct err *err)
{
	if (err->kind == ERR_REFUSED) {
		s->refused = true;
		s->cannot = cannot_stream(s->code);
		advance(s);
	} else if (err->kind == ERR_UNKNOWN) {
		search_later(s, err);
	} else {
		try_again(s, err);
	}
}

static void tell_stopped(struct chat_stream *s)
{
	if (s->told_stopped || s->ended || s->ears.stopped == NULL)
		return;
	s->told_stopped = true;
	s->ears.stopped(s->ears.arg);
}

/* What Slack has of the message is not known, or it takes no more: the whole is edited in. */
static void edit_from_now_on(struct chat_stream *s, const struct err *err)
{
	log_event(LOG_INFO, "slack.stream_broken", "channel", s->channel, "message", s->ts, "error", s->code, "why",
	          err->text, NULL);
	metrics_count("tocsin_slack_streams_broken_total", NULL, NULL);
	s->edited = s->halt = true;
	if (strcmp(s->code, "stopped_by_user") == 0)
		tell_stopped(s);
	advance(s);
}

/* It streams no more, which is all that was wanted. */
static bool is_over(const char *code)
{
	return strcmp(code, "message_not_in_streaming_state") == 0 || strcmp(code, "stopped_by_user") == 0;
}

static void on_failed(struct chat_stream *s, enum slack_stream_calling calling, const struct err *err)
{
	if (err->kind == ERR_CANCELLED)
		fail(s, err);
	else if (calling == SLACK_CALL_START)
		on_start_failed(s, err);
	else if (calling == SLACK_CALL_POST && err->kind == ERR_UNKNOWN)
		search_later(s, err);
	else if (err->kind == ERR_RETRY)
		try_again(s, err);
	else if (calling == SLACK_CALL_APPEND || calling == SLACK_CALL_STOP)
		edit_from_now_on(s, err);
	else if (calling == SLACK_CALL_HALT && is_over(s->code)) {
		s->halt = false;
		advance(s);
	} else if (calling == SLACK_CALL_HALT && err->kind == ERR_UNKNOWN) {
		try_again(s, err);
	} else if (calling == SLACK_CALL_UPDATE && strcmp(s->code, "streaming_state_conflict") == 0) {
		s->halt = true;
		try_again(s, err);
	} else {
		fail(s, err);
	}
}

void slack_stream_on_answer(void *arg, struct json_object *answer, const struct err *err)
{
	struct chat_stream *s = arg;
	enum slack_stream_calling calling = s->calling;
	struct err nameless;

	s->calling = SLACK_CALL_NONE;
	if (err == NULL && (calling == SLACK_CALL_START || calling == SLACK_CALL_POST) &&
	    json_string(answer, "ts") == NULL) {
		(void)err_set(&nameless, ERR_UNKNOWN, "Slack: the message that was begun got no ts");
		err = &nameless;
	}
	if (err != NULL) {
		on_failed(s, calling, err);
		return;
	}
	s->tries = 0;
	if (calling == SLACK_CALL_HALT) {
		s->halt = false;
		advance(s);
	} else if (calling == SLACK_CALL_START || calling == SLACK_CALL_POST) {
		on_begun(s, json_string(answer, "ts"));
	} else {
		s->shown = s->sending;
		if (calling == SLACK_CALL_STOP || (calling == SLACK_CALL_UPDATE && s->whole))
			message_is_whole(s);
		else
			advance(s);
	}
}

/* --- the owner's side ----------------------------------------------------------------------- */

struct chat_stream *slack_stream_new(struct slack_streams *streams, const struct chat_stream_place *place,
                                     struct chat_stream_ears ears)
{
	struct chat_stream *s = mem_alloc(sizeof(*s));

	s->streams = streams;
	s->next = streams->first;
	streams->first = s;
	s->channel = mem_copy_string(place->channel);
	s->thread = mem_copy_string(place->thread);
	s->user = mem_copy_string(place->user);
	s->ears = ears;
	s->markdown = slack_markdown_new();
	s->timer = loop_timer_new(streams->loop, on_timer, s);
	s->word_timer = loop_timer_new(streams->loop, on_word_timer, s);
	str_init(&s->text, SLACK_STREAM_TEXT_MAX);
	random_hex(s->key, SLACK_STREAM_KEY_BYTES);
	return s;
}

void slack_stream_say(struct chat_stream *s, const char *markdown, size_t length)
{
	slack_markdown_feed(s->markdown, markdown, length, &s->text);
	/* The first words are worth more than the form of one that is not whole. */
	if (s->messages == 0 && s->ts == NULL && s->calling == SLACK_CALL_NONE)
		slack_markdown_pause(s->markdown, &s->text);
	if (slack_markdown_holds(s->markdown))
		loop_timer_set(s->word_timer, clock_wait_ms(WORD_WAIT_MS));
	advance(s);
}

static void end_late(void *arg)
{
	struct chat_stream *s = arg;

	if (s->failed.kind != ERR_NONE)
		complete(s, &s->failed);
	else
		advance(s);
}

void slack_stream_end(struct chat_stream *s, const struct message *last, struct done done)
{
	slack_markdown_end(s->markdown, &s->text);
	loop_timer_stop(s->word_timer);
	s->ended = true;
	s->done = done;
	s->tries = 0;
	if (last != NULL) {
		s->parts = mem_alloc(sizeof(*s->parts));
		slack_stream_parts(s->parts, last);
	}
	loop_defer(s->streams->loop, end_late, s);
}

/* --- all of them ---------------------------------------------------------------------------- */

bool slack_streams_own(const struct slack_streams *streams, const char *channel, const char *ts)
{
	for (size_t i = 0; ts != NULL && i < SLACK_STREAMS_KNOWN; i++)
		if (strcmp(streams->known[i].ts, ts) == 0 && strcmp(streams->known[i].channel, channel) == 0)
			return true;
	return false;
}

bool slack_streams_begin_in(const struct slack_streams *streams, const char *channel, const char *thread)
{
	for (const struct chat_stream *s = streams->first; s != NULL; s = s->next)
		if ((s->calling == SLACK_CALL_START || s->calling == SLACK_CALL_POST || s->lost) &&
		    strcmp(s->channel, channel) == 0 && strcmp(s->thread, thread) == 0)
			return true;
	return false;
}

void slack_streams_stopped(struct slack_streams *streams, const char *channel, const char *thread)
{
	struct chat_stream *next;

	for (struct chat_stream *s = streams->first; s != NULL; s = next) {
		next = s->next;
		if (strcmp(s->channel, channel) == 0 && strcmp(s->thread, thread) == 0)
			tell_stopped(s);
	}
}

void slack_streams_describe_metrics(void)
{
	metrics_describe("tocsin_slack_streams_total", "counter", "Texts that were read while written, by outcome.");
	metrics_describe("tocsin_slack_stream_messages_total", "counter", "Messages of such texts, by way.");
	metrics_describe("tocsin_slack_streams_broken_total", "counter", "Streamed messages that had to be edited.");
	metrics_describe("tocsin_slack_streams_mended_total", "counter",
	                 "Messages left streaming by an earlier process.");
}

struct slack_streams *slack_streams_new(struct loop *loop, struct slack_web *web, const struct slack_self *self)
{
	struct slack_streams *streams = mem_alloc(sizeof(*streams));

	streams->loop = loop;
	streams->web = web;
	streams->self = self;
	return streams;
}

void slack_streams_free(struct slack_streams *streams)
{
	struct err err;

	if (streams == NULL)
		return;
	(void)err_set(&err, ERR_CANCELLED, "Slack: shutting down");
	while (streams->first != NULL)
		complete(streams->first, &err);
	free(streams);
}
