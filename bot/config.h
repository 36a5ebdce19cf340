/*
 * config.h - the configuration file (YAML), read and checked as a whole.
 *
 * Every error names file, line, key, what is wrong and what to do. All errors of a file are
 * reported at once (at most 20). ${NAME} and file:PATH are resolved here; secrets live in struct
 * secret and are registered with the log's filter. Paths are absolute after loading. A loaded
 * configuration is immutable; SIGHUP makes a new one.
 */
#ifndef BOT_CONFIG_H
#define BOT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/secret.h"

struct str;

struct config_list { /* of strings */
	char **items; /* ended by NULL */
	size_t count;
};

struct config_route {
	char *alarm;     /* glob; NULL = any */
	char *account;
	char *namespace_;
	char *state;
	char *channel;
};

struct config_account {
	char *id, *name, *role_arn;
};

struct config_pair {
	char *name, *value;
};

/* Sections that later parts of tocsin read are checked now and kept with them; see config.c. */
struct config {
	char *path; /* of the file itself */
	struct {
		char *address;
		int port;
		char *certificate, *key; /* NULL: plain */
	} http;
	struct {
		char *api_url; /* ends with '/' */
		bool loopback; /* api_url is a loopback address: ws:// and TOCSIN_TIME_SCALE are allowed */
		struct secret app_token, bot_token;
		char *channel;
		int connections; /* 1 ... 10 */
	} slack;
	struct {
		struct config_list topics;
		int64_t max_age_ms;
	} sns;
	struct {
		char *region; /* default: of the first topic */
		struct config_account *accounts;
		size_t account_count;
	} aws;
	struct {
		struct config_route *items;
		size_t count;
	} routes;
	struct {
		int64_t reopen_within_ms; /* a re-fire this soon after the end reopens the incident; 30m */
	} incidents;
	struct {
		char *path;
	} state;
	struct {
		char *ca_file; /* NULL: the system's */
		struct config_list connect_to;
		char *proxy; /* NULL: none */
	} network;
	struct config_list unbuilt; /* sections present that this version checks but does not use yet */
};

/* NULL and all errors, a line each, in *problems. */
struct config *config_load(const char *path, struct str *problems);
void config_free(struct config *config);
/* The keys that differ and need a restart ("http.listen", "state.path", ...), comma-separated into *keys. */
bool config_needs_restart(const struct config *old, const struct config *now, struct str *keys);
/* Display name of an account id: its configured name, or the id. */
const char *config_account_name(const struct config *config, const char *account);

/* "30s", "5m", "1h", "14d" to ms; false on anything else. */
bool config_parse_duration(const char *text, int64_t *ms);

#endif
