/*
 * credentials_plan.h - which source of credentials is configured: environment and files, no network.
 *
 * The order is described in credentials_chain.h. The first configured source decides.
 */
#ifndef ADAPTERS_AWS_CREDENTIALS_PLAN_H
#define ADAPTERS_AWS_CREDENTIALS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "bot/err.h"
#include "bot/mem.h"

struct aws_profiles;

enum aws_base {
	AWS_BASE_KEYS,         /* key_id, key, token */
	AWS_BASE_WEB_IDENTITY, /* token_file, role */
	AWS_BASE_PROCESS,      /* process */
	AWS_BASE_CONTAINER,    /* url */
	AWS_BASE_METADATA,
};

struct aws_plan_role {
	const char *arn, *session, *external_id; /* external_id: NULL for none */
	int64_t duration_s;                      /* 0: the default */
};

#define AWS_PLAN_ROLES 5
struct aws_plan {
	struct mem mem; /* owns every string */
	enum aws_base base;
	const char *source;      /* for people: "the environment", "profile \"x\"" */
	const char *key_id, *key, *token; /* token may be NULL */
	const char *token_file;
	struct aws_plan_role web_role;
	const char *process;     /* the command line of credential_process */
	const char *container_url;
	const char *region;      /* for STS; NULL: the usual */
	/* Roles to assume with the base's credentials, one after the other. */
	struct aws_plan_role roles[AWS_PLAN_ROLES];
	unsigned role_count;
};

/* ERR_REFUSED: what is configured is incomplete or not supported, or nothing is and the instance's
 * metadata is switched off; the text says what to do. aws_plan_free it in either case. */
bool aws_plan_make(struct aws_plan *plan, const struct aws_profiles *profiles, struct err *err) MUST_CHECK;
void aws_plan_free(struct aws_plan *plan);

#endif
