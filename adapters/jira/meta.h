/*
 * meta.h - what the create screen of the project and issue type takes: read once, kept, read again
 * after a refusal. Two calls, both paged (the old one-call createmeta is gone from Data Center 9 and
 * deprecated on Cloud). Cloud lists under "issueTypes" and "fields", Data Center under "values".
 */
#ifndef ADAPTERS_JIRA_META_H
#define ADAPTERS_JIRA_META_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"

struct jira;
struct json_object;
struct waiter;

struct jira_meta {
	bool known;
	int64_t read_ms;            /* monotonic, when known */
	char *type_id;              /* NULL: the project has no such type */
	char *type_names;           /* "Task, Bug"; "" when none can be created */
	struct json_object *fields; /* array as Jira gives it; NULL without a type */
	bool reading;
	struct waiter *waiters;
};

/*
 * fn(arg, NULL) when it is known; at once when it was read within max_age_ms (not scaled). On an error the
 * metadata stays as it was: ERR_REFUSED, Jira does not show it; ERR_RETRY, ask later.
 */
void jira_meta_read(struct jira *jira, int64_t max_age_ms, void (*fn)(void *arg, const struct err *err), void *arg);
void jira_meta_forget(struct jira_meta *meta); /* frees all; the next read asks Jira */

/* The description of a field, NULL when it is not on the screen or nothing is known. Borrowed. */
struct json_object *jira_meta_field(const struct jira_meta *meta, const char *id);
const char *jira_meta_field_id(struct json_object *field);
/* Required, and Jira fills it neither by a default nor by itself. */
bool jira_meta_is_required(struct json_object *field);
/* Takes ADF on Cloud. */
bool jira_meta_is_rich(struct json_object *field);

#endif
