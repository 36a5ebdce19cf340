/*
 * chat.h - what the program needs from a chat; an adapter fills the ops.
 *
 * Outcome of a post or edit, after the adapter's own pacing (it obeys the provider's rate limits
 * and waits them out itself): success; ERR_RETRY (did not happen); ERR_UNKNOWN (may have
 * happened: use chat_find); ERR_REFUSED (never will: the text says what a person must do).
 */
#ifndef BOT_CHAT_H
#define BOT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"

struct chat;
struct chat_stream;
struct message;
struct str;

enum chat_priority { CHAT_URGENT, CHAT_NORMAL, CHAT_BACKGROUND }; /* order within a channel's queue */

struct chat_post {
	const char *channel;
	const char *thread;  /* id of the thread's first message; NULL: the channel itself */
	bool broadcast;      /* a thread reply that is shown in the channel too */
	const char *key;     /* idempotency key, stored with the message (metadata) */
	enum chat_priority priority;
	const struct message *message; /* borrowed until the call returns */
};

/* Where a text is streamed to. Borrowed until the call returns. */
struct chat_stream_place {
	const char *channel;
	const char *thread; /* id of the thread's first message; never NULL */
	const char *user;   /* who asked: streams outside of direct messages have a recipient */
};

struct chat_stream_ears {
	void (*stopped)(void *arg); /* a person pressed the chat's own stop button; may be NULL */
	void *arg;
};

enum chat_membership {
	CHAT_IS_MEMBER,
	CHAT_NO_MEMBER,
	CHAT_MEMBERS_UNKNOWN, /* the group could not be read so far */
};

struct chat_ops {
	/* *id (owned string, mem_set_string) becomes the new message's id within its channel. */
	void (*post)(struct chat *chat, const struct chat_post *post, char **id, struct done done);
	/* Replaces a message of ours. Idempotent. A later edit of the same message that still waits
	 * replaces the earlier one, whose done completes with success. */
	void (*edit)(struct chat *chat, const char *channel, const char *id,
	             const struct message *message, enum chat_priority priority, struct done done);
	/* Was there a message of ours with this key since then? Success: *id set. ERR_NOT_FOUND: no.
	 * thread as in the post. since_ms: wall clock. */
	void (*find)(struct chat *chat, const char *channel, const char *thread, const char *key,
	             int64_t since_ms, char **id, struct done done);
	/* A private answer to somebody who used a slash command or a button; at most once. */
	void (*respond)(struct chat *chat, const char *response_url, const struct message *message,
	                struct done done);
	/*
	 * Hands a PNG picture to the chat, unseen by anybody until a message of ours shows it by message_image;
	 * *image (owned string) is its id, good for any number of messages. name: of the file; alt: what it shows.
	 * Repeating does no harm: nobody sees a picture that is not shown. Success: a message may show it now;
	 * ERR_RETRY: not yet, after the adapter's own tries, in two minutes at most; ERR_REFUSED as of a post.
	 * png is copied.
	 */
	void (*upload)(struct chat *chat, const char *name, const char *alt, const unsigned char *png, size_t size,
	               char **image, struct done done);
	/*
	 * Text that is read while it is written, in one message or, at the chat's limits of size and time, in
	 * several. It is Markdown in UTF-8, foreign like any other: no mention, link or picture comes of it. The
	 * adapter paces, buffers and rolls over; where the chat does not stream (any more), it posts and edits
	 * instead. Nothing is shown before the first text; that is sent at once. Never fails at once: what fails for
	 * good is told at the end.
	 */
	struct chat_stream *(*stream)(struct chat *chat, const struct chat_stream_place *place,
	                              struct chat_stream_ears ears);
	void (*stream_say)(struct chat_stream *stream, const char *markdown, size_t length);
	/* No more text; the parts of `last` (NULL: none; about 3,600 bytes of them, its tone is not shown) stand
	 * below it. done: all of it is shown, or an error as of a post, within some minutes. Every stream must be
	 * ended; it is gone when this returns. */
	void (*stream_end)(struct chat_stream *stream, const struct message *last, struct done done);
	/* After a crash: whatever a process before this one left streaming in that thread since then is ended, as it
	 * is, with `last` below it. When nothing had been shown, `last` becomes a message; when all of it had been
	 * ended, nothing is added. Idempotent. */
	void (*stream_mend)(struct chat *chat, const struct chat_stream_place *place, int64_t since_ms,
	                    const struct message *last, struct done done);
	/* "is reading 4 metrics" beside the bot's name in that thread, where the chat has such a thing; NULL:
	 * nothing any more. Best effort. */
	void (*status)(struct chat *chat, const struct chat_stream_place *place, const char *text);
	/* The message's own address for people; NULL while it is not known. free() it. */
	char *(*permalink)(struct chat *chat, const char *channel, const char *id);
	/* Keeps the members of these groups ("@oncall", ended by NULL; borrowed) at hand from now on. */
	void (*watch_groups)(struct chat *chat, char *const *groups);
	enum chat_membership (*in_group)(struct chat *chat, const char *group, const char *user);
	/* One line per connection for people ("socket 1: connected 3 h, 2 of 2 seen by Slack"). */
	void (*describe)(struct chat *chat, struct str *out);
	/* At least one connection is up: for /readyz. why: what is missing, for people. */
	bool (*ready)(struct chat *chat, struct err *why);
	/* Stop hearing; close the sockets properly; done when that is over or 2 s passed. */
	void (*quiesce)(struct chat *chat, struct done done);
	void (*free)(struct chat *chat);
};

struct chat {
	const struct chat_ops *ops; /* first member of each adapter's own struct */
};

enum chat_heard_type {
	HEARD_SLASH,   /* a slash command: word and text */
	HEARD_MENTION, /* the bot was named in a channel or thread; text without the mention */
	HEARD_DIRECT,  /* a direct message */
	HEARD_REPLY,   /* a reply, without mention, in any thread */
	HEARD_CLICK,   /* a button or menu of ours */
};

/* Something a person did. All texts are foreign; NULL where absent. Borrowed during the call. */
struct chat_heard {
	enum chat_heard_type type;
	const char *key;          /* unique for this act, the same on redelivery: dedupe with it */
	const char *user;         /* id */
	const char *channel;      /* id */
	const char *thread;       /* where an answer belongs; NULL: the channel */
	const char *message;      /* id of the message that was typed or clicked on */
	const char *word;         /* slash: without the slash ("top"); click: the action id */
	const char *text;         /* the rest of the line; click: the action's value */
	const char *response_url; /* for respond; a secret: never logged */
};

/* The program's side. durable must be completed exactly once, later: NULL error = stored, so the
 * adapter acknowledges; an error = not stored, so it does not and the chat delivers again. */
struct chat_ears {
	void (*heard)(void *arg, const struct chat_heard *heard, struct done durable);
	void *arg;
};

#endif
