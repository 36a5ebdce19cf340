#include "adapters/aws/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bot/mem.h"
#include "bot/str.h"

#define MAX_FILE (1u << 20)

struct aws_profiles {
	struct aws_ini *config, *credentials;
};

static struct aws_profiles *present; /* NULL: to be read */

const char *aws_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[strspn(value, " \t\r\n")] != '\0' ? value : NULL;
}

const char *aws_profile_name(void)
{
	const char *name = aws_env("AWS_PROFILE");

	if (name == NULL)
		name = aws_env("AWS_DEFAULT_PROFILE");
	return name == NULL ? "default" : name;
}

/* --- files --- */

/* "~" and "~/" are the home directory; free() it. */
static char *expand(const char *path)
{
	const char *home = getenv("HOME");
	struct str s;

	if (*path != '~' || (path[1] != '/' && path[1] != '\0') || home == NULL)
		return mem_copy_string(path);
	str_init(&s, 4096);
	str_addf(&s, "%s%s", home, path + 1);
	return str_take(&s);
}

static char *read_all(int fd, size_t *length)
{
	char *text = mem_alloc(MAX_FILE + 1);
	ssize_t got;

	*length = 0;
	while (*length < MAX_FILE && (got = read(fd, text + *length, MAX_FILE - *length)) > 0)
		*length += (size_t)got;
	return text;
}

static struct aws_ini *load_file(const char *variable, const char *usual, struct err *err)
{
	const char *set = aws_env(variable);
	char *path = expand(set != NULL ? set : usual), *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold up the loop */
	struct aws_ini *ini = NULL;
	enum err_kind kind;
	struct stat about;
	size_t length;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		ini = aws_ini_parse("", 0, path, err);
	} else if (fd < 0) {
		kind = err_kind_of_errno(errno, ERR_USAGE);
		(void)err_set(err, kind, "%.120s cannot be read: %s%s", path, strerror(errno),
		              kind == ERR_USAGE ? "; correct its permissions" : "");
	} else if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
		if (S_ISCHR(about.st_mode)) /* /dev/null switches a file off */
			ini = aws_ini_parse("", 0, path, err);
		else
			(void)err_set(err, ERR_USAGE, "%.120s is not a file", path);
	} else {
		text = read_all(fd, &length);
		ini = aws_ini_parse(text, length, path, err);
		explicit_bzero(text, length);
		free(text);
	}
	if (fd >= 0)
		(void)close(fd);
	free(path);
	return ini;
}

struct aws_profiles *aws_profiles_load(struct err *err)
{
	struct aws_profiles *profiles = mem_alloc(sizeof(*profiles));

	profiles->config = load_file("AWS_CONFIG_FILE", "~/.aws/config", err);
	if (profiles->config != NULL)
		profiles->credentials = load_file("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", err);
	if (profiles->credentials != NULL)
		return profiles;
	aws_profiles_free(profiles);
	return NULL;
}

void aws_profiles_free(struct aws_profiles *profiles)
{
	if (profiles == NULL)
		return;
	aws_ini_free(profiles->config);
	aws_ini_free(profiles->credentials);
	free(profiles);
}

void aws_profiles_reload(void)
{
	aws_profiles_free(present);
	present = NULL;
}

const struct aws_profiles *aws_profiles(struct err *err)
{
	if (present == NULL)
		present = aws_profiles_load(err);
	return present;
}

/* --- questions --- */

/* In the config file a profile's section is "profile NAME", the name perhaps in quotes, except
 * "default", which may stand alone. */
static const char *section_get(const struct aws_ini *ini, const char *kind, const char *name, const char *key,
                               const char *nested)
{
	static const char *const quotes[] = { "", "\"", "'" };
	const char *found = NULL;
	char section[300];

	for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]) && found == NULL; i++)
		if (snprintf(section, sizeof(section), "%s %s%s%s", kind, quotes[i], name, quotes[i]) <
		    (int)sizeof(section))
			found = aws_ini_get(ini, section, key, nested);
	return found;
}

static const char *config_get(const struct aws_profiles *profiles, const char *profile, const char *key)
{
	const char *value = section_get(profiles->config, "profile", profile, key, NULL);

	return value == NULL && strcmp(profile, "default") == 0 ? aws_ini_get(profiles->config, profile, key, NULL) :
	                                                          value;
}

bool aws_profile_exists(const struct aws_profiles *profiles, const char *profile)
{
	return aws_ini_has(profiles->credentials, profile) || config_get(profiles, profile, "") != NULL;
}

const char *aws_profile_get(const struct aws_profiles *profiles, const char *profile, const char *key)
{
	const char *value = aws_ini_get(profiles->credentials, profile, key, NULL);

	if (value == NULL || *value == '\0')
		value = config_get(profiles, profile, key);
	return value != NULL && *value != '\0' ? value : NULL;
}

const char *aws_profile_service(const struct aws_profiles *profiles, const char *services, const char *service,
                                const char *key)
{
	return section_get(profiles->config, "services", services, service, key);
}
