/*
 * address.h - where a Jira site is: URLs are put together from parts, never edited as text.
 */
#ifndef ADAPTERS_JIRA_ADDRESS_H
#define ADAPTERS_JIRA_ADDRESS_H

#include <stdbool.h>

#include "bot/err.h"

struct str;

struct jira_address {
	char *base;      /* "https://host:port/context", without a slash at the end */
	bool cloud_host; /* the host's name says Cloud: *.atlassian.net or the gateway */
	bool gateway;    /* api.atlassian.com/ex/jira/ID: for scoped tokens; people browse elsewhere */
};

/* url: http or https, any number of slashes at the end, maybe with a context path. */
bool jira_address_read(struct jira_address *address, const char *url, struct err *err) MUST_CHECK;
void jira_address_free(struct jira_address *address);

/* Project keys, issue keys and ids in a path: anything that is not unreserved is percent-encoded. */
void jira_address_add(struct str *path, const char *segment);
/* "OPS-12". */
bool jira_address_is_issue(const char *text);

#endif
