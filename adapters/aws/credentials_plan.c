#include "adapters/aws/credentials_plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapters/aws/profile.h"
#include "bot/str.h"

#define CONTAINER_HOST "http://169.254.170.2"
#define SESSION "tocsin"

static bool aws_metadata_disabled(void)
{
	const char *value = aws_env("AWS_EC2_METADATA_DISABLED");

	return value != NULL && strcasecmp(value, "true") == 0;
}

void aws_plan_free(struct aws_plan *plan)
{
	mem_free_all(&plan->mem);
}

/* --- environment --- */

static bool take_environment(struct aws_plan *plan, struct err *err)
{
	const char *id = aws_env("AWS_ACCESS_KEY_ID"), *key = aws_env("AWS_SECRET_ACCESS_KEY");

	if (id == NULL || key == NULL)
		return err_set(err, ERR_REFUSED, "%s is set without %s: set both or neither",
		               id != NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
		               id != NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	plan->base = AWS_BASE_KEYS;
	plan->source = "the environment";
	plan->key_id = mem_strdup(&plan->mem, id);
	plan->key = mem_strdup(&plan->mem, key);
	plan->token = mem_strdup(&plan->mem, aws_env("AWS_SESSION_TOKEN"));
	return true;
}

static bool take_web_environment(struct aws_plan *plan, struct err *err)
{
	const char *role = aws_env("AWS_ROLE_ARN"), *session = aws_env("AWS_ROLE_SESSION_NAME");

	if (role == NULL)
		return err_set(err, ERR_REFUSED, "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN: set both");
	plan->base = AWS_BASE_WEB_IDENTITY;
	plan->source = "AWS_WEB_IDENTITY_TOKEN_FILE";
	plan->token_file = mem_strdup(&plan->mem, aws_env("AWS_WEB_IDENTITY_TOKEN_FILE"));
	plan->web_role.arn = mem_strdup(&plan->mem, role);
	plan->web_role.session = mem_strdup(&plan->mem, session != NULL ? session : SESSION);
	return true;
}

static bool take_container(struct aws_plan *plan)
{
	const char *relative = aws_env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = aws_env("AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative == NULL && full == NULL)
		return false;
	plan->base = AWS_BASE_CONTAINER;
	plan->source = "the container";
	if (relative != NULL)
		plan->container_url = mem_printf(&plan->mem, CONTAINER_HOST "%s%s", *relative == '/' ? "" : "/",
		                                 relative);
	else
		plan->container_url = mem_strdup(&plan->mem, full);
	return true;
}

/* --- profiles --- */

struct walk {
	struct aws_plan *plan;
	const struct aws_profiles *profiles;
	struct err *err;
	const char *seen[AWS_PLAN_ROLES + 1];
	unsigned depth;
};

static const char *get(const struct walk *w, const char *profile, const char *key)
{
	return aws_profile_get(w->profiles, profile, key);
}

static const char *keep(const struct walk *w, const char *text)
{
	return mem_strdup(&w->plan->mem, text);
}

static struct aws_plan_role read_role(const struct walk *w, const char *profile)
{
	const char *session = get(w, profile, "role_session_name"), *duration = get(w, profile, "duration_seconds");

	return (struct aws_plan_role){
		.arn = keep(w, get(w, profile, "role_arn")),
		.session = keep(w, session != NULL ? session : SESSION),
		.external_id = keep(w, get(w, profile, "external_id")),
		.duration_s = duration != NULL ? strtoll(duration, NULL, 10) : 0,
	};
}

static bool take_keys(struct walk *w, const char *profile)
{
	const char *id = get(w, profile, "aws_access_key_id"), *key = get(w, profile, "aws_secret_access_key");

	if (id == NULL || key == NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" has only one of aws_access_key_id and "
		               "aws_secret_access_key: add the other", profile);
	w->plan->base = AWS_BASE_KEYS;
	w->plan->key_id = keep(w, id);
	w->plan->key = keep(w, key);
	w->plan->token = keep(w, get(w, profile, "aws_session_token"));
	return true;
}

static bool take_web_profile(struct walk *w, const char *profile)
{
	if (get(w, profile, "role_arn") == NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" has web_identity_token_file without role_arn: "
		               "add it", profile);
	w->plan->base = AWS_BASE_WEB_IDENTITY;
	w->plan->token_file = keep(w, get(w, profile, "web_identity_token_file"));
	w->plan->web_role = read_role(w, profile);
	return true;
}

static bool take_credential_source(struct walk *w, const char *profile, const char *source)
{
	if (strcmp(source, "Environment") == 0)
		return take_environment(w->plan, w->err);
	if (strcmp(source, "Ec2InstanceMetadata") == 0) {
		w->plan->base = AWS_BASE_METADATA;
		return !aws_metadata_disabled() ||
		       err_set(w->err, ERR_REFUSED, "profile \"%.60s\" wants the instance's metadata, which "
		               "AWS_EC2_METADATA_DISABLED switches off", profile);
	}
	if (strcmp(source, "EcsContainer") != 0)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\": credential_source is none of Environment, "
		               "Ec2InstanceMetadata and EcsContainer", profile);
	return take_container(w->plan) ||
	       err_set(w->err, ERR_REFUSED, "profile \"%.60s\" wants the container's credentials, but "
	               "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set", profile);
}

static bool has_keys(const struct walk *w, const char *profile)
{
	return get(w, profile, "aws_access_key_id") != NULL || get(w, profile, "aws_secret_access_key") != NULL;
}

static bool walk_profile(struct walk *w, const char *profile);

/* The role of `profile`, assumed with what source_profile or credential_source gives. */
static bool take_role(struct walk *w, const char *profile)
{
	const char *source = get(w, profile, "source_profile"), *named = get(w, profile, "credential_source");

	if (source == NULL && named == NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" has role_arn, but neither source_profile nor "
		               "credential_source: add one", profile);
	if (source != NULL && named != NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" has both source_profile and "
		               "credential_source: remove one", profile);
	if (get(w, profile, "mfa_serial") != NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" asks for an MFA code, which nobody can type "
		               "here: use a role without mfa_serial", profile);
	if (named != NULL ? !take_credential_source(w, profile, named) :
	    strcmp(source, profile) == 0 && has_keys(w, profile) ? !take_keys(w, profile) : !walk_profile(w, source))
		return false;
	w->plan->roles[w->plan->role_count++] = read_role(w, profile);
	return true;
}

/* A chain of profiles ends at one with credentials; each link is a role more to assume. */
static bool walk_profile(struct walk *w, const char *profile)
{
	for (unsigned i = 0; i < w->depth; i++)
		if (strcmp(w->seen[i], profile) == 0)
			return err_set(w->err, ERR_REFUSED, "the source_profile of \"%.60s\" leads in a circle",
			               profile);
	if (w->depth == AWS_PLAN_ROLES)
		return err_set(w->err, ERR_REFUSED, "more than %d roles in a chain of profiles", AWS_PLAN_ROLES);
	if (w->depth > 0 && !aws_profile_exists(w->profiles, profile))
		return err_set(w->err, ERR_REFUSED, "source_profile \"%.60s\" does not exist: correct it", profile);
	w->seen[w->depth++] = profile;
	if (get(w, profile, "web_identity_token_file") != NULL)
		return take_web_profile(w, profile);
	if (get(w, profile, "role_arn") != NULL && (w->depth == 1 || !has_keys(w, profile)))
		return take_role(w, profile);
	if (get(w, profile, "sso_session") != NULL || get(w, profile, "sso_start_url") != NULL)
		return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" uses SSO, whose log-in ends after hours: use "
		               "an instance profile, a role or credential_process (aws configure export-credentials)",
		               profile);
	if (has_keys(w, profile))
		return take_keys(w, profile);
	if (get(w, profile, "credential_process") != NULL) {
		w->plan->base = AWS_BASE_PROCESS;
		w->plan->process = keep(w, get(w, profile, "credential_process"));
		return true;
	}
	return err_set(w->err, ERR_REFUSED, "profile \"%.60s\" holds no credentials", profile);
}

/* The profile says something about credentials; one that only names a region does not. */
static bool is_source(const struct aws_profiles *profiles, const char *profile)
{
	static const char *const keys[] = { "aws_access_key_id", "aws_secret_access_key", "role_arn",
		"web_identity_token_file", "sso_session", "sso_start_url", "credential_process", "source_profile" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (aws_profile_get(profiles, profile, keys[i]) != NULL)
			return true;
	return false;
}

static bool take_profile(struct aws_plan *plan, const struct aws_profiles *profiles, const char *profile,
                         struct err *err)
{
	struct walk w = { .plan = plan, .profiles = profiles, .err = err };

	if (!walk_profile(&w, profile))
		return false;
	plan->source = mem_printf(&plan->mem, "profile \"%s\"", profile);
	return true;
}

bool aws_plan_make(struct aws_plan *plan, const struct aws_profiles *profiles, struct err *err)
{
	const char *profile = aws_profile_name(), *region = aws_env("AWS_REGION");
	bool named = aws_env("AWS_PROFILE") != NULL || aws_env("AWS_DEFAULT_PROFILE") != NULL;

	*plan = (struct aws_plan){ 0 };
	if (region == NULL)
		region = aws_env("AWS_DEFAULT_REGION");
	if (region == NULL)
		region = aws_profile_get(profiles, profile, "region");
	plan->region = mem_strdup(&plan->mem, region);
	if (aws_env("AWS_ACCESS_KEY_ID") != NULL || aws_env("AWS_SECRET_ACCESS_KEY") != NULL)
		return take_environment(plan, err);
	if (aws_env("AWS_WEB_IDENTITY_TOKEN_FILE") != NULL)
		return take_web_environment(plan, err);
	if (named && !aws_profile_exists(profiles, profile))
		return err_set(err, ERR_REFUSED, "profile \"%.60s\" (AWS_PROFILE) is in neither ~/.aws/config nor "
		               "~/.aws/credentials: correct or unset AWS_PROFILE", profile);
	if (is_source(profiles, profile))
		return take_profile(plan, profiles, profile, err);
	if (take_container(plan))
		return true;
	plan->base = AWS_BASE_METADATA;
	plan->source = "the instance's metadata";
	return !aws_metadata_disabled() ||
	       err_set(err, ERR_REFUSED, "no AWS credentials: none in the environment, profile \"%.40s\" or "
	               "container, and AWS_EC2_METADATA_DISABLED is set; set AWS_ACCESS_KEY_ID and "
	               "AWS_SECRET_ACCESS_KEY, or use a role", profile);
}
