/*
 * pages.h - a list that one of AWS's JSON services gives page by page. Private to the services of this folder.
 *
 * What came before something went wrong is worth telling: only a first page that fails fails the whole. A page's
 * token that was given before, too many pages and the deadline (30 s for all of them) end the reading, too.
 */
#ifndef ADAPTERS_AWS_PAGES_H
#define ADAPTERS_AWS_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/aws/client.h"

/* Takes what a page has. False: enough was seen, or *err says what is wrong with it (else it is all zero). */
typedef bool aws_page_fn(void *arg, struct json_object *page, struct err *err);
/* more: there is more than was given. answer and err: as of aws_answer_fn. */
typedef void aws_pages_fn(void *arg, bool more, const struct aws_answer *answer, const struct err *err);

struct aws_pages {
	const struct aws_service *service; /* a JSON one */
	const char *operation;
	struct aws_target target;
	struct json_object *body;  /* of the first request; given up */
	const char *token;         /* the member that leads to the next page, in answers and requests */
	const char *expected_code; /* as in struct aws_request */
	unsigned max;              /* pages */
	/* For what AWS lets be called only so often: when the next call may be made (of struct aws_shared), and how
	 * long after it another one. NULL: no matter. */
	int64_t *turn_ms;
	int64_t every_ms;
	aws_page_fn *page;
	aws_pages_fn *done; /* once, never before aws_pages_read has returned */
	void *arg;
};

void aws_pages_read(struct aws *aws, const struct aws_pages *pages);

/* --- what pages hold --- */

/* A new string of at most `max` bytes, cut between characters; NULL when there is none, or it is empty. */
char *aws_text(struct json_object *json, const char *path, size_t max);
/* A time as JSON services give it, seconds since 1970 or ISO 8601, in ms; 0: none. */
int64_t aws_time_ms(struct json_object *json, const char *path);

#endif
