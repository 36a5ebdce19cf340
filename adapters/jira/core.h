/*
 * core.h - what the files of adapters/jira share; private to them.
 *
 * Every operation is a struct of its own that lives from the public call to its `done`. It first waits
 * until the kind of site is known (jira_core_ready), then makes one call after the other. jira_free
 * ends all calls with ERR_CANCELLED, and with them all operations.
 */
#ifndef ADAPTERS_JIRA_CORE_H
#define ADAPTERS_JIRA_CORE_H

#include <stdbool.h>

#include "adapters/jira/address.h"
#include "adapters/jira/calls.h"
#include "adapters/jira/jira.h"
#include "adapters/jira/meta.h"

#define JIRA_PROPERTY "tocsin"
#define JIRA_SUMMARY_MAX 255

struct str;
struct waiter;

struct jira {
	struct jira_options options;
	struct jira_address address;
	struct jira_calls *calls;
	enum jira_api api;       /* JIRA_AUTO: not known yet */
	char *browse_base;       /* the site's own address, when it differs from address.base */
	bool asking;             /* serverInfo is under way */
	struct waiter *waiters;  /* for that */
	struct jira_meta meta;
};

typedef void jira_ready_fn(void *arg, const struct err *err);
/* fn(arg, NULL) once the kind of site is known: at once when it is. */
void jira_core_ready(struct jira *jira, jira_ready_fn *fn, void *arg);

bool jira_core_is_cloud(const struct jira *jira);
/* Appends "3/" or "2/": where paths begin. */
void jira_core_path(const struct jira *jira, struct str *path);

/* Completes done later with this error. */
void jira_core_fail_later(struct jira *jira, const struct err *err, struct done done);
/* False, and done will complete with ERR_REFUSED, when it is no issue key. */
bool jira_core_check_issue(struct jira *jira, const char *issue, struct done done);

/* A message in the forms that may be needed, made before the kind of site is known. */
struct jira_body {
	struct json_object *adf;
	char *wiki;
};
void jira_core_render(const struct jira *jira, struct jira_body *body, const struct message *message,
                      const char *mark);
/* The one for this kind of site, as a JSON value that the caller owns. */
struct json_object *jira_core_body(const struct jira *jira, const struct jira_body *body);
void jira_core_free_body(struct jira_body *body);

#endif
