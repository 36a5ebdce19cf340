/*
 * profile.h - the shared files of AWS tools: ~/.aws/config and ~/.aws/credentials.
 *
 * Names and order of the environment (botocore's): AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE;
 * the profile by AWS_PROFILE, AWS_DEFAULT_PROFILE, else "default". A file that is not there is empty.
 * Where both files have a profile's key, the credentials file wins.
 *
 * Syntax: "[section]", "key = value" or "key: value", lines of # or ; and what follows " #" or " ;"
 * are comments; an indented line after a key without value is a nested "key = value", after
 * another key it continues the value. Keys are lower-cased. A value in double quotes loses them.
 * A line that is none of this makes the file an error: half a file could mean other credentials.
 */
#ifndef ADAPTERS_AWS_PROFILE_H
#define ADAPTERS_AWS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "bot/err.h"

/* An environment variable that is set and not blank, else NULL. Borrowed from the environment. */
const char *aws_env(const char *name);

/* One file. Sections are named as written, without the brackets and the space inside them. */
struct aws_ini;
struct aws_ini *aws_ini_parse(const char *text, size_t length, const char *name, struct err *err) MUST_CHECK;
void aws_ini_free(struct aws_ini *ini);
bool aws_ini_has(const struct aws_ini *ini, const char *section);
/* nested: NULL for a plain key; of equal keys the last wins. NULL when absent; borrowed. */
const char *aws_ini_get(const struct aws_ini *ini, const char *section, const char *key, const char *nested);

/* Both files together. */
struct aws_profiles;
struct aws_profiles *aws_profiles_load(struct err *err) MUST_CHECK; /* ERR_USAGE: a file is unreadable */
void aws_profiles_free(struct aws_profiles *profiles);
bool aws_profile_exists(const struct aws_profiles *profiles, const char *profile);
/* NULL: absent or empty. */
const char *aws_profile_get(const struct aws_profiles *profiles, const char *profile, const char *key);
/* In "[services NAME]": key within the nested block `service`. */
const char *aws_profile_service(const struct aws_profiles *profiles, const char *services, const char *service,
                                const char *key);
const char *aws_profile_name(void);

/*
 * The files as they were when last read: at the first question after the start or aws_profiles_reload.
 * NULL and why when they cannot be used: they are read again at the next question, so that mending them is
 * enough. Valid until the next reload.
 */
const struct aws_profiles *aws_profiles(struct err *err);
void aws_profiles_reload(void);

#endif
