/* stream_calls.c - the Web API calls of a stream. */
#include <string.h>

#include "adapters/slack/inbound.h"
#include "adapters/slack/markdown_cut.h"
#include "adapters/slack/stream_body.h"
#include "adapters/slack/stream_private.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/loop.h"

static void send_call(struct chat_stream *s, enum slack_stream_calling calling, enum slack_method method,
                      struct slack_call *call)
{
	call->method = method;
	call->priority = CHAT_NORMAL;
	call->channel = s->channel;
	call->message = s->ts;
	call->code = s->code;
	call->done = slack_stream_on_answer;
	call->arg = s;
	s->calling = calling;
	s->code[0] = '\0';
	s->sent_ms = clock_mono_ms();
	slack_web_send(s->streams->web, call);
}

static struct slack_stream_body body_of(const struct chat_stream *s, size_t from, size_t to, struct str *end)
{
	struct slack_stream_body body = { .channel = s->channel, .thread = s->thread, .ts = s->ts, .key = s->key };

	str_init(end, SIZE_MAX / 2);
	str_add_bytes(end, s->text.text + from, to - from);
	body.text = end->text;
	body.length = end->length;
	return body;
}

/* What closes the message at a cut belongs to it. */
static void close_at(const struct chat_stream *s, size_t at, struct str *text, struct slack_stream_body *body)
{
	struct str begin;

	str_init(&begin, SIZE_MAX / 2);
	if (at < s->text.length || !s->ended)
		slack_markdown_bridge(s->text.text, at, text, &begin);
	str_free(&begin);
	body->text = text->text;
	body->length = text->length;
}

bool slack_stream_is_direct(const struct chat_stream *s)
{
	return s->channel[0] == 'D';
}

void slack_stream_start(struct chat_stream *s, size_t until)
{
	struct str text;
	struct slack_stream_body body = body_of(s, 0, until, &text);
	struct slack_call call = { 0 };

	body.user = slack_stream_is_direct(s) ? NULL : s->user;
	body.team = slack_stream_is_direct(s) ? NULL : s->streams->self->team_id;
	call.body = slack_stream_start_body(&body);
	s->edited = false;
	s->sending = until;
	s->begun_ms = clock_mono_ms();
	s->number = ++s->streams->starts;
	send_call(s, SLACK_CALL_START, SLACK_STREAM_START, &call);
	str_free(&text);
}

/* Posts the message, or edits it to what it says up to there. */
void slack_stream_edit(struct chat_stream *s, size_t until, bool whole)
{
	struct str text;
	struct slack_stream_body body = body_of(s, 0, until, &text);
	struct slack_call call = { 0 };

	close_at(s, until, &text, &body);
	s->final = whole && s->ended && until == s->text.length;
	body.open = !whole;
	body.parts = s->final ? s->parts : NULL;
	slack_stream_message_bodies(&call, &body);
	s->edited = true;
	s->sending = until;
	s->whole = whole;
	if (s->ts == NULL)
		s->begun_ms = clock_mono_ms();
	if (s->ts == NULL)
		send_call(s, SLACK_CALL_POST, SLACK_POST, &call);
	else
		send_call(s, SLACK_CALL_UPDATE, SLACK_UPDATE, &call);
	str_free(&text);
}

void slack_stream_append(struct chat_stream *s, size_t until)
{
	struct str text;
	struct slack_stream_body body = body_of(s, s->shown, until, &text);
	struct slack_call call = { .body = slack_stream_append_body(&body) };

	s->sending = until;
	send_call(s, SLACK_CALL_APPEND, SLACK_STREAM_APPEND, &call);
	str_free(&text);
}

void slack_stream_stop(struct chat_stream *s, size_t until)
{
	struct str text;
	struct slack_stream_body body = body_of(s, s->shown, until, &text);
	struct slack_call call = { 0 };

	close_at(s, until, &text, &body);
	s->final = s->ended && until == s->text.length;
	body.parts = s->final ? s->parts : NULL;
	slack_stream_stop_bodies(&call, &body);
	s->sending = until;
	s->whole = true;
	send_call(s, SLACK_CALL_STOP, SLACK_STREAM_STOP, &call);
	str_free(&text);
}

void slack_stream_halt(struct chat_stream *s)
{
	struct slack_stream_body body = { .channel = s->channel, .ts = s->ts };
	struct slack_call call = { 0 };

	slack_stream_stop_bodies(&call, &body);
	send_call(s, SLACK_CALL_HALT, SLACK_STREAM_STOP, &call);
}
