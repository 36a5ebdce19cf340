/*
 * main.c - the command line. `tocsin run` is the daemon (run.c); the rest answers and ends.
 *
 * Exit status everywhere: 0 well, 1 it failed, 2 wrong usage or invalid configuration.
 */
#include <math.h>

#include "adapters/aws/iam.h"
#include "adapters/slack/slack.h"
#include "bot/budget.h"
#include "bot/config.h"
#include "bot/config_types.h"
#include "bot/detect_csv.h"
#include "bot/findings_csv.h"
#include "bot/flow.h"
#include "bot/mem.h"
#include "bot/run.h"
#include "bot/str.h"
#include "commands/command.h"

#define OUTPUT_MAX (1u << 20)

struct arguments {
	const char *config;
	const char *region;
	bool live;
	bool json_log;
};

static const char usage[] =
	"usage: tocsin run --config FILE [--log-format text|json]\n"
	"       tocsin check --config FILE [--live] is the configuration right? live: do the remote systems agree?\n"
	"       tocsin manifest [--config FILE]     the Slack app manifest (JSON)\n"
	"       tocsin iam [--config FILE]          the least IAM policy (JSON)\n"
	"       tocsin import dashboard NAME [--config FILE] [--region REGION]\n"
	"                                           the configuration for a dashboard of CloudWatch (YAML)\n"
	"       tocsin steps                        what tocsin does, step by step\n"
	DETECT_CSV_USAGE
	FINDINGS_CSV_USAGE
	"       tocsin version\n";

static int wrong_usage(const char *what, const char *detail)
{
	(void)fprintf(stderr, "tocsin: %s%s\n%s", what, detail, usage);
	return 2;
}

/* The options from argv[first] on. 0, or the exit status after having said what is wrong. */
static int parse(int argc, char **argv, int first, struct arguments *arguments)
{
	for (int i = first; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--live") == 0) {
			arguments->live = true;
		} else if (strcmp(argv[i], "--config") == 0 && has_value) {
			arguments->config = argv[++i];
		} else if (strcmp(argv[i], "--region") == 0 && has_value) {
			arguments->region = argv[++i];
		} else if (strcmp(argv[i], "--log-format") == 0 && has_value) {
			i++;
			if (strcmp(argv[i], "json") != 0 && strcmp(argv[i], "text") != 0)
				return wrong_usage("--log-format is text or json, not ", argv[i]);
			arguments->json_log = strcmp(argv[i], "json") == 0;
		} else {
			return wrong_usage("unknown or incomplete option ", argv[i]);
		}
	}
	return 0;
}

static int run_command(const struct arguments *arguments)
{
	if (arguments->config == NULL)
		return wrong_usage("run needs --config FILE", "");
	return run(arguments->config, arguments->json_log ? LOG_JSON : LOG_TEXT);
}

/* What is right, and perhaps not meant. */
static void print_notes(const struct config *config)
{
	const struct budget_tokens none = { 0 };

	if (config->bedrock.model != NULL && isnan(budget_price(config, &none)))
		(void)printf("note: bedrock.prices has no %s: its tokens are counted, its cost is not known, and no "
		             "ceiling can hold\n", config->bedrock.model);
}

static int check_command(const struct arguments *arguments)
{
	struct config *config;
	struct str problems;
	int status = 0;

	if (arguments->config == NULL)
		return wrong_usage("check needs --config FILE", "");
	str_init(&problems, OUTPUT_MAX);
	config = config_load(arguments->config, &problems);
	if (config == NULL) {
		(void)fprintf(stderr, "%s", problems.text);
		status = 2;
	} else {
		(void)printf("%s is valid\n", arguments->config);
		print_notes(config);
	}
	str_free(&problems);
	if (config != NULL && arguments->live)
		return run_live_check(config);
	config_free(config);
	return status;
}

static int manifest_command(void)
{
	struct slack_manifest_command list[64];
	size_t count = 0;
	char *json;

	list[count++] = (struct slack_manifest_command){
		.word = "tocsin",
		.description = "Alarms, incidents and diagnosis: ask for help",
		.usage_hint = "[help|ping|RUNBOOK INSTANCE]",
	};
	for (const struct command *const *c = commands; *c != NULL; c++)
		if ((*c)->own_slash)
			list[count++] = (struct slack_manifest_command){
				.word = (*c)->name,
				.description = (*c)->summary,
				.usage_hint = (*c)->usage,
			};
	json = slack_manifest(list, count);
	(void)printf("%s\n", json);
	free(json);
	return 0;
}

/* NULL in *config: none was named. False: it is wrong, which has been said. */
static bool load_if_named(const struct arguments *arguments, struct config **config)
{
	struct str problems;

	*config = NULL;
	if (arguments->config == NULL)
		return true;
	str_init(&problems, OUTPUT_MAX);
	*config = config_load(arguments->config, &problems);
	(void)fprintf(stderr, "%s", problems.text);
	str_free(&problems);
	return *config != NULL;
}

static int iam_command(const struct arguments *arguments)
{
	struct config *config;
	char *json;

	if (!load_if_named(arguments, &config))
		return 2;
	json = iam_policy(config);
	(void)printf("%s\n", json);
	free(json);
	config_free(config);
	return 0;
}

static int import_command(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	struct config *config;
	int status;

	if (argc < 4 || strcmp(argv[2], "dashboard") != 0 || argv[3][0] == '-' || argv[3][0] == '\0')
		return wrong_usage("import needs what and which: import dashboard NAME", "");
	status = parse(argc, argv, 4, &arguments);
	if (status != 0)
		return status;
	if (arguments.live || arguments.json_log)
		return wrong_usage("import takes --config and --region", "");
	if (arguments.region != NULL && !config_is_region(arguments.region))
		return wrong_usage("--region is a region code like us-east-1, not ", arguments.region);
	if (!load_if_named(&arguments, &config))
		return 2;
	return run_import(config != NULL ? config : mem_alloc(sizeof(*config)), argv[3], arguments.region);
}

static int steps_command(void)
{
	struct str out;

	str_init(&out, OUTPUT_MAX);
	flow_print_plans(all_plans(), &out);
	(void)printf("%s", out.text);
	str_free(&out);
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	const char *command = argc > 1 ? argv[1] : "";
	int status;

	if (strcmp(command, "--help") == 0 || strcmp(command, "help") == 0) {
		(void)printf("%s", usage);
		return 0;
	}
	if (strcmp(command, "detect") == 0)
		return detect_csv(argc, argv);
	if (strcmp(command, "findings") == 0)
		return findings_csv(argc, argv);
	if (strcmp(command, "import") == 0)
		return import_command(argc, argv);
	status = parse(argc, argv, 2, &arguments);
	if (status != 0)
		return status;
	if (arguments.region != NULL)
		return wrong_usage("--region goes with import only, not with ", command);
	if (strcmp(command, "run") == 0)
		return run_command(&arguments);
	if (strcmp(command, "check") == 0)
		return check_command(&arguments);
	if (strcmp(command, "manifest") == 0)
		return manifest_command();
	if (strcmp(command, "iam") == 0)
		return iam_command(&arguments);
	if (strcmp(command, "steps") == 0)
		return steps_command();
	if (strcmp(command, "version") == 0) {
		(void)printf("tocsin %s\n", TOCSIN_VERSION);
		return 0;
	}
	return wrong_usage(*command == '\0' ? "which command?" : "unknown command ", command);
}
