/*
 * message.h - what is said in a chat, independent of the chat.
 *
 * Every text in here is plain: an adapter escapes it for its own markup, cuts it to its own
 * limits (saying what was cut), and never lets it mention people or make links. Only spans of
 * type time, code, link, person and bold carry form. Everything is owned by the message's scope.
 */
#ifndef BOT_MESSAGE_H
#define BOT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/mem.h"

enum message_tone { /* colour bar; never the only carrier of the state */
	TONE_NEUTRAL,
	TONE_FIRING,
	TONE_NO_DATA,
	TONE_ACKNOWLEDGED,
	TONE_RESOLVED,
	TONE_SILENCED,
	TONE_WARNING,
};

enum message_span_type { SPAN_TEXT, SPAN_BOLD, SPAN_CODE, SPAN_TIME, SPAN_LINK, SPAN_PERSON };

struct message_span {
	struct message_span *next;
	enum message_span_type type;
	const char *text; /* of a link: its label; SPAN_PERSON: the chat's id of somebody */
	const char *url;  /* SPAN_LINK: https (http for loopback), made by us */
	int64_t wall_ms;  /* SPAN_TIME: shown in the reader's zone, with a UTC fallback */
};

struct message_line { /* a run of spans */
	struct message_span *first, *last;
};

enum message_part_type {
	PART_FIELD,   /* name and a short line; consecutive ones share rows */
	PART_TEXT,    /* a paragraph */
	PART_MARKDOWN, /* a text with form of its own: a model's */
	PART_CODE,    /* preformatted text, kept whole as far as the chat allows */
	PART_CONTEXT, /* small print */
	PART_ACTION,  /* a button, or a menu where it has choices; consecutive ones share a row */
	PART_IMAGE,   /* a picture that chat_ops.upload took; a chat that refuses it loses the picture only */
};

enum message_style { STYLE_PLAIN, STYLE_PRIMARY, STYLE_DANGER };

/* One line of a menu. */
struct message_choice {
	const char *label;
	const char *value; /* what comes back when it is chosen, at most 150 bytes */
};

struct message_part {
	struct message_part *next;
	enum message_part_type type;
	const char *name;         /* field: its name; action: its id, starting with the command's word */
	struct message_line line; /* field, text, context; action: its label */
	const char *code;         /* PART_CODE, PART_MARKDOWN */
	const char *value;        /* action: what comes back with the click, at most 2,000 bytes */
	enum message_style style; /* action */
	const char *confirm;      /* action: question asked first; NULL: none */
	const struct message_choice *choices; /* of a menu; NULL: a button */
	size_t choice_count;
	const char *image;        /* image: the id that upload gave; its name is its title, may be NULL */
	const char *alt;          /* image: what it shows, in words */
};

struct message {
	struct mem mem;
	enum message_tone tone;
	const char *headline; /* state word, what, where: "ALARM  checkout p99  prod/eu-west-1" */
	const char *text;     /* the whole news as one plain sentence: phone push, screen readers */
	struct message_part *first, *last;
};

void message_init(struct message *message, enum message_tone tone);
void message_free(struct message *message);
void message_headline(struct message *message, const char *format, ...) PRINTF(2, 3);
void message_text(struct message *message, const char *format, ...) PRINTF(2, 3);

struct message_line *message_field(struct message *message, const char *name);
struct message_line *message_paragraph(struct message *message);
struct message_line *message_context(struct message *message);
void message_code(struct message *message, const char *text);
/* Markdown in UTF-8, foreign like any other text: no mention, link or picture comes of it. */
void message_markdown(struct message *message, const char *markdown);
void message_action(struct message *message, const char *id, const char *label, const char *value,
                    enum message_style style, const char *confirm);
/* A menu beside the buttons. label: what stands on it; NULL: three dots, for what is seldom wanted (at most 5 choices).
 * choices are copied; at least one. */
void message_menu(struct message *message, const char *id, const char *label, const struct message_choice *choices,
                  size_t count, const char *confirm);

/* image: an id from chat_ops.upload. alt: what it shows, for those who do not see it. title may be NULL. */
void message_image(struct message *message, const char *image, const char *title, const char *alt);

/* Appending to a line; texts are copied into the message's scope. */
void message_say(struct message *message, struct message_line *line, const char *format, ...) PRINTF(3, 4);
void message_bold(struct message *message, struct message_line *line, const char *text);
void message_inline_code(struct message *message, struct message_line *line, const char *text);
void message_time(struct message *message, struct message_line *line, int64_t wall_ms);
/* Somebody the chat told us of, by id; never an id out of a text. */
void message_person(struct message *message, struct message_line *line, const char *id);
void message_link(struct message *message, struct message_line *line, const char *url, const char *label);

/* The message as plain text (UTC times): logs, tests, chats without markup. free() it. */
char *message_plain(const struct message *message);

#endif
