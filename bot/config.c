/* config.c - from the file to struct config, and what is derived when all of it is known. */
#include "bot/config.h"

#include <errno.h>

#include "bot/arn.h"
#include "bot/config_problems.h"
#include "bot/config_read.h"
#include "bot/config_store.h"
#include "bot/config_types.h"
#include "bot/config_value.h"
#include "bot/config_yaml.h"
#include "bot/mem.h"
#include "bot/metric.h"
#include "bot/str.h"

/* Not resolved further: a link that is switched to a new file must stay a link. */
static char *absolute_path(const char *path)
{
	struct mem mem = { 0 };
	char *directory = NULL, *absolute;

	if (path[0] != '/')
		directory = getcwd(NULL, 0);
	absolute = mem_copy_string(directory == NULL ? path : mem_printf(&mem, "%s/%s", directory, path));
	mem_free_all(&mem);
	free(directory);
	return absolute;
}

static char *directory_of(const char *absolute)
{
	const char *slash = strrchr(absolute, '/');

	return slash == NULL || slash == absolute ? mem_copy_string("/")
	                                          : mem_copy_bytes(absolute, (size_t)(slash - absolute));
}

static bool has_role(const struct config_runbook *from, const char *role)
{
	for (size_t i = 0; i < from->roles.count; i++)
		if (strcmp(from->roles.items[i], role) == 0)
			return true;
	return false;
}

/* The form that the built-in runbooks have. Its strings stay those of the configuration. */
static void derive_runbook(struct config_runbook *from)
{
	for (size_t i = 0; i < from->argument_count; i++)
		from->runbook_arguments[i] = (struct runbook_argument){
			from->arguments[i].name, from->arguments[i].type, from->arguments[i].optional };
	from->triggers[0] = (struct runbook_trigger){
		.metric = from->metric, .alarm = from->alarm, .namespace_ = from->namespace_,
		.from = from->from, .to = from->to };
	from->runbook = (struct runbook){
		.name = from->name,
		.summary = from->summary != NULL ? from->summary : "from the configuration",
		.linux_script = from->linux_script,
		.windows_script = from->windows_script,
		.timeout_ms = from->timeout_ms,
		.triggers = from->triggers,
		.changes = from->changes,
		.automatic = from->automatic,
		.for_operator = has_role(from, "operator"),
		.for_approver = has_role(from, "approver"),
		.arguments = from->runbook_arguments,
	};
}

/* The default of `stat` is for what is read as it is. */
static void derive_metric(struct metric *metric)
{
	if (metric->namespace_ == NULL)
		mem_set_string(&metric->stat, NULL);
}

static void set_default(char **slot, const char *fallback)
{
	if (*slot == NULL)
		*slot = mem_copy_string(fallback);
}

static void derive_dashboard(const struct config *config, struct config_dashboard *dashboard)
{
	set_default(&dashboard->timezone, config->summary.timezone);
	set_default(&dashboard->channel, config->summary.channel);
	for (size_t i = 0; i < dashboard->metric_count; i++)
		derive_metric(&dashboard->metrics[i]);
}

/* What the rest of the program needs and no single key says. */
static void derive(struct config *config)
{
	struct arn topic;

	(void)config_split_listen(config->http.listen, &config->http.address, &config->http.port);
	config->slack.loopback = config_url_is_loopback(config->slack.api_url);
	if (config->aws.region == NULL && arn_split(config->sns.topics.items[0], &topic))
		config->aws.region = mem_copy_string(topic.region);
	for (size_t i = 0; i < config->runbooks.count; i++)
		derive_runbook(&config->runbooks.items[i]);
	set_default(&config->summary.channel, config->slack.channel);
	for (size_t i = 0; i < config->dashboards.count; i++)
		derive_dashboard(config, &config->dashboards.items[i]);
}

struct config *config_parse(const char *text, size_t length, const char *path, bool sealed,
                            struct str *problems)
{
	struct config *config = mem_alloc(sizeof(*config));
	struct config_node *root;
	struct config_problems found;
	char *directory;

	config->path = absolute_path(path);
	directory = directory_of(config->path);
	config_problems_init(&found, path);
	if (config_yaml_read(text, length, &found, &root))
		config_read(root, &(struct config_source){ directory, sealed }, &found, config);
	config_yaml_free(root);
	free(directory);

	if (found.count == 0) {
		derive(config);
	} else {
		config_problems_print(&found, problems);
		config_free(config);
		config = NULL;
	}
	config_problems_free(&found);
	return config;
}

struct config *config_load(const char *path, struct str *problems)
{
	struct err err;
	size_t length;
	char *text = config_read_file(path, CONFIG_YAML_SIZE, false, &length, &err);
	struct config *config;

	if (text == NULL) {
		str_addf(problems, "%s: the configuration %s; name another file with --config\n", path, err.text);
		return NULL;
	}
	config = config_parse(text, length, path, false, problems);
	explicit_bzero(text, length);
	free(text);
	return config;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	config_store_free(config);
	free(config->http.address);
	free(config->path);
	free(config);
}

bool config_needs_restart(const struct config *old, const struct config *now, struct str *keys)
{
	size_t before = keys->length;

	config_store_compare(old, now, keys);
	return keys->length > before;
}

bool config_has_schedule(const struct config *config)
{
	bool any = config->summary.schedule != NULL || config->summary.weekly != NULL;

	for (size_t i = 0; i < config->dashboards.count; i++)
		any = any || config->dashboards.items[i].schedule != NULL;
	return any;
}

const char *config_account_name(const struct config *config, const char *account)
{
	for (size_t i = 0; i < config->aws.account_count; i++)
		if (strcmp(config->aws.accounts[i].id, account) == 0 && config->aws.accounts[i].name != NULL)
			return config->aws.accounts[i].name;
	return account;
}
