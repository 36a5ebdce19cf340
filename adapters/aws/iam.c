#include "adapters/aws/iam.h"

#include <string.h>

#include "bot/arn.h"
#include "bot/config.h"
#include "bot/json.h"
#include "bot/mem.h"

/* Of AWS's own documents, which have no account in their ARN. */
static const char *const documents[] = { "AWS-RunShellScript", "AWS-RunPowerShellScript" };

static struct json_object *strings(const char *const *list)
{
	struct json_object *array = json_new_array();

	for (; *list != NULL; list++)
		json_append_string(array, *list);
	return array;
}

static void add_statement(struct json_object *statements, const char *sid, const char *const *actions,
                          struct json_object *resources)
{
	struct json_object *statement = json_new_object();

	json_put_string(statement, "Sid", sid);
	json_put_string(statement, "Effect", "Allow");
	json_put(statement, "Action", strings(actions));
	json_put(statement, "Resource", resources);
	json_append(statements, statement);
}

static const char *partition(const char *region)
{
	const struct partition *found = region == NULL ? NULL : partition_of_region(region);

	return found == NULL ? "aws" : found->id;
}

/* Commands go to the two documents only, and to instances and on-premises machines. */
static struct json_object *send_resources(struct mem *mem, const char *partition_id)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		json_append_string(resources, mem_printf(mem, "arn:%s:ssm:*::document/%s", partition_id, documents[i]));
	json_append_string(resources, mem_printf(mem, "arn:%s:ec2:*:*:instance/*", partition_id));
	json_append_string(resources, mem_printf(mem, "arn:%s:ssm:*:*:managed-instance/*", partition_id));
	return resources;
}

static struct json_object *everything(void)
{
	return strings((const char *const[]){ "*", NULL });
}

static struct json_object *roles(const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->aws.account_count; i++)
		if (config->aws.accounts[i].role_arn != NULL)
			json_append_string(resources, config->aws.accounts[i].role_arn);
	return resources;
}

static void add_roles(struct json_object *statements, const struct config *config)
{
	struct json_object *resources = roles(config);

	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "OtherAccounts", (const char *const[]){ "sts:AssumeRole", NULL }, resources);
}

static bool is_first_with_table(const struct config *config, size_t dashboard)
{
	const char *table = config->dashboards.items[dashboard].metrics_table;

	for (size_t i = 0; table != NULL && i < dashboard; i++) {
		const char *other = config->dashboards.items[i].metrics_table;
		if (other != NULL && strcmp(other, table) == 0)
			return false;
	}
	return table != NULL;
}

/* Of our own account, whose id no configuration says. */
static void add_tables(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->dashboards.count; i++) {
		const char *table = config->dashboards.items[i].metrics_table;
		const char *region = config->aws.region;
		if (is_first_with_table(config, i))
			json_append_string(resources, mem_printf(mem, "arn:%s:dynamodb:%s:*:table/%s",
			                                         partition(region), region, table));
	}
	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "Definitions", (const char *const[]){ "dynamodb:Scan", NULL }, resources);
}

/* "https://aps-workspaces.REGION.amazonaws.com/workspaces/ID/" to ID; NULL: another host speaks for it. */
static char *workspace_of(struct mem *mem, const char *url)
{
	const char *at = strstr(url, "/workspaces/");

	if (at == NULL)
		return NULL;
	at += strlen("/workspaces/");
	return mem_printf(mem, "%.*s", (int)strcspn(at, "/"), at);
}

/* Amazon Managed Prometheus. */
static void add_workspaces(struct mem *mem, struct json_object *statements, const struct config *config)
{
	struct json_object *resources = json_new_array();

	for (size_t i = 0; config != NULL && i < config->prometheus.count; i++) {
		const struct config_prometheus *source = &config->prometheus.items[i];
		const char *id = workspace_of(mem, source->url);
		if (source->region == NULL)
			continue;
		json_append_string(resources, mem_printf(mem, "arn:%s:aps:%s:*:workspace/%s", partition(source->region),
		                                         source->region, id == NULL ? "*" : id));
	}
	if (json_count(resources) == 0)
		json_free(resources);
	else
		add_statement(statements, "Prometheus", (const char *const[]){ "aps:QueryMetrics", NULL }, resources);
}

char *iam_policy(const struct config *config)
{
	struct json_object *policy = json_new_object(), *statements = json_new_array();
	struct mem mem = { 0 };
	char *text;

	add_statement(statements, "Diagnose", (const char *const[]){ "ssm:SendCommand", NULL },
	              send_resources(&mem, partition(config == NULL ? NULL : config->aws.region)));
	/* These know no resources. */
	add_statement(statements, "Look", (const char *const[]){
		"ssm:CancelCommand", "ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation", "ssm:ListCommands",
		"ec2:DescribeInstances", "cloudwatch:GetMetricData", NULL }, everything());
	add_tables(&mem, statements, config);
	add_workspaces(&mem, statements, config);
	if (config != NULL && config->mail.topic != NULL)
		add_statement(statements, "Mail", (const char *const[]){ "sns:Publish", NULL },
		              strings((const char *const[]){ config->mail.topic, NULL }));
	add_roles(statements, config);
	json_put_string(policy, "Version", "2012-10-17");
	json_put(policy, "Statement", statements);
	text = mem_copy_string(json_print_pretty(policy));
	json_free(policy);
	mem_free_all(&mem);
	return text;
}
