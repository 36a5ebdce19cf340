#include "adapters/slack/slack.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/slack/blocks.h"
#include "adapters/slack/groups.h"
#include "adapters/slack/history.h"
#include "adapters/slack/inbound.h"
#include "adapters/slack/socket.h"
#include "adapters/slack/status.h"
#include "adapters/slack/stream.h"
#include "adapters/slack/stream_mend.h"
#include "adapters/slack/upload.h"
#include "adapters/slack/url.h"
#include "adapters/slack/web_api.h"
#include "bot/clock.h"
#include "bot/crash.h"
#include "bot/json.h"
#include "bot/log.h"
#include "bot/loop.h"
#include "bot/mem.h"
#include "bot/message.h"
#include "bot/metrics.h"
#include "bot/random.h"
#include "bot/str.h"

#define PENDING_MAX 4096         /* heard and not yet durable; Slack keeps the rest for us */
#define QUIESCE_ACKS_MS 500      /* what was heard may still become durable and be acknowledged */
#define ENVELOPE_ID_MAX 256
#define IDENTITY_RETRY_MS 1000
#define IDENTITY_RETRY_MAX_MS 60000

struct slack {
	struct chat chat;
	struct slack_options options;
	struct slack_self self;
	struct slack_sockets *sockets;
	struct slack_web *web;
	struct slack_groups *groups;
	struct slack_uploads *uploads;
	struct slack_streams *streams;
	struct slack_mender *mender;
	struct slack_status *status;
	char *workspace_url; /* "https://acme.slack.com/"; NULL: not known yet */
	struct loop_timer *identity_timer, *quiesce_timer;
	unsigned identity_tries;
	unsigned pending;    /* envelopes heard that are not yet durable */
	bool quiescing, dead, told_fatal;
	struct done quiesced; /* waits for pending to become 0 */
};

/* --- trouble -------------------------------------------------------------------------------- */

static void on_fatal(void *arg, const struct err *err)
{
	struct slack *slack = arg;

	log_event(LOG_ERROR, "slack.fatal", "why", err->text, NULL);
	if (slack->told_fatal)
		return;
	slack->told_fatal = true;
	if (slack->options.fatal != NULL)
		slack->options.fatal(slack->options.fatal_arg, err);
}

/* --- who we are ----------------------------------------------------------------------------- */

static void ask_identity(void *arg);

static void on_identity(void *arg, struct json_object *answer, const struct err *err)
{
	struct slack *slack = arg;

	if (err == NULL) {
		mem_set_string(&slack->self.user_id, json_string(answer, "user_id"));
		mem_set_string(&slack->self.bot_id, json_string(answer, "bot_id"));
		mem_set_string(&slack->self.team_id, json_string(answer, "team_id"));
		mem_set_string(&slack->workspace_url, json_string(answer, "url"));
		log_event(LOG_INFO, "slack.identity", "user", slack->self.user_id, "bot", slack->self.bot_id,
		          "team", json_string(answer, "team_id"), NULL);
	} else if (err->kind != ERR_CANCELLED && err->kind != ERR_REFUSED) {
		slack->identity_tries++;
		loop_timer_set(slack->identity_timer, random_backoff_ms(slack->identity_tries, IDENTITY_RETRY_MS,
		                                                        IDENTITY_RETRY_MAX_MS));
	}
}

static void ask_identity(void *arg)
{
	struct slack *slack = arg;

	slack_web_send(slack->web, &(struct slack_call){ .method = SLACK_AUTH_TEST, .priority = CHAT_URGENT,
		.body = mem_copy_string(""), .done = on_identity, .arg = slack });
}

/* --- hearing -------------------------------------------------------------------------------- */

/* One envelope until everything in it is durable. */
struct hearing {
	struct slack *slack;
	uint64_t connection;
	char *envelope_id; /* NULL: there is nothing to acknowledge */
	size_t left;       /* of its things that are not yet durable, and one for the call itself */
	bool failed;
};

static void free_slack(struct slack *slack)
{
	free(slack->self.user_id);
	free(slack->self.bot_id);
	free(slack->self.team_id);
	free(slack->workspace_url);
	free(slack);
}

static void acknowledge(struct slack *slack, uint64_t connection, const char *envelope_id)
{
	CRASH_POINT("slack.before_ack");
	metrics_count("tocsin_slack_acks_total", "outcome",
	              slack_sockets_ack(slack->sockets, connection, envelope_id) ? "sent" : "connection_gone");
}

static void close_sockets(struct slack *slack)
{
	struct done done = slack->quiesced;

	if (done.fn == NULL)
		return;
	slack->quiesced = (struct done){ 0 };
	loop_timer_stop(slack->quiesce_timer);
	slack_sockets_quiesce(slack->sockets, done);
}

static void release(struct hearing *hearing)
{
	struct slack *slack = hearing->slack;

	if (--hearing->left > 0)
		return;
	slack->pending--;
	if (!slack->dead && hearing->envelope_id != NULL) {
		if (hearing->failed)
			metrics_count("tocsin_slack_acks_total", "outcome", "not_stored");
		else
			acknowledge(slack, hearing->connection, hearing->envelope_id);
	}
	free(hearing->envelope_id);
	free(hearing);
	if (slack->dead && slack->pending == 0)
		free_slack(slack);
	else if (!slack->dead && slack->pending == 0)
		close_sockets(slack);
}

static void on_durable(void *arg, const struct err *err)
{
	struct hearing *hearing = arg;

	if (err != NULL) {
		log_event(LOG_WARN, "slack.not_stored", "why", err->text, NULL);
		hearing->failed = true;
	}
	release(hearing);
}

static void hear(struct slack *slack, uint64_t connection, const char *envelope_id,
                 const struct slack_inbound *inbound)
{
	static const char *const kinds[] = {
		[HEARD_SLASH] = "slash", [HEARD_MENTION] = "mention", [HEARD_DIRECT] = "direct",
		[HEARD_REPLY] = "reply", [HEARD_CLICK] = "click",
	};
	struct hearing *hearing = mem_alloc(sizeof(*hearing));

	hearing->slack = slack;
	hearing->connection = connection;
	hearing->envelope_id = mem_copy_string(envelope_id);
	hearing->left = inbound->count + 1;
	slack->pending++;
	for (size_t i = 0; i < inbound->count; i++) {
		metrics_count("tocsin_slack_heard_total", "kind", kinds[inbound->heard[i].type]);
		slack->options.ears.heard(slack->options.ears.arg, &inbound->heard[i],
		                          (struct done){ on_durable, hearing });
	}
	release(hearing);
}

static void on_envelope(void *arg, uint64_t connection, struct json_object *envelope)
{
	struct slack *slack = arg;
	const char *envelope_id = json_string(envelope, "envelope_id");
	struct slack_inbound inbound;

	if (envelope_id != NULL && (envelope_id[0] == '\0' || strlen(envelope_id) > ENVELOPE_ID_MAX))
		envelope_id = NULL;
	if (slack->quiescing || slack->pending >= PENDING_MAX) {
		metrics_count("tocsin_slack_acks_total", "outcome", "not_heard");
		return;
	}
	slack_inbound_read(&inbound, envelope, &slack->self);
	if (inbound.count > 0) {
		hear(slack, connection, envelope_id, &inbound);
	} else {
		if (strcmp(inbound.ignored, "rate_limited") == 0)
			log_event(LOG_ERROR, "slack.events_limited", "note",
			          "Slack drops events: more than 30,000 in an hour", NULL);
		if (inbound.stopped_thread != NULL)
			slack_streams_stopped(slack->streams, inbound.stopped_channel, inbound.stopped_thread);
		metrics_count("tocsin_slack_envelopes_ignored_total", "reason", inbound.ignored);
		if (envelope_id != NULL)
			acknowledge(slack, connection, envelope_id);
	}
	slack_inbound_free(&inbound);
}

/* --- saying --------------------------------------------------------------------------------- */

static struct slack *slack_of(struct chat *chat)
{
	return (struct slack *)(void *)chat;
}

/* What becomes of a post, edit or answer. */
struct saying {
	char **id; /* posts only */
	struct done done;
};

static void on_said(void *arg, struct json_object *answer, const struct err *err)
{
	struct saying *saying = arg;
	struct done done = saying->done;

	if (err == NULL && saying->id != NULL)
		mem_set_string(saying->id, json_string(answer, "ts"));
	free(saying);
	done.fn(done.arg, err);
}

static struct saying *new_saying(char **id, struct done done)
{
	struct saying *saying = mem_alloc(sizeof(*saying));

	saying->id = id;
	saying->done = done;
	return saying;
}

static char *print_body(struct json_object *envelope, const char *text, struct json_object *blocks,
                        struct json_object *attachments)
{
	json_put_string(envelope, "text", text);
	json_put(envelope, "blocks", blocks == NULL ? json_new_array() : json_keep(blocks));
	json_put(envelope, "attachments", attachments == NULL ? json_new_array() : json_keep(attachments));
	return mem_copy_string(json_print(envelope));
}

/* A body with the content, and those to send instead when Slack refuses the blocks. Takes over
 * `envelope` (where it goes) and content. */
static void make_bodies(struct slack_call *call, struct json_object *envelope, struct slack_content *content)
{
	call->body = print_body(envelope, content->text, content->blocks, content->attachments);
	if (content->without_pictures != NULL)
		call->without_pictures = print_body(envelope, content->text, content->without_pictures,
		                                    content->attachments);
	call->text_only = print_body(envelope, content->plain, NULL, NULL);
	json_free(envelope);
	slack_content_free(content);
}

static struct json_object *new_metadata(const char *key)
{
	struct json_object *metadata = json_new_object(), *payload = json_new_object();

	json_put_string(payload, "key", key);
	json_put_string(metadata, "event_type", SLACK_KEY_EVENT_TYPE);
	json_put(metadata, "event_payload", payload);
	return metadata;
}

static void slack_post(struct chat *chat, const struct chat_post *post, char **id, struct done done)
{
	struct json_object *envelope = json_new_object();
	struct slack_content content;
	struct slack_call call = { .method = SLACK_POST, .priority = post->priority, .channel = post->channel,
		.done = on_said, .arg = new_saying(id, done) };

	json_put_string(envelope, "channel", post->channel);
	json_put_string(envelope, "thread_ts", post->thread);
	if (post->thread != NULL && post->broadcast)
		json_put_bool(envelope, "reply_broadcast", true);
	/* No link of ours is worth a preview that pushes the next alarm off the screen. */
	json_put_bool(envelope, "unfurl_links", false);
	json_put_bool(envelope, "unfurl_media", false);
	json_put_string(envelope, "parse", "none");
	if (post->key != NULL)
		json_put(envelope, "metadata", new_metadata(post->key));
	slack_content_make(&content, post->message);
	make_bodies(&call, envelope, &content);
	slack_web_send(slack_of(chat)->web, &call);
}

static void slack_edit(struct chat *chat, const char *channel, const char *id, const struct message *message,
                       enum chat_priority priority, struct done done)
{
	struct json_object *envelope = json_new_object();
	struct slack_content content;
	struct slack_call call = { .method = SLACK_UPDATE, .priority = priority, .channel = channel, .message = id,
		.done = on_said, .arg = new_saying(NULL, done) };

	json_put_string(envelope, "channel", channel);
	json_put_string(envelope, "ts", id);
	json_put_string(envelope, "parse", "none"); /* chat.update's own default is not none */
	slack_content_make(&content, message);
	make_bodies(&call, envelope, &content);
	slack_web_send(slack_of(chat)->web, &call);
}

static void slack_find(struct chat *chat, const char *channel, const char *thread, const char *key,
                       int64_t since_ms, char **id, struct done done)
{
	struct slack *slack = slack_of(chat);

	slack_history_find(slack->web, &slack->self, channel, thread, key, since_ms, id, done);
}

struct refused {
	struct done done;
};

static void tell_refused(void *arg)
{
	struct refused *refused = arg;
	struct done done = refused->done;
	struct err err;

	free(refused);
	(void)err_set(&err, ERR_REFUSED, "Slack: no address for a private answer");
	done.fn(done.arg, &err);
}

static void slack_respond(struct chat *chat, const char *response_url, const struct message *message,
                          struct done done)
{
	struct slack *slack = slack_of(chat);
	struct json_object *envelope;
	struct slack_content content;
	struct slack_call call = { .method = SLACK_RESPOND, .priority = CHAT_URGENT, .url = response_url,
		.done = on_said };

	if (!slack_url_is_good(response_url, slack->options.loopback)) {
		struct refused *refused = mem_alloc(sizeof(*refused));

		refused->done = done;
		loop_defer(slack->options.loop, tell_refused, refused);
		return;
	}
	call.arg = new_saying(NULL, done);
	envelope = json_new_object();
	json_put_string(envelope, "response_type", "ephemeral");
	json_put_bool(envelope, "replace_original", false);
	slack_content_make(&content, message);
	make_bodies(&call, envelope, &content);
	slack_web_send(slack->web, &call);
}

static void slack_upload_picture(struct chat *chat, const char *name, const char *alt, const unsigned char *png,
                                 size_t size, char **image, struct done done)
{
	slack_upload(slack_of(chat)->uploads, name, alt, png, size, image, done);
}

static struct chat_stream *slack_stream(struct chat *chat, const struct chat_stream_place *place,
                                        struct chat_stream_ears ears)
{
	return slack_stream_new(slack_of(chat)->streams, place, ears);
}

static void slack_mend(struct chat *chat, const struct chat_stream_place *place, int64_t since_ms,
                       const struct message *last, struct done done)
{
	slack_stream_mend(slack_of(chat)->mender, place, since_ms, last, done);
}

static void slack_show_status(struct chat *chat, const struct chat_stream_place *place, const char *text)
{
	slack_status_set(slack_of(chat)->status, place, text);
}

/* The form of the links that Slack's clients copy: /archives/CHANNEL/pTS, the ts without its dot. */
static char *slack_permalink(struct chat *chat, const char *channel, const char *id)
{
	const char *base = slack_of(chat)->workspace_url;
	struct str url;

	if (base == NULL)
		return NULL;
	str_init(&url, 1000);
	str_addf(&url, "%s%sarchives/%s/p", base, str_ends(base, "/") ? "" : "/", channel);
	for (const char *c = id; *c != '\0'; c++)
		if (*c != '.')
			str_add_char(&url, *c);
	return str_take(&url);
}

static void slack_watch_groups(struct chat *chat, char *const *groups)
{
	slack_groups_watch(slack_of(chat)->groups, groups);
}

static enum chat_membership slack_in_group(struct chat *chat, const char *group, const char *user)
{
	return slack_groups_has(slack_of(chat)->groups, group, user);
}

/* --- state ---------------------------------------------------------------------------------- */

static void slack_describe(struct chat *chat, struct str *out)
{
	slack_sockets_describe(slack_of(chat)->sockets, out);
}

static bool slack_ready(struct chat *chat, struct err *why)
{
	const struct slack *slack = slack_of(chat);

	if (slack_sockets_live(slack->sockets) > 0)
		return true;
	return err_set(why, ERR_RETRY, "no Slack connection has said hello (%s)",
	               slack_sockets_trouble(slack->sockets));
}

static void on_quiesce_timer(void *arg)
{
	close_sockets(arg);
}

static void slack_quiesce(struct chat *chat, struct done done)
{
	struct slack *slack = slack_of(chat);

	slack->quiescing = true;
	slack->quiesced = done;
	if (slack->pending == 0)
		close_sockets(slack);
	else
		loop_timer_set(slack->quiesce_timer, QUIESCE_ACKS_MS);
}

static void slack_free(struct chat *chat)
{
	struct slack *slack = slack_of(chat);

	if (chat == NULL)
		return;
	slack_sockets_free(slack->sockets);
	slack_web_free(slack->web);
	slack_groups_free(slack->groups);
	slack_uploads_free(slack->uploads);
	slack_streams_free(slack->streams);
	slack_mender_free(slack->mender);
	slack_status_free(slack->status);
	loop_timer_free(slack->identity_timer);
	loop_timer_free(slack->quiesce_timer);
	slack->dead = true; /* ears may still owe us a `durable` */
	if (slack->pending == 0)
		free_slack(slack);
}

static const struct chat_ops ops = {
	.post = slack_post, .edit = slack_edit, .find = slack_find, .respond = slack_respond,
	.upload = slack_upload_picture, .stream = slack_stream, .stream_say = slack_stream_say,
	.stream_end = slack_stream_end, .stream_mend = slack_mend, .status = slack_show_status,
	.permalink = slack_permalink, .watch_groups = slack_watch_groups,
	.in_group = slack_in_group, .describe = slack_describe, .ready = slack_ready,
	.quiesce = slack_quiesce, .free = slack_free,
};

static void describe_metrics(void)
{
	static const char *const table[][3] = {
		{ "tocsin_slack_connections", "gauge", "Socket Mode connections that said hello." },
		{ "tocsin_slack_hello_connections", "gauge", "Connections of this app that Slack counts." },
		{ "tocsin_slack_ghosts_total", "counter", "Times that Slack counted more than we hold." },
		{ "tocsin_slack_reconnects_total", "counter", "New connections wanted, by reason." },
		{ "tocsin_slack_frames_ignored_total", "counter", "Frames that are no message of Slack's." },
		{ "tocsin_slack_link_disabled_total", "counter", "Times that Socket Mode was found switched off." },
		{ "tocsin_slack_envelopes_ignored_total", "counter", "Envelopes with nothing for us." },
		{ "tocsin_slack_heard_total", "counter", "What people did, by kind." },
		{ "tocsin_slack_acks_total", "counter", "Acknowledgements, by outcome." },
		{ "tocsin_slack_waiting", "gauge", "Web API calls that wait for their turn." },
		{ "tocsin_slack_calls_ok_total", "counter", "Web API calls that succeeded." },
		{ "tocsin_slack_calls_limited_total", "counter", "Web API calls put off by Slack's rate limit." },
		{ "tocsin_slack_calls_retry_total", "counter", "Web API calls that did not happen." },
		{ "tocsin_slack_calls_unknown_total", "counter", "Web API calls that may have happened." },
		{ "tocsin_slack_calls_refused_total", "counter", "Web API calls that Slack refused." },
		{ "tocsin_slack_calls_full_total", "counter", "Web API calls turned away: too many wait." },
		{ "tocsin_slack_edits_coalesced_total", "counter", "Edits that a later one replaced in the queue." },
		{ "tocsin_slack_blocks_refused_total", "counter", "Messages sent as text, their blocks refused." },
		{ "tocsin_slack_pictures_refused_total", "counter", "Messages sent without their refused pictures." },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		metrics_describe(table[i][0], table[i][1], table[i][2]);
	slack_streams_describe_metrics();
}

struct chat *slack_new(const struct slack_options *options, struct err *err)
{
	struct slack *slack = mem_alloc(sizeof(*slack));
	struct slack_sockets_options sockets = {
		.loop = options->loop, .http = options->http, .api_url = options->api_url,
		.app_token = options->app_token, .connections = options->connections, .ca_file = options->ca_file,
		.proxy = options->proxy, .loopback = options->loopback, .envelope = on_envelope,
		.fatal = on_fatal, .arg = slack,
	};
	struct slack_web_options web = {
		.loop = options->loop, .http = options->http, .api_url = options->api_url,
		.token = options->bot_token, .fatal = on_fatal, .arg = slack,
	};

	slack->chat.ops = &ops;
	slack->options = *options;
	describe_metrics();
	slack->sockets = slack_sockets_new(&sockets, err);
	if (slack->sockets == NULL) {
		free(slack);
		return NULL;
	}
	slack->web = slack_web_new(&web);
	slack->groups = slack_groups_new(options->loop, slack->web);
	slack->uploads = slack_uploads_new(options->loop, slack->web, options->loopback,
	                                   SLACK_UPLOAD_DEADLINE_MS);
	slack->streams = slack_streams_new(options->loop, slack->web, &slack->self);
	slack->mender = slack_mender_new(options->loop, slack->web, &slack->self, slack->streams);
	slack->status = slack_status_new(slack->web);
	slack->identity_timer = loop_timer_new(options->loop, ask_identity, slack);
	slack->quiesce_timer = loop_timer_new(options->loop, on_quiesce_timer, slack);
	ask_identity(slack);
	return &slack->chat;
}
