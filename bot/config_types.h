/*
 * config_types.h - the types of single values: how each is checked, brought into its normal form
 * and stored.
 *
 * A check may replace node->text by its normal form (an absolute path, a URL with its last slash,
 * the text of a secret's or a prompt's file). On false *err says "what is wrong; what to do", without the key
 * and without any part of a secret.
 */
#ifndef BOT_CONFIG_TYPES_H
#define BOT_CONFIG_TYPES_H

#include <stdbool.h>

#include "bot/err.h"

struct config_key;
struct config_node;
struct config_source;

/* What a stored value is in memory. */
enum config_slot {
	CONFIG_SLOT_NONE,     /* no key of this type is kept */
	CONFIG_SLOT_STRING,   /* char *, owned */
	CONFIG_SLOT_SECRET,   /* struct secret */
	CONFIG_SLOT_DURATION, /* int64_t, milliseconds */
	CONFIG_SLOT_SIZE,     /* int64_t, bytes */
	CONFIG_SLOT_INTEGER,  /* int */
	CONFIG_SLOT_NUMBER,   /* double; NaN when the file says nothing */
	CONFIG_SLOT_WORD,     /* int-sized enum: the index in the key's words */
	CONFIG_SLOT_BOOLEAN,  /* bool */
};

/* One value under test. */
struct config_check {
	struct config_node *node; /* a scalar that is not empty */
	const struct config_key *key;
	const struct config_source *source;
	struct err *err;
};

struct config_type {
	const char *name; /* as docs/CONFIGURATION.md writes it */
	bool (*check)(const struct config_check *check);
	enum config_slot slot;
};

/* Returns false; *err becomes the value, as far as it may be shown, and these words. */
bool config_refuse(const struct config_check *check, const char *what);

/* config_types.c. Limits are the key's `least` and `most` where the type has a range. */
extern const struct config_type config_string;   /* one line */
extern const struct config_type config_text;     /* any lines */
extern const struct config_type config_word;     /* one of the key's words */
extern const struct config_type config_choice;   /* one of the key's words, stored as a string */
extern const struct config_type config_boolean;  /* true or false */
extern const struct config_type config_integer;  /* least ... most */
extern const struct config_type config_number;   /* least ... most */
extern const struct config_type config_band;     /* true, or a number above 0, which true becomes; false: 0 */
extern const struct config_type config_duration; /* least ... most, milliseconds */
extern const struct config_type config_size;     /* least ... most, bytes */
extern const struct config_type config_secret;   /* one line; file:PATH */
extern const struct config_type config_path;     /* made absolute; need not exist */
extern const struct config_type config_file;     /* made absolute; must be readable */
extern const struct config_type config_prompt;   /* a file; its text: UTF-8, at most 32 KiB */
extern const struct config_type config_name;     /* letters, digits, '-', '_'; a letter first */
extern const struct config_type config_cron;     /* five fields */
extern const struct config_type config_timezone; /* "Asia/Tokyo" */

/* config_types_net.c */
extern const struct config_type config_listen;     /* ADDRESS:PORT */
extern const struct config_type config_secure_url; /* https; http for loopback; ends with / */
extern const struct config_type config_url;        /* http:// or https://; ends with / */
extern const struct config_type config_proxy;      /* http://HOST:PORT */
extern const struct config_type config_connect_to; /* HOST:PORT:CONNECT-HOST:CONNECT-PORT */

/* config_types_ids.c */
extern const struct config_type config_app_token;    /* a secret that begins with xapp- */
extern const struct config_type config_bot_token;    /* a secret that begins with xoxb- */
extern const struct config_type config_channel;      /* C0123456789 */
extern const struct config_type config_slack_user;   /* U0123456789 */
extern const struct config_type config_member;       /* U0123456789 or "@group" */
extern const struct config_type config_topic;        /* ARN of a standard SNS topic */
extern const struct config_type config_role;         /* ARN of an IAM role */
extern const struct config_type config_region;       /* us-east-1 */
extern const struct config_type config_account_id;   /* 12 digits */
extern const struct config_type config_model;        /* id or ARN of a Bedrock model */
extern const struct config_type config_guardrail;    /* id or ARN of a Bedrock guardrail */
extern const struct config_type config_guardrail_version; /* 1 ... 99999999, DRAFT */
extern const struct config_type config_log_group;    /* name of a CloudWatch log group, with * and ? */
extern const struct config_type config_project;      /* key of a Jira project */
extern const struct config_type config_table;        /* name of a DynamoDB table */
extern const struct config_type config_metric_id;    /* CloudWatch's: a lower-case letter first */
extern const struct config_type config_statistic;    /* Average, p90 ... */

/* What config_statistic takes. */
bool config_is_statistic(const char *text);
bool config_is_region(const char *text);  /* "us-east-1" */
bool config_is_account(const char *text); /* 12 digits */
/* True for 127.0.0.0/8, ::1 (without brackets) and localhost. */
bool config_host_is_loopback(const char *host);
/* As above for the host of a URL that passed its check. */
bool config_url_is_loopback(const char *url);
/* "127.0.0.1:8080" or "[::1]:8080" to address (owned by the caller) and port; false otherwise. */
bool config_split_listen(const char *text, char **address, int *port);

#endif
