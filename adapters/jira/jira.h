/*
 * jira.h - issues in Jira Cloud (REST v3, ADF) and Data Center (v2, wiki text).
 *
 * Contract of every asynchronous call: `done` completes exactly once, on the loop, never before the call
 * has returned. Requests are borrowed until the call returns. Out-parameters stay valid until
 * `done`, are written on success only, and what they point to is owned by the caller (free()).
 *
 * Outcome: success; ERR_RETRY (certainly did not happen, or may be repeated without harm; retry_after_ms is
 * Jira's wish); ERR_UNKNOWN (may have happened; only jira_create and jira_comment); ERR_REFUSED (never will:
 * the text says what Jira said and what to do); ERR_NOT_FOUND where it is said below; ERR_CANCELLED.
 * Each call has 20 s a try; what may be repeated is tried three times; waiting for Jira's limits and for
 * earlier calls is bounded too (calls.h).
 *
 * All texts are foreign and appear literally; a struct message is rendered as body.h says.
 * Metrics: tocsin_jira_calls_total{outcome}, tocsin_jira_retries_total,
 * tocsin_jira_limited_total{scope}, tocsin_jira_waiting.
 * Facts: Atlassian's OpenAPI of Jira Cloud v3; the REST reference of Jira Data Center (v2).
 */
#ifndef ADAPTERS_JIRA_JIRA_H
#define ADAPTERS_JIRA_JIRA_H

#include <stdint.h>

#include "bot/err.h"

struct http_client;
struct jira;
struct json_object;
struct loop;
struct message;
struct secret;

/* JIRA_AUTO: Cloud when the host's name says so (*.atlassian.net, api.atlassian.com); else what
 * serverInfo says, asked until answered; a Jira that answers but does not say is Data Center. */
enum jira_api { JIRA_AUTO, JIRA_CLOUD, JIRA_DATACENTER };

struct jira_options {        /* borrowed for jira's life */
	struct loop *loop;
	struct http_client *http;
	const char *url;         /* with or without slashes at the end, maybe with a context path */
	const char *user;        /* NULL: bearer token; else basic authentication */
	const struct secret *token;
	const char *project;     /* key */
	const char *issue_type;  /* name or id; the name in any case */
	enum jira_api api;
	/*
	 * Raw fields added to every create, as Jira wants them; or NULL. project, issuetype, summary and description
	 * are tocsin's own: such an entry is not used, and jira_check says so. labels are added to ours. A plain string
	 * for a rich-text field becomes a document on Cloud.
	 */
	struct json_object *fields;
};

/* Sends nothing yet. ERR_USAGE: the URL is none. */
struct jira *jira_new(const struct jira_options *options, struct err *err) MUST_CHECK;
/* Running calls complete with ERR_CANCELLED before it returns. Not from within a callback. */
void jira_free(struct jira *jira);

struct jira_draft {
	const char *key;     /* idempotency key of this issue: kept as its property "tocsin", {"key": key}; 1 to 64
	                        letters, digits and "-" */
	const char *label;   /* stable label of the alarm ("tocsin-" + 16 hex), or NULL */
	const char *summary; /* any text; becomes one line of at most 255 characters */
	const struct message *message; /* the description */
};

/*
 * *issue becomes "OPS-12". Not idempotent: ERR_UNKNOWN -> jira_find. What the create screen lacks or Jira refuses
 * and is not required (labels, description, a raw field, the property) is left out, with at most one more create;
 * *note then says which, in a sentence for people, else it becomes NULL. A missing required field or issue
 * type is ERR_REFUSED naming it, before anything is sent: on Cloud a refused create burns an issue number.
 */
void jira_create(struct jira *jira, const struct jira_draft *draft, char **issue, char **note, struct done done);

/* The issue that was created with this key since then; label: of its draft (where to look first), or NULL. Another
 * incident's issue of the same alarm has another key and is never taken. Search lags behind by seconds to
 * minutes: ERR_RETRY within 30 s of since_ms (none so far), then ERR_NOT_FOUND. */
void jira_find(struct jira *jira, const char *key, const char *label, int64_t since_ms, char **issue,
               struct done done);

/* mark: 1 to 64 letters, digits and "-"; a last small line by which the comment is found again. Not
 * idempotent: ERR_UNKNOWN -> jira_find_comment. */
void jira_comment(struct jira *jira, const char *issue, const char *mark, const struct message *message,
                  struct done done);
/* Success: such a comment is there. ERR_NOT_FOUND: it is not. An issue that is gone is ERR_REFUSED. */
void jira_find_comment(struct jira *jira, const char *issue, const char *mark, struct done done);

/*
 * to: a transition's id or name, a status name, or a status category (new, indeterminate, done); case
 * ignored; in this order of preference, but one without required fields before all others. Success
 * also when the issue has that status or category already, so that a repeat is harmless (a
 * transition's name does not tell its status: prefer status or category). ERR_REFUSED: no such
 * transition now (the text lists those there are), or its screen requires fields (named).
 */
void jira_transition(struct jira *jira, const char *issue, const char *to, struct done done);

/* Status of one issue; category: "new", "indeterminate", "done". ERR_NOT_FOUND: deleted or not visible. */
void jira_status(struct jira *jira, const char *issue, char **status, char **category, struct done done);

/* A remote link; the same global_id (at most 255 characters) again is an update. */
void jira_link(struct jira *jira, const char *issue, const char *global_id, const char *url,
               const char *title, struct done done);

/* user: accountId (Cloud) or name (Data Center). */
void jira_assign(struct jira *jira, const char *issue, const char *user, struct done done);

/* ".../browse/KEY"; free() it. Behind the gateway api.atlassian.com the site's own address is known only after
 * the first call has succeeded; before that it is the configured one. */
char *jira_issue_url(const struct jira *jira, const char *issue);

/*
 * Read-only: login, project, issue type, required fields that neither tocsin nor `fields` fills, permissions.
 * *findings: one sentence a line with what to do, "" when all is well. Success as soon as Jira
 * answered, whatever it said. Also reads the create metadata anew.
 */
void jira_check(struct jira *jira, char **findings, struct done done);

#endif
